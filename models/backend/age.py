"""Age: how old a server lets its connections become, so that clients choose anew. Not what is idle (timeouts.py).

Source: grpc-go internal/transport/http2_server.go, keepalive: MaxConnectionAge, getJitter; nginx keepalive_time.
"""

from collections.abc import Callable
from typing import Any

from models.backend.config import ServiceConfig
from sim.engine.agenda import Agenda

JITTER = 0.1
"""The age of each connection is drawn once, up to a tenth shorter or longer (grpc-go, getJitter)."""


class Age:
    """An HTTP/1.1 connection ends with the first answer after its age, an HTTP/2 one with GOAWAY at its age."""

    __slots__ = ("_age", "_engine", "_grace", "draw")

    def __init__(self, engine: Agenda, config: ServiceConfig) -> None:
        self._engine, self._age, self._grace = engine, config.max_connection_age, config.max_connection_age_grace
        self.draw: Callable[[], float] = float
        """Uniform numbers for the jitter."""

    def begins(self, conn: Any, instant: int) -> None:
        """A connection is accepted at `instant`."""
        conn.expires_at = instant + round(self._age * (1 - JITTER + 2 * JITTER * self.draw()))
        if self._grace:
            self._engine.call_at(conn.expires_at + self._grace, _end, conn)

    def goes_on(self, conn: Any, http2: Any) -> None:
        """It has become one of streams."""
        self._engine.call_at(max(conn.expires_at, self._engine._now), _retire, http2)


def _retire(http2: Any) -> None:
    if http2.server.is_paused:
        http2.server.later(_retire, http2)
    else:
        http2.shut_down()


def _end(conn: Any) -> None:
    """The grace is over, whatever is under way; a connection that is gone ignores it."""
    last = conn.successor or conn
    if last.server.is_paused:
        last.server.later(_end, conn)
    else:
        last.close()
