"""Relay: a backend that asks another service before it answers, through a Transport of its own: a layer of a chain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.protection import verdict
from models.protection.admission import GuardedServer
from models.request import Request

STATUS_OK = 200
BAD_GATEWAY, GATEWAY_TIMEOUT = 502, 504


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayConfig:
    """Every request of a service, after its service time, waits for the answer of another service."""

    client: str
    """The client that asks: backend i is its instance number i, modulo their number. No workload may have it."""
    service: str
    """The service that is asked."""
    propagates_deadline: bool = False
    """Whether the time that the caller has left goes along: what comes after it is not begun, and what is under way
    then is given up (grpc-timeout, x-envoy-expected-rq-timeout-ms). The caller's own cancel goes along with
    `honours_cancel`."""


class Ask:
    """A question under way, which can be given up."""

    __slots__ = ("cancel",)

    def __init__(self, cancel: Callable[[], object]) -> None:
        self.cancel = cancel


Send = Callable[[Callable[[Request], object]], Ask]
"""Asks the other service; what it is given is called with the last request when the answer is there."""


class RelayServer(GuardedServer):
    """A server whose handlers ask elsewhere when their own work is done."""

    __slots__ = ("_asked", "ends_at", "send")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._asked: dict[Request, Ask] = {}
        self.send: Send | None = None
        """How it asks; there before the first request comes."""
        self.ends_at: Callable[[Request], int | None] | None = None
        """When the caller of a request gives up, where that goes along; None of one who never does."""
        super().__init__(*args, **kwargs)

    def _start(self, conn: Any, request: Request) -> None:
        if self._is_late(request):
            self.engine.call_in(0, self._too_late, conn)
        else:
            super()._start(conn, request)

    def _is_late(self, request: Request) -> bool:
        ends_at = None if self.ends_at is None else self.ends_at(request)
        return ends_at is not None and self.engine._now >= ends_at

    def _too_late(self, conn: Any) -> None:
        self._answer(conn, conn.request, GATEWAY_TIMEOUT)

    def _finish(self, conn: Any) -> None:
        if self.is_paused:
            self.later(self._finish, conn)
        elif conn.request is not None:
            self._ask_elsewhere(conn, conn.request)

    def _worked(self, conn: Any, status: int) -> None:
        if status == STATUS_OK:
            self._ask_elsewhere(conn, conn.request)
        else:
            super()._worked(conn, status)

    def _ask_elsewhere(self, conn: Any, request: Request) -> None:
        assert self.send is not None, "the world has said how"
        is_open = True

        def answered(last: Request) -> None:
            nonlocal is_open
            is_open = False
            if self._asked.pop(request, None) is not None or conn.request is request:
                self._relay(conn, request, last)

        ask = self.send(answered)
        if is_open:
            self._asked[request] = ask
            ends_at = None if self.ends_at is None else self.ends_at(request)
            if ends_at is not None:
                self.engine.call_at(max(ends_at, self.engine._now), self._expire, request)

    def _expire(self, request: Request) -> None:
        ask = self._asked.get(request)
        if ask is not None:
            ask.cancel()

    def _relay(self, conn: Any, request: Request, last: Request) -> None:
        """Pass on what came: the status, or what a gateway says of an error."""
        if self.is_paused:
            self.later(lambda _: self._relay(conn, request, last), None)
        elif conn.request is request:
            status = last.status
            if last.err:
                status = GATEWAY_TIMEOUT if verdict.is_timeout(last) else BAD_GATEWAY
            self._answer(conn, request, status)

    def _answer(self, conn: Any, request: Request | None, status: int) -> None:
        if request is not None and conn.request is request:
            self.leave_handler(request, status)
            self.reply(conn, request, status)

    def cancel(self, conn: Any) -> None:
        """Whoever asked has left: so does this one."""
        ask = self._asked.pop(conn.request, None)
        super().cancel(conn)
        if ask is not None:
            ask.cancel()

    def die(self) -> None:
        """Its questions end with it."""
        asked, self._asked = self._asked, {}
        super().die()
        for ask in asked.values():
            ask.cancel()
