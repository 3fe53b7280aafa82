"""Balancer: one client's choice among the backends of a service, request by request. Not the rule it chooses by.

The layer-7 proxy in front of a service, or a client that knows all its addresses: each backend has a pool of its own.
"""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from models.balancer.endpoints import Endpoints
from models.balancer.member import Member, own_weight
from models.balancer.policy import Policy
from models.balancer.round_robin import RoundRobin
from sim.engine.environment import Engine

NO_HEALTHY_UPSTREAM = 503
"""What a proxy answers by itself where no backend may be asked (Envoy: no healthy upstream, response flag UH)."""


class Balancer:
    """Who may be chosen now, and the policy that chooses. Call `start` before the first choice."""

    def __init__(  # parameters: a chooser needs those to choose from, a rule, and its surroundings
        self, engine: Engine, endpoints: Endpoints, members: Sequence[Member], policy: Policy, *, nobody: Any
    ) -> None:  # fmt: skip
        self._engine, self.members, self._policy = engine, tuple(members), policy
        self._nobody = nobody
        self.weight_of = own_weight
        self.draw_key: Callable[[], int] = int
        self._can_choose = False
        self._turn: Callable[[], Any] | None = None
        self._places = {id(each.pool): each.place for each in members}
        endpoints.watch(self.refresh)

    def choose(self) -> Any:
        """The pool that the next request goes to; `nobody` where there is none."""
        if self._turn is not None:
            return self._turn()
        if not self._can_choose:
            return self._nobody
        return self._policy.pick(self._engine._now, self.draw_key()).pool

    def refresh(self) -> None:
        """Readiness or weights have changed: choose among those who are left."""
        now, policy = self._engine._now, self._policy
        if self._turn is not None and isinstance(policy, RoundRobin):
            policy.due = self._places[id(self._turn())]
        among = [each for each in self.members if each.endpoint.is_ready and self.weight_of(each, now) > 0]
        self._turn, self._can_choose = None, bool(among)
        if not among:
            return
        is_even = len({self.weight_of(each, now) for each in among}) == 1
        policy.take(among, now, is_even=is_even)
        if is_even and isinstance(policy, RoundRobin):  # as the policy would do, at the cost of an iterator
            self._turn = cycle([each.pool for each in policy.in_turn()]).__next__
