"""Deadlines: Client.Timeout, the caller's own, ResponseHeaderTimeout: when they end what. Not what ends with it.

Sources: net/http/client.go, Client.deadline, setRequestCancel, timeBeforeContextDeadline;
net/http/transport.go, persistConn.roundTrip (respHeaderTimer).
"""

from collections.abc import Callable
from typing import Any

from models.request import Read, Request
from models.transport.config import ClientConfig
from models.transport.errors import AWAITING_HEADERS, DEADLINE_EXCEEDED, READING_BODY, RESPONSE_HEADER_TIMEOUT
from sim.engine.agenda import Agenda
from sim.engine.timers import TimeoutQueue

Leave = Callable[[Request, str], object]
"""The caller leaves with an error."""


class HeaderWait:
    """An attempt waits for its headers; `done` follows its request."""

    __slots__ = ("attempt", "request")

    def __init__(self, request: Request) -> None:
        self.request, self.attempt = request, request.attempts

    @property
    def done(self) -> bool:
        """Whether the caller waits no more."""
        return self.request.done


class Deadlines:
    """Client.Timeout and the caller's own both run from Do to the end of the body; the earlier one counts."""

    def __init__(self, engine: Agenda, config: ClientConfig, leave: Leave) -> None:
        self._engine, self._leave = engine, leave
        self._client_timeout = max(config.timeout, 0)
        self.has_client_timeout = config.timeout > 0
        self._client: TimeoutQueue[Request] = TimeoutQueue(engine, self._client_timeout, self._client_expired)
        self._own: dict[int, TimeoutQueue[Request]] = {}
        headers_in = self._headers_in = config.transport.response_header_timeout
        self.headers = _queue(engine, headers_in, self.expire_headers, plus=config.overhead)
        """ResponseHeaderTimeout of requests that go out whole: they are written `overhead` after GotConn."""
        self.headers_after_body = _queue(engine, headers_in, self.expire_headers)
        """The same, of those whose body takes its time."""

    def watch(self, request: Request) -> None:
        """Do was called, with a deadline of either kind."""
        if not self._is_own(request):
            self._client.push(request)
            return
        deadline = request.exchange.deadline
        if deadline not in self._own:
            self._own[deadline] = TimeoutQueue(self._engine, deadline, self._own_expired)
        self._own[deadline].push(request)

    def ends_at(self, request: Request) -> int | None:
        """When the request's context ends, whether or not Do has returned; None if it never does."""
        after = request.exchange.deadline if self._is_own(request) else self._client_timeout
        return request.t_getconn + after if after else None

    def leaked(self, attempt: Any) -> None:
        """A body is neither read nor closed: the end of its context is what its connection waits for now."""
        ends_at = self.ends_at(attempt.request)
        if ends_at is not None:
            self._engine.call_at(max(ends_at, self._engine._now), attempt.expire)

    def ends_with_body(self, request: Request) -> bool:
        """Whether closing the body ends the context: Client.Timeout's, which is cancelled then (cancelTimerBody)."""
        is_closed = request.exchange.read not in (Read.NOCLOSE, Read.NONE)
        return self.has_client_timeout and is_closed and not self._is_own(request)

    def _is_own(self, request: Request) -> bool:
        own = request.exchange.deadline
        return bool(own) and (not self._client_timeout or own <= self._client_timeout)

    def _client_expired(self, request: Request) -> None:
        self._leave(request, READING_BODY if request.has_headers(self._engine._now) else AWAITING_HEADERS)

    def _own_expired(self, request: Request) -> None:
        self._leave(request, DEADLINE_EXCEEDED)

    def expire_headers(self, wait: HeaderWait) -> None:
        """ResponseHeaderTimeout."""
        request = wait.request
        is_same = not request.done and request.attempts == wait.attempt
        if not is_same or request.has_headers(self._engine._now):  # a 1xx does not stop it
            return
        due = request.t_wrote + self._headers_in
        if due > self._engine._now:  # it had to wait for a processor
            self._engine.call_at(due, self.expire_headers, wait)
        else:
            self._leave(request, RESPONSE_HEADER_TIMEOUT)


def _queue(engine: Agenda, delay: int, expire: Callable[[Any], object], plus: int = 0) -> TimeoutQueue[Any] | None:
    return TimeoutQueue(engine, delay + plus, expire) if delay > 0 else None
