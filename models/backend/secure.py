"""SecureStart: the server's end of a connection until its TLS handshake is over (net/http/server.go, conn.serve)."""

from typing import Any

SERVER_FLIGHT_BYTES = 4_000
"""Hello, certificate, signature and Finished: less than the first window."""


class SecureStart:
    """Stands before a server's connection: it reads flights of a handshake, and passes on the ends of connections."""

    __slots__ = ("conn",)

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        conn.end.app = self

    def received(self, flight: Any) -> None:
        """A flight has arrived; a program that runs reads it."""
        server = self.conn.server
        if server.is_paused:
            server.later(self.received, flight)
        else:
            server.engine.call_at(server.take_tls_cpu(flight.take_server_cpu()), self._answer, flight)

    def _answer(self, flight: Any) -> None:
        server = self.conn.server
        if server.is_paused:
            server.later(self._answer, flight)
        elif self.conn.is_open:
            self.conn.end.send(flight, SERVER_FLIGHT_BYTES)

    def finish(self) -> None:
        """From now on the connection reads requests."""
        self.conn.end.app = self.conn

    def peer_closed(self) -> None:
        """The client's FIN."""
        self.conn.peer_closed()

    def was_reset(self) -> None:
        """The client's RST."""
        self.conn.was_reset()

    def timed_out(self) -> None:
        """The client acknowledges nothing."""
        self.conn.timed_out()
