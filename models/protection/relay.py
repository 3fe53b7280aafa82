"""Relay: a backend that asks another service before it answers, through a Transport of its own: a layer of a chain."""

from collections.abc import Callable
from typing import Any

from models.backend.config import ServiceConfig
from models.protection import verdict
from models.protection.admission import Door, GuardedServer
from models.request import FAR_AWAY, Request
from models.status import BAD_GATEWAY, GATEWAY_TIMEOUT, OK
from sim.engine.agenda import Agenda
from sim.records.levels import Levels


class Ask:
    """A question under way, which can be given up."""

    __slots__ = ("cancel",)

    def __init__(self, cancel: Callable[[], object]) -> None:
        self.cancel = cancel


Send = Callable[[int, Callable[[Request], object]], Ask]
"""Asks the other service, until an instant; what it is given is called with the last request when the answer is there.
"""


class RelayServer(GuardedServer):
    """A server whose handlers ask elsewhere when their own work is done."""

    __slots__ = ("_asked", "ends_at", "send")

    def __init__(  # parameters: those of a server, and its door
        self, engine: Agenda, config: ServiceConfig, levels: Levels, index: int, *, door: Door
    ) -> None:
        self._asked: dict[Request, Ask] = {}
        self.send: Send | None = None
        """How it asks; there before the first request comes."""
        self.ends_at: Callable[[Request], int] = _never
        """When the caller of a request gives up, where that goes along."""
        super().__init__(engine, config, levels, index, door=door)

    def _start(self, conn: Any, request: Request) -> None:
        if self._is_late(request):
            if self.program is not None:
                self.program.busy(1)
                self.program.queued(self.waiting)
            self.engine.call_in(0, self._too_late, conn)
        else:
            super()._start(conn, request)

    def _is_late(self, request: Request) -> bool:
        return self.engine._now >= self.ends_at(request)

    def _too_late(self, conn: Any) -> None:
        if self.is_paused:
            self.later(self._too_late, conn)
            return
        self._answer(conn, conn.request, GATEWAY_TIMEOUT)

    def _finish(self, conn: Any) -> None:
        if self.is_paused:
            self.later(self._finish, conn)
        elif conn.request is not None:
            self._ask_elsewhere(conn, conn.request)

    def _worked(self, conn: Any, status: int) -> None:
        if status == OK:
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

        ends_at = self.ends_at(request)
        ask = self.send(ends_at, answered)
        if is_open:
            self._asked[request] = ask
            if ends_at < FAR_AWAY:
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
                status = GATEWAY_TIMEOUT if verdict.is_timeout(last) or self._is_late(request) else BAD_GATEWAY
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


def _never(_: Request) -> int:
    return FAR_AWAY
