"""Least connections: IPVS' lc and wlc.

Sources: net/netfilter/ipvs/ip_vs_lc.c, ip_vs_wlc.c, ip_vs_dest_conn_overhead. Simplified: what counts are connections
that are open or being opened; IPVS adds a 256th of those that are closed and not forgotten yet.
"""

from heapq import heapify, heappop, heappush

from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy

MOST_STALE = 4
"""Entries for each member after which the heap is built again."""


class LeastConnections(Policy):
    """The smallest active / weight; of equals, the first in the list."""

    def __init__(self, weight_of: WeightOf) -> None:
        self._weight_of = weight_of
        self._heap: list[tuple[float, int, int]] = []
        self._index: dict[int, int] = {}

    def changed(self, now: int, *, is_even: bool) -> None:
        """Weigh everybody."""
        self._index = {each.place: i for i, each in enumerate(self.members)}
        self._heap = [(each.active / self._weight_of(each, now), i, each.active) for i, each in enumerate(self.members)]
        heapify(self._heap)

    def pick(self, now: int, key: int) -> Member:
        """The least loaded: entries that are not true any more are skipped."""
        heap, members = self._heap, self.members
        while heap[0][2] != members[heap[0][1]].active:
            heappop(heap)
        return members[heap[0][1]]

    def began(self, member: Member, now: int) -> None:
        """One more."""
        self._push(member, now)

    def left(self, member: Member, now: int) -> None:
        """One less."""
        self._push(member, now)

    def _push(self, member: Member, now: int) -> None:
        i = self._index.get(member.place)
        if i is None:
            return  # of one who is being removed
        heappush(self._heap, (member.active / self._weight_of(member, now), i, member.active))
        if len(self._heap) > MOST_STALE * len(self.members) + 64:
            self.changed(now, is_even=False)
