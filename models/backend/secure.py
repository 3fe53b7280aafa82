"""SecureStart: the server's end of a connection until TLS, or the tunnel of a proxy, is there."""

from typing import Any

SERVER_FLIGHT_BYTES = 4_000
"""Hello, certificate, signature and Finished: less than the first window."""


class Flight:
    """A message that comes before the first request: of a handshake, or a CONNECT."""

    __slots__ = ()

    def served_at(self, server: Any) -> int:
        """When the server, which has just read it, answers."""
        raise NotImplementedError


class SecureStart:
    """Stands before a server's connection: it reads flights of handshakes and CONNECTs, and passes on what it was told.

    A proxy's may be asked at once for what needs no tunnel.
    """

    __slots__ = ("conn",)

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        conn.end.app = self

    def received(self, flight: Any) -> None:
        """A flight has arrived; a program that runs reads it."""
        server = self.conn.server
        if not isinstance(flight, Flight):
            self.finish()
            self.conn.received(flight)
        elif server.is_paused:
            server.later(self.received, flight)
        else:
            server.engine.call_at(flight.served_at(server), self._answer, flight)

    def _answer(self, flight: Any) -> None:
        server = self.conn.server
        if server.is_paused:
            server.later(self._answer, flight)
        elif self.conn.is_open:
            self.conn.end.send(flight, SERVER_FLIGHT_BYTES)

    def finish(self) -> None:
        """From now on the connection reads requests."""
        self.conn.end.app = self.conn
        self.conn.is_secured()

    def peer_closed(self) -> None:
        """The client's FIN."""
        self.conn.peer_closed()

    def was_reset(self) -> None:
        """The client's RST."""
        self.conn.was_reset()

    def timed_out(self) -> None:
        """The client acknowledges nothing."""
        self.conn.timed_out()
