"""Admission: a backend that guards itself: who may come in at all, and what becomes of those who waited too long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.backend.config import ServiceConfig
from models.backend.server import Server
from models.protection.expiry_config import ExpiryConfig
from models.protection.guard import UNTIL_LET_IN, Outcome
from models.protection.limits.connection_bucket import ConnectionBucket, ConnectionBucketConfig, Verdict
from models.protection.limits.queue_discipline import QueueDiscipline
from models.protection.watch import LET_IN, Admitted, Watch, inside_out, turn_back
from models.request import Request
from models.status import FAILED_FROM, SERVER_ERROR, SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS
from sim.engine.agenda import Agenda
from sim.records.levels import Levels


@dataclass(frozen=True, slots=True)
class Door:
    """What stands before the workers of one backend, in the order in which a request meets it."""

    connection_limit: ConnectionBucketConfig | None = None
    guards: Sequence[Watch] = ()
    discipline: QueueDiscipline | None = None
    expiry: ExpiryConfig | None = None


class GuardedServer(Server):
    """A server whose requests are asked about before they get a worker or a place in its queue."""

    __slots__ = ("_admitted", "_buckets", "_door", "_standing", "counts")

    def __init__(self, engine: Agenda, config: ServiceConfig, levels: Levels, index: int, *, door: Door) -> None:
        self._door = door
        self._admitted: dict[Request, Admitted] = {}
        self._standing: dict[Request, Admitted] = {}
        """What the guards said so far to those who wait for one of them, or for a token of their connection."""
        self._buckets: dict[Any, ConnectionBucket] = {}
        """Of each connection that has asked for a token."""
        self.counts: Counter[str] = Counter()
        """closed, refused and delayed of connections' buckets, dropped from the queue, expired in it."""
        super().__init__(engine, config, levels, index)

    def configure(self, config: ServiceConfig) -> None:
        """As every server; its answers cannot be foreseen."""
        super().configure(config)
        self.foresees = False

    def serve(self, conn: Any, request: Request) -> None:
        """Ask the connection's bucket, then the guards in their order, then serve."""
        limit = self._door.connection_limit
        if limit is None:
            self._ask(conn, request, [])
            return
        carrier, now = conn.carrier, self.engine._now
        bucket = self._buckets.get(carrier)
        if bucket is None:
            bucket = self._buckets[carrier] = ConnectionBucket(limit, now)
        taken = bucket.take(now)
        if taken.verdict is Verdict.SERVE and taken.wait:
            self.counts["connection_delayed"] += 1
            self._wait(taken.wait, conn, request, [])
        elif taken.verdict is Verdict.SERVE:
            self._ask(conn, request, [])
        elif taken.verdict is Verdict.REFUSE:
            self.counts["connection_refused"] += 1
            self._refuse(conn, request, ConnectionBucket.refusal_status)
        else:
            self.counts["connection_closed"] += 1
            conn.request = None
            carrier.close()

    def forget(self, conn: Any) -> None:
        """Its bucket goes with a connection."""
        super().forget(conn)
        self._buckets.pop(conn, None)

    def _refuse(self, conn: Any, request: Request, status: int) -> None:
        request.srv_q, request.started_at = 0, self.engine._now
        self.reply(conn, request, status)

    def _ask(self, conn: Any, request: Request, admitted: Admitted) -> None:
        now, guards = self.engine._now, self._door.guards
        for guard in guards[len(admitted) :]:
            passed = guard.ask(now)
            if passed is None:
                turn_back(guards, admitted, now)
                self._refuse(conn, request, guard.refusal[0] or SERVICE_UNAVAILABLE)
                return
            admitted.append((passed.ticket, now + passed.wait))
            if passed.wait == UNTIL_LET_IN:
                self._stand(request, admitted)
                guard.waiting[request] = partial(self._let_in, conn, request, admitted)
                return
            if passed.wait:
                self._wait(passed.wait, conn, request, admitted)
                return
        self._admitted[request] = admitted
        super().serve(conn, request)

    def _stand(self, request: Request, admitted: Admitted) -> None:
        """It waits before the workers' queue; as a handler, to those who count handlers."""
        self._standing[request] = admitted
        self.level(self.rise_handlers)

    def _wait(self, wait: int, conn: Any, request: Request, admitted: Admitted) -> None:
        self._stand(request, admitted)
        self.engine.call_in(wait, self._ask_on, (conn, request, admitted))

    def _ask_on(self, waiting: tuple[Any, Request, Admitted]) -> None:
        conn, request, admitted = waiting
        if self._standing.pop(request, None) is not None:
            self.level(self.fall_handlers)
            self._ask(conn, request, admitted)

    def _let_in(self, conn: Any, request: Request, admitted: Admitted) -> None:
        admitted[-1] = (LET_IN, self.engine._now)
        self._ask_on((conn, request, admitted))

    def _withdraw(self, request: Request, admitted: Admitted, now: int) -> None:
        for guard, (ticket, _) in inside_out(self._door.guards, admitted):
            guard.withdrawn(ticket, now, request)

    def _start(self, conn: Any, request: Request) -> None:
        expiry = self._door.expiry
        if expiry is None or self._waited(request, expiry) <= expiry.after:
            super()._start(conn, request)
            return
        self.counts["expired"] += 1
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
            assert self._door.expiry is not None, "only such a server turns away"
            request, status = conn.request, self._door.expiry.status
            self.leave_handler(request, status)
            self.reply(conn, request, status)

    def _release(self) -> None:
        """A worker is free: the discipline says for whom, and who is sent away."""
        if self._door.discipline is None:
            super()._release()
            return
        while self._waiting:
            served, dropped = self._door.discipline.take(self._waiting, self.engine._now)
            for conn in dropped:
                self._drop(conn)
            if served is not None and served.request is not None:
                served.request.srv_q = self.engine._now - served.request.started_at
                self._start(served, served.request)
                return
        self._busy -= 1

    def _drop(self, conn: Any) -> None:
        request = conn.request
        if request is None:
            return
        self.counts["dropped"] += 1
        self.level(self.fall_handlers)
        self._tell(request, SERVICE_UNAVAILABLE)
        request.srv_q = self.engine._now - request.started_at
        self.reply(conn, request, SERVICE_UNAVAILABLE)

    def leave_handler(self, request: Request, status: int) -> None:
        """Tell the guards, too; a handler that panics has failed, whatever it had answered by then."""
        self._tell(request, SERVER_ERROR if request.fate_draw < self.config.panics else status)
        super().leave_handler(request, status)

    def reply(self, conn: Any, request: Request, status: int) -> None:
        """Answer; who found the queue full has had no handler, and the guards have let him pass all the same."""
        self._tell(request, status)
        super().reply(conn, request, status)

    def _tell(self, request: Request, status: int) -> None:
        is_throttled = status == TOO_MANY_REQUESTS  # as a relay passes it on
        outcome = partial(Outcome, is_failure=status >= FAILED_FROM, is_throttled=is_throttled)
        for guard, (ticket, began_at) in inside_out(self._door.guards, self._admitted.pop(request, [])):
            guard.ended(ticket, outcome(self.engine._now, began_at))

    def cancel(self, conn: Any) -> None:
        """The client of a request has left, and its handler with it."""
        request = conn.request
        admitted = self._standing.pop(request, None)
        if admitted is not None:
            self.level(self.fall_handlers)
            self._withdraw(request, admitted, self.engine._now)
            conn.request = None
            return
        super().cancel(conn)
        if request is not None:
            for guard, (ticket, began_at) in inside_out(self._door.guards, self._admitted.pop(request, [])):
                guard.ended(ticket, Outcome(self.engine._now, began_at, is_ignored=True))

    def die(self) -> None:
        """The program ends, and with it what its guards were told; nobody is let in by it any more."""
        now, told = self.engine._now, self._admitted | self._standing
        self._admitted, self._standing = {}, {}
        for guard in self._door.guards:
            guard.waiting.clear()
        for request, admitted in told.items():
            self._withdraw(request, admitted, now)
        super().die()
