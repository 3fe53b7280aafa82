"""Farewell: how a server ends an HTTP/2 connection in order: one GOAWAY, or one that announces it. Not why it does.

Sources: Go internal/http2/server.go, goAway, startGracefulShutdown; grpc-go internal/transport/http2_server.go,
outgoingGoAwayHandler; nginx ngx_http_v2.c, ngx_http_v2_send_goaway.
"""

from typing import Any, Final

from models.backend.frame import Code, GoAway, Ping
from sim.units import MS, SECOND

GO_AWAY_TIMEOUT: Final = 25 * MS
"""A server that has said GOAWAY, and has no streams left, leaves the closing to the client so long (goAwayTimeout)."""
ANNOUNCED_FOR: Final = 5 * SECOND
"""The second GOAWAY waits for the answer to a PING, but no longer (grpc-go; older releases 1 min)."""
DISOWNS_NOTHING: Final = (1 << 31) - 1


class Farewell:
    """The end of one connection. `conn` says what its last stream is, and closes."""

    __slots__ = ("_announces", "_conn", "_is_announced", "is_said")

    def __init__(self, conn: Any, *, announces: bool) -> None:
        self._conn, self._announces = conn, announces
        self._is_announced = False
        self.is_said = False
        """Whether later streams are lost: the last GOAWAY has been sent."""

    @property
    def has_begun(self) -> bool:
        """Whether any GOAWAY has been sent."""
        return self.is_said or self._is_announced

    def begin(self) -> None:
        """No new streams soon; the connection ends with the last one."""
        if not self._conn.is_open or self.has_begun:
            return
        if not self._announces:
            self.say(Code.NO_ERROR)
            return
        self._is_announced = True
        self._conn.send_frame(GoAway(DISOWNS_NOTHING, Code.NO_ERROR))
        self._conn.send_frame(Ping(is_ack=False, announces_end=True))
        self._conn.server.engine.call_in(ANNOUNCED_FOR, self.answered)

    def answered(self, _: Any = None) -> None:
        """The PING has come back, or has had its time: what the client sent before is here."""
        if self._conn.is_open and not self.is_said:
            self.say(Code.NO_ERROR)

    def say(self, code: Code) -> None:
        """GOAWAY: no new streams from now on."""
        conn = self._conn
        if self.is_said or not conn.is_open:
            return
        self.is_said = True
        conn.send_frame(GoAway(conn.last_stream_id, code))
        if not conn.streams:
            self.rests()

    def rests(self) -> None:
        """The last stream is over."""
        self._conn.server.engine.call_in(GO_AWAY_TIMEOUT, self._close_late)

    def _close_late(self, _: Any) -> None:
        if not self._conn.streams:
            self._conn.close()
