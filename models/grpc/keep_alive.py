"""KeepAlive: the PINGs of a gRPC client. Without a stream it sleeps, unless it is told to go on.

Source: grpc-go internal/transport/http2_client.go, keepalive; gRPC A8.
"""

from collections.abc import Callable
from typing import Any

from models.backend.frame import Ping
from sim.engine.timers import Timer


class KeepAlive:
    """Those of one connection. `conn` says whether it has streams; `lost` is called when a PING is not answered."""

    __slots__ = ("_answer_by", "_conn", "_engine", "_is_asleep", "_lost", "_read_by", "_time", "_timeout", "_without")

    def __init__(self, conn: Any, time: int, timeout: int, lost: Callable[[], object]) -> None:
        self._conn, self._engine = conn, conn.http2.engine
        self._time, self._timeout, self._lost = time, timeout, lost
        self._without = conn.http2.grpc.keepalive_without_stream
        self._is_asleep = False
        self._read_by, self._answer_by = Timer(self._engine, self._check), Timer(self._engine, self._expire)
        self.frame_read()

    def frame_read(self) -> None:
        """Any frame shows that the server lives, the answer to a PING among them."""
        self._answer_by.cancel()
        if not self._is_asleep:
            self._read_by.arm(self._engine._now + self._time)

    def stream_begins(self) -> None:
        """Who slept asks at once: the connection may have gone meanwhile."""
        if self._is_asleep:
            self._is_asleep = False
            self._ping()

    def stop(self) -> None:
        """The connection is closed."""
        self._read_by.cancel()
        self._answer_by.cancel()

    def _check(self, _: Any) -> None:
        if not self._conn.streams and not self._without:
            self._is_asleep = True
        else:
            self._ping()

    def _ping(self) -> None:
        self._conn.send_frame(Ping(is_ack=False, checks_health=True))
        self._read_by.arm(self._engine._now + self._time)
        if self._answer_by.deadline > self._engine._now + self._timeout:
            self._answer_by.arm(self._engine._now + self._timeout)

    def _expire(self, _: Any) -> None:
        self._lost()
