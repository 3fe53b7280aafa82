"""Pick first: gRPC's default: one address, as long as it works.

Source: gRPC A62 and doc/load-balancing.md. Simplified: the next address is taken when a request has lost its connection
or could get none; it stays until that fails in turn, where gRPC begins again with the first.
"""

from collections.abc import Callable

from models.balancer.member import Member, Result
from models.balancer.policy import Policy

TIMED_OUT = 504
"""A call that took too long says nothing of the connection."""


class PickFirst(Policy):
    """All to one. `draw` shuffles the addresses once; None keeps their order."""

    hears = True

    def __init__(self, draw: Callable[[], float] | None) -> None:
        self._draw = draw
        self._ranks: dict[int, float] = {}
        self._current: Member | None = None

    def changed(self, now: int, *, is_even: bool) -> None:
        """Stay with whom it has, if he is still there."""
        if self._current not in self.members:
            self._current = min(self.members, key=self._rank)

    def _rank(self, member: Member) -> float:
        if self._draw is None:
            return member.place
        if member.place not in self._ranks:
            self._ranks[member.place] = self._draw()
        return self._ranks[member.place]

    def pick(self, now: int, key: int) -> Member:
        """The one."""
        assert self._current is not None, "somebody was taken"
        return self._current

    def ended(self, member: Member, result: Result) -> None:
        """Go on to the next address, round the list, where this one has failed."""
        if not result.is_local or result.status == TIMED_OUT or member is not self._current:
            return
        order = sorted(self.members, key=self._rank)
        self._current = order[(order.index(member) + 1) % len(order)]
