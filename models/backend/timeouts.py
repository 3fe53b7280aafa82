"""Timeouts: the clocks of Go's http.Server on a connection. Not what a handler does with its time.

Sources: net/http/server.go, Server.readHeaderTimeout, Server.idleTimeout, conn.readRequest, conn.serve.
"""

from typing import Any

from models.backend.config import ServiceConfig
from sim.engine.agenda import Agenda
from sim.engine.timers import TimeoutQueue


class Wait:
    """A server waits for bytes on a connection; `done` when they came, or the connection is gone."""

    __slots__ = ("conn",)

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        conn.wait = self

    @property
    def done(self) -> bool:
        """Whether the wait is over."""
        return self.conn.wait is not self or not self.conn.is_open


class Timeouts:
    """Those of a TLS handshake, of a first request's headers, of a request's body, and of the time between requests."""

    def __init__(self, engine: Agenda, config: ServiceConfig) -> None:
        self._engine = engine
        self._read = config.read_timeout
        headers = config.read_header_timeout or config.read_timeout
        idle = config.idle_timeout or config.read_timeout
        any_of = [
            timeout for timeout in (config.read_header_timeout, config.read_timeout, config.write_timeout) if timeout
        ]
        self.run_from_accept = bool(any_of)
        """Whether any of them begins with accept()."""
        self._handshakes: TimeoutQueue[Wait] | None = TimeoutQueue(engine, min(any_of), _expire) if any_of else None
        self._headers: TimeoutQueue[Wait] | None = TimeoutQueue(engine, headers, _expire) if headers else None
        self._idle: TimeoutQueue[Wait] | None = TimeoutQueue(engine, idle, _expire) if idle else None
        rest = 0 if config.http2 is None else config.http2.keepalive_timeout
        self._rest: TimeoutQueue[Wait] | None = TimeoutQueue(engine, rest, _expire) if rest else self._idle

    def shakes_hands(self, conn: Any) -> None:
        """The TLS handshake has to end: the shortest of three limits counts (Server.tlsHandshakeTimeout)."""
        if self._handshakes is not None:
            self._handshakes.push(Wait(conn))

    def accepted(self, conn: Any) -> None:
        """The first request has to come, from the accept or the end of the handshake: IdleTimeout does not run yet."""
        if self._headers is not None:
            self._headers.push(Wait(conn))

    def answered(self, conn: Any) -> None:
        """Idle from now on."""
        if self._idle is not None:
            self._idle.push(Wait(conn))

    def rests(self, conn: Any) -> None:
        """The same of a connection of HTTP/2 without streams."""
        if self._rest is not None:
            self._rest.push(Wait(conn))

    def headers_read(self, conn: Any, request: Any) -> None:
        """The body has to come until ReadTimeout, which runs from the accept for a connection's first request."""
        if self._read:
            began_at = conn.idle_since if conn.is_new else self._engine._now
            due = max(began_at + self._read, self._engine._now)
            self._engine.call_at(due, conn.body_expired, request)


def _expire(wait: Wait) -> None:
    wait.conn.expired(wait)
