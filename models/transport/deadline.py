"""Deadlines: when the context of a request ends, by Client.Timeout or by the caller's own. Not what ends with it.

Sources: net/http/client.go, Client.deadline, setRequestCancel, timeBeforeContextDeadline.
"""

from collections.abc import Callable

from models.request import Request
from models.transport.errors import AWAITING_HEADERS, DEADLINE_EXCEEDED, READING_BODY
from sim.engine.environment import Engine
from sim.engine.timers import TimeoutQueue

Leave = Callable[[Request, str], object]
"""The caller leaves with an error."""


class Deadlines:
    """Both run from Do to the end of the body; the earlier one counts, the caller's own where they are equal."""

    def __init__(self, engine: Engine, client_timeout: int, leave: Leave) -> None:
        self._engine, self._client_timeout, self._leave = engine, max(client_timeout, 0), leave
        self._client: TimeoutQueue[Request] = TimeoutQueue(engine, self._client_timeout, self._client_expired)
        self._own: dict[int, TimeoutQueue[Request]] = {}

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

    def _is_own(self, request: Request) -> bool:
        own = request.exchange.deadline
        return bool(own) and (not self._client_timeout or own <= self._client_timeout)

    def _client_expired(self, request: Request) -> None:
        self._leave(request, READING_BODY if request.has_headers(self._engine._now) else AWAITING_HEADERS)

    def _own_expired(self, request: Request) -> None:
        self._leave(request, DEADLINE_EXCEEDED)
