"""Virtual address: a layer-4 balancer, which gives each connection to a backend and knows nothing of requests."""

from collections.abc import Sequence

from models.balancer.endpoints import Endpoints
from models.balancer.member import Member, own_weight
from models.balancer.policy import Policy
from sim.engine.environment import Engine


class VirtualAddress:
    """One address in front of a service, for all its clients (IPVS, kube-proxy)."""

    def __init__(
        self, engine: Engine, endpoints: Endpoints, members: Sequence[Member], policy: Policy, *, nobody: int
    ) -> None:
        self._engine, self.members, self._policy = engine, tuple(members), policy
        self._by_index = {each.endpoint.index: each for each in members}
        self._nobody = nobody
        self._can_choose = False
        self._is_stale = True
        endpoints.watch(self._mark_changed)

    def choose(self, key: int) -> int:
        """The number of the backend that a new connection goes to; that of nobody, who refuses, where none is ready."""
        if self._is_stale:
            self._refresh()
        if not self._can_choose:
            return self._nobody
        now = self._engine._now
        member = self._policy.pick(now, key)
        member.active += 1
        member.endpoint.active += 1
        self._policy.began(member, now)
        return member.endpoint.index

    def closed(self, index: int) -> None:
        """A connection that was given to this backend is gone."""
        member = self._by_index.get(index)
        if member is not None:
            member.active -= 1
            member.endpoint.active -= 1
            self._policy.left(member, self._engine._now)

    def _mark_changed(self) -> None:
        """Readiness or weights have changed, perhaps of many in one instant: the next connection looks at them."""
        self._is_stale = True

    def _refresh(self) -> None:
        self._is_stale = False
        now = self._engine._now
        among = [each for each in self.members if each.endpoint.is_ready and own_weight(each, now) > 0]
        self._can_choose = bool(among)
        if among:
            self._policy.take(among, now, is_even=len({own_weight(each, now) for each in among}) == 1)
