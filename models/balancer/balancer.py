"""Balancer: one client's choice among the backends of a service, request by request. Not the rule it chooses by.

The layer-7 proxy in front of a service, or a client that knows all its addresses: each backend has a pool of its own.
"""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from models.balancer.endpoints import Endpoints
from models.balancer.member import Member, Result
from models.balancer.outlier import OutlierDetector
from models.balancer.policy import Policy
from models.balancer.round_robin import RoundRobin
from models.balancer.slow_start import SlowStart
from models.balancer.subset import Subset
from sim.engine.environment import Engine
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

NO_HEALTHY_UPSTREAM = 503
"""What a proxy answers by itself where no backend may be asked (Envoy: no healthy upstream, response flag UH)."""


class Balancer:
    """Who may be chosen now, and the policy that chooses. What is optional is set before the first choice."""

    def __init__(
        self, engine: Engine, endpoints: Endpoints, members: Sequence[Member], policy: Policy, *, nobody: Any
    ) -> None:
        self._engine, self.members, self._policy = engine, tuple(members), policy
        self._nobody = nobody
        self.draw_key: Callable[[], int] = int
        """What the next request is hashed by."""
        self.subset: Subset = list
        self.slow_start: SlowStart | None = None
        self.panic_threshold = 0.0
        """With a smaller share of the members available, all are used."""
        self.unready_are_unhealthy = False
        """Whether who is not ready is a member all the same, who is not available."""
        self.detector: OutlierDetector | None = None
        self.status_of: Callable[[str], int] = int
        """The status that an error counts as; 0 says nothing of the backend."""
        self._can_choose = self._counts = self._hears = False
        self._turn: Callable[[], Any] | None = None
        self._settles_at = 0
        self._places = {id(each.pool): each.place for each in members}
        endpoints.watch(self.mark_changed)

    def count(self) -> None:
        """Count what is placed, and hear how it ends where anybody wants to know."""
        self._counts, self._hears = True, self._policy.hears or self.detector is not None
        for each in self.members:
            each.pool.member = each
            each.ended = self._listener(each)

    def choose(self) -> Any:
        """The pool that the next request goes to; `nobody` where there is none."""
        if self._turn is not None:
            return self._turn()
        now = self._engine._now
        if now >= self._settles_at:
            self._refresh()
            return self.choose()
        if not self._can_choose:
            return self._nobody
        member = self._policy.pick(now, self.draw_key())
        if self._counts:
            member.active += 1
            member.endpoint.active += 1
            self._policy.began(member, now)
        return member.pool

    def mark_changed(self) -> None:
        """Readiness, weights or ejections have changed, perhaps many in one instant: the next choice looks at them."""
        if self._turn is not None and isinstance(self._policy, RoundRobin):
            self._policy.due = self._places[id(self._turn())]
        self._turn, self._settles_at = None, 0

    def _refresh(self) -> None:
        """Choose among those who are there now."""
        now, policy = self._engine._now, self._policy
        self._settles_at = NEVER
        among = [each for each in self._available() if each.endpoint.weight > 0]
        self._can_choose = bool(among)
        if not among:
            return
        is_even = len({each.endpoint.weight for each in among}) == 1
        if self.slow_start is not None and self.slow_start.ends_at(among, now) > now:
            self._settles_at, is_even = self.slow_start.ends_at(among, now), False
        policy.take(among, now, is_even=is_even)
        if is_even and not self._counts and isinstance(policy, RoundRobin):  # as it would do, for an iterator's price
            self._turn = cycle([each.pool for each in policy.in_turn()]).__next__

    def _available(self) -> list[Member]:
        """Those who are healthy, or in a panic all (Envoy, panic_threshold.rst)."""
        hosts = self.subset([each for each in self.members if self.unready_are_unhealthy or each.endpoint.is_ready])
        available = [each for each in hosts if each.endpoint.is_ready and not each.is_ejected]
        return hosts if len(available) < self.panic_threshold * len(hosts) else available

    def _listener(self, member: Member) -> Callable[[Any, int, str], object]:
        def ended(request: Any, status: int, err: str) -> None:
            now = self._engine._now
            member.active -= 1
            member.endpoint.active -= 1
            self._policy.left(member, now)
            counts_as = self.status_of(err) if err else status
            if self._hears and counts_as:
                self._heard(member, _result(request, now, counts_as, is_local=bool(err)))

        return ended

    def _heard(self, member: Member, result: Result) -> None:
        if not result.is_local:
            in_flight = member.endpoint.active
            member.load.add(result.work, result.latency, in_flight=in_flight, is_failure=result.is_failure)
        self._policy.ended(member, result)
        if self.detector is not None:
            self.detector.result(member, result)


def _result(request: Any, now: int, status: int, *, is_local: bool) -> Result:
    was_served = request.srv_q != ABSENT and not is_local
    latency = max(now - request.started_at, 0) if was_served else 0
    work = max(latency - request.srv_q, 0) if was_served else 0
    return Result(now, now - request.t_arrival, work, latency, status, is_local)
