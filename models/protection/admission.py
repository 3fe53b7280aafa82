"""Admission: a backend that guards itself: who may come in at all, and what becomes of those who waited too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from models.backend.config import ServiceConfig
from models.backend.server import Server
from models.protection.guard import Outcome
from models.protection.watch import Watch
from models.request import Request
from sim.units import MS, Duration

FAILED_FROM = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryConfig:
    """What becomes of requests that waited for a worker too long."""

    after: Annotated[Duration, Gt(0)]
    """Requests that waited longer than this get no service but an error."""
    since: Literal["read", "sent"] = "read"
    """From when the wait counts: from when the program has read the request, or from when it was sent, as a proxy in
    front may note in a header (X-Request-Start); only the latter sees the time in which the program stood still."""
    cost: Duration = MS
    """How long a worker is busy with the error: an exception, its stack trace, its line in a log."""
    status: Annotated[int, Ge(400), Le(599)] = 503
    """The status of that answer."""


class GuardedServer(Server):
    """A server whose requests are asked about before they get a worker or a place in its queue."""

    __slots__ = ("_admitted", "_expiry", "_guards")

    def __init__(self, *args: Any, guards: Sequence[Watch] = (), expiry: ExpiryConfig | None = None) -> None:
        self._guards, self._expiry = guards, expiry
        self._admitted: dict[Request, list[tuple[int, int]]] = {}
        super().__init__(*args)

    def configure(self, config: ServiceConfig) -> None:
        """As every server; its answers cannot be foreseen."""
        super().configure(config)
        self.foresees = False

    def serve(self, conn: Any, request: Request) -> None:
        """Ask the guards in their order, then serve."""
        self._ask(conn, request, [])

    def _ask(self, conn: Any, request: Request, admitted: list[tuple[int, int]]) -> None:
        now = self.engine._now
        for guard in self._guards[len(admitted) :]:
            passed = guard.ask(now)
            if passed is None:
                self._withdraw(admitted, now)
                request.srv_q, request.started_at = 0, now
                self.reply(conn, request, guard.refusal[0] or 503)
                return
            admitted.append((passed.ticket, now + passed.wait))
            if passed.wait:
                self.engine.call_in(passed.wait, self._ask_on, (conn, request, admitted))
                return
        self._admitted[request] = admitted
        super().serve(conn, request)

    def _ask_on(self, waiting: tuple[Any, Request, list[tuple[int, int]]]) -> None:
        conn, request, admitted = waiting
        if conn.request is request:
            self._ask(conn, request, admitted)
        else:
            self._withdraw(admitted, self.engine._now)

    def _withdraw(self, admitted: list[tuple[int, int]], now: int) -> None:
        for guard, (ticket, _) in zip(self._guards, admitted, strict=False):
            guard.withdrawn(ticket, now)

    def _start(self, conn: Any, request: Request) -> None:
        expiry = self._expiry
        if expiry is None or self._waited(request, expiry) <= expiry.after:
            super()._start(conn, request)
            return
        if self.program is not None:
            self.program.busy(1)
            self.program.queued(self.waiting)
        self.engine.call_in(expiry.cost, self._turned_away, conn)

    def _waited(self, request: Request, expiry: ExpiryConfig) -> int:
        return request.srv_q if expiry.since == "read" else self.engine._now - request.t_wrote

    def _turned_away(self, conn: Any) -> None:
        if self.is_paused:
            self.later(self._turned_away, conn)
        elif conn.request is not None:
            assert self._expiry is not None, "only such a server turns away"
            request, status = conn.request, self._expiry.status
            self.leave_handler(request, status)
            self.reply(conn, request, status)

    def leave_handler(self, request: Request, status: int) -> None:
        """Tell the guards, too."""
        admitted = self._admitted.pop(request, ())
        for guard, (ticket, began_at) in zip(self._guards, admitted, strict=False):
            guard.ended(ticket, Outcome(self.engine._now, began_at, is_failure=status >= FAILED_FROM))
        super().leave_handler(request, status)

    def cancel(self, conn: Any) -> None:
        """The client of a request has left, and its handler with it."""
        request = conn.request
        super().cancel(conn)
        if request is not None:
            for guard, (ticket, began_at) in zip(self._guards, self._admitted.pop(request, ()), strict=False):
                guard.ended(ticket, Outcome(self.engine._now, began_at, is_ignored=True))

    def die(self) -> None:
        """The program ends, and with it what its guards were told."""
        now = self.engine._now
        for admitted in self._admitted.values():
            self._withdraw(admitted, now)
        self._admitted.clear()
        super().die()
