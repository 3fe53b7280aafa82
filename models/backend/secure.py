"""SecureStart: the server's end of a connection until TLS, or the tunnel of a proxy, is there."""

from typing import Any

SERVER_FLIGHT_BYTES = 4_000
"""Hello, certificate, signature and Finished: less than the first window."""
ALERT_BYTES = 24
"""A record of two bytes, encrypted (RFC 8446, 5.2 and 6)."""


class Flight:
    """A message that comes before the first request: of a handshake, or a CONNECT."""

    __slots__ = ()

    is_proof = False
    """Whether it is a client's certificate that comes last: requests follow it without waiting for an answer."""

    @property
    def answer_bytes(self) -> int:
        """Of what the server answers."""
        return SERVER_FLIGHT_BYTES

    @property
    def alert(self) -> str:
        """What the server says instead, before it closes; empty where it answers."""
        return ""

    def served_at(self, server: Any) -> int:
        """When the server, which has just read it, answers."""
        raise NotImplementedError


class Alert:
    """A fatal alert after the client's end of the handshake: what its next read returns."""

    __slots__ = ("err",)

    def __init__(self, err: str) -> None:
        self.err = err


class SecureStart:
    """Stands before a server's connection: it reads flights of handshakes and CONNECTs, and passes on what it was told.

    A proxy's may be asked at once for what needs no tunnel.
    """

    __slots__ = ("_unread", "awaits_proof", "conn")

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        self.awaits_proof = False
        """Whether the client is done, and its certificate is still to be judged (RFC 8446, 4.4.2)."""
        self._unread: list[Any] = []
        conn.end.app = self

    def received(self, flight: Any) -> None:
        """A flight has arrived; a program that runs reads it."""
        server = self.conn.server
        if not isinstance(flight, Flight):
            if self.awaits_proof:
                self._unread.append(flight)
                return
            self.finish()
            self.conn.received(flight)
        elif server.is_paused:
            server.later(self.received, flight)
        else:
            server.engine.call_at(flight.served_at(server), self._judged if flight.is_proof else self._answer, flight)

    def _answer(self, flight: Any) -> None:
        server = self.conn.server
        if server.is_paused:
            server.later(self._answer, flight)
        elif self.conn.is_open:
            self.conn.end.send(flight, flight.answer_bytes)
            if flight.alert:
                self.conn.close()

    def _judged(self, proof: Any) -> None:
        """The client's certificate is good, or the connection ends: with RST where a request lies unread behind it."""
        conn, unread = self.conn, self._unread
        if conn.server.is_paused:
            conn.server.later(self._judged, proof)
        elif not conn.is_open:
            unread.clear()
        elif proof.alert:
            conn.end.send(Alert(proof.alert), ALERT_BYTES)
            if unread:
                conn.reset()
            else:
                conn.close()
        else:
            self.finish()
            for message in unread:
                conn.received(message)

    def client_is_done(self) -> None:
        """The client's handshake is over: so is the server's, unless there is something to judge."""
        if not self.awaits_proof:
            self.finish()

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
