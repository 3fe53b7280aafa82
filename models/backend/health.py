"""HealthCheck: SendPingTimeout and PingTimeout of an HTTP/2 connection (before Go 1.24 ReadIdleTimeout).

Source: internal/http2/transport.go, clientConnReadLoop.run, healthCheck, closeForLostPing.
"""

from collections.abc import Callable
from typing import Any

from models.backend.frame import Ping
from sim.engine.environment import Engine
from sim.engine.timers import Timer


class HealthCheck:
    """A PING when nothing was read for a while; `lost` is called when it is not answered."""

    __slots__ = ("_answer_by", "_engine", "_lost", "_ping_timeout", "_read_by", "_send", "_send_ping_timeout")

    def __init__(self, engine: Engine, send: Callable[[Any], object], lost: Callable[[], object]) -> None:
        self._engine, self._send, self._lost = engine, send, lost
        self._send_ping_timeout = self._ping_timeout = 0
        self._read_by, self._answer_by = Timer(engine, self._check), Timer(engine, self._expire)

    def start(self, send_ping_timeout: int, ping_timeout: int) -> None:
        """The connection is there."""
        self._send_ping_timeout, self._ping_timeout = send_ping_timeout, ping_timeout
        self.frame_read()

    def frame_read(self) -> None:
        """Any frame shows that the server lives; the answer to a PING is waited for all the same."""
        self._read_by.arm(self._engine._now + self._send_ping_timeout)

    def answered(self) -> None:
        """The PING was answered."""
        self._answer_by.cancel()

    def stop(self) -> None:
        """The connection is closed."""
        self._read_by.cancel()
        self._answer_by.cancel()

    def _check(self, _: Any) -> None:
        self._send(Ping(is_ack=False, checks_health=True))
        self._answer_by.arm(self._engine._now + self._ping_timeout)

    def _expire(self, _: Any) -> None:
        self._lost()
