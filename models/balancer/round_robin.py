"""Round robin: in turn; with weights, whose turn is due first."""

from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace

from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy


class Edf:
    """Earliest deadline first: each turn of a member comes 1/weight after its last one.

    Source: Envoy source/common/upstream/edf_scheduler.h. A weight is looked up when a turn is planned.
    """

    __slots__ = ("_heap", "_number", "_weight_of")

    def __init__(self, members: Sequence[Member], weight_of: WeightOf, now: int, draw: Callable[[], float]) -> None:
        self._weight_of = weight_of
        self._heap = [(draw() / weight_of(each, now), i, each) for i, each in enumerate(members)]
        self._number = len(members)
        heapify(self._heap)

    def pick(self, now: int) -> Member:
        """Whose turn it is."""
        due, _, member = self._heap[0]
        self._number += 1  # of equal deadlines, the older first
        heapreplace(self._heap, (due + 1 / self._weight_of(member, now), self._number, member))
        return member


class RoundRobin(Policy):
    """In turn: from a random start where there is a `draw`, else from the first, as IPVS does.

    Envoy draws once and goes on where it was when members change; gRPC makes a new picker then, which `redraws`
    (grpc-go balancer/roundrobin/roundrobin.go, Build).
    """

    def __init__(self, weight_of: WeightOf, draw: Callable[[], float] | None = None, *, redraws: bool = False) -> None:
        self._weight_of, self._draw, self._redraws = weight_of, draw, redraws
        self.due = -1
        """The place whose turn it is, or that of the next member who is there; -1 before the start."""
        self._index = 0
        self._edf: Edf | None = None

    def changed(self, now: int, *, is_even: bool) -> None:
        """The turn goes on where it was, or begins anew."""
        members = self.members
        if self.due < 0 or self._redraws:
            self.due = members[int(self._draw() * len(members))].place if self._draw is not None else 0
        self._index = next((i for i, each in enumerate(members) if each.place >= self.due), 0)
        self._edf = None if is_even else Edf(members, self._weight_of, now, self._draw or _one)

    def in_turn(self) -> list[Member]:
        """The members, beginning with whose turn it is, where their weights are equal."""
        return [*self.members[self._index :], *self.members[: self._index]]

    def pick(self, now: int, key: int) -> Member:
        """The next."""
        if self._edf is not None:
            return self._edf.pick(now)
        member = self.members[self._index]
        self._index = (self._index + 1) % len(self.members)
        self.due = self.members[self._index].place
        return member


def _one() -> float:
    return 1.0
