"""Peak EWMA: Finagle's: of two, the one whose latency times its requests is smaller; peaks count at once.

Sources: Finagle PeakEwma.scala, P2C.scala, Balancers.scala.
"""

from collections.abc import Callable
from math import exp

from models.balancer.member import Member, Result
from models.balancer.policy import Policy

PENALTY = float(1 << 62)
"""Cost of one who has requests and no history."""


class Cost:
    """The moving average of one member's latency, ns."""

    __slots__ = ("_stamp", "mean")

    def __init__(self, now: int) -> None:
        self.mean, self._stamp = 0.0, now

    def observe(self, latency: float, now: int, decay: int) -> None:
        """A higher sample replaces the mean, a lower one weighs the more the longer ago the last was."""
        weight = exp(-max(now - self._stamp, 0) / decay)
        self.mean = latency if latency > self.mean else self.mean * weight + latency * (1 - weight)
        self._stamp = now


class PeakEwma(Policy):
    """Power of two choices by cost."""

    hears = True

    def __init__(self, draw: Callable[[], float], decay: int) -> None:
        self._draw, self._decay = draw, decay
        self._costs: dict[int, Cost] = {}

    def changed(self, now: int, *, is_even: bool) -> None:
        """Who is new has no history."""
        present = {each.place for each in self.members}
        self._costs = {place: cost for place, cost in self._costs.items() if place in present}
        for each in self.members:
            self._costs.setdefault(each.place, Cost(now))

    def cost(self, member: Member, now: int) -> float:
        """What one more request to it would cost."""
        cost = self._costs[member.place]
        cost.observe(0.0, now, self._decay)
        return PENALTY + member.active if cost.mean == 0 and member.active else cost.mean * (member.active + 1)

    def pick(self, now: int, key: int) -> Member:
        """The cheaper of two."""
        members = self.members
        n = len(members)
        first = int(self._draw() * n)
        second = int(self._draw() * (n - 1)) if n > 1 else 0
        second += n > 1 and second >= first
        one, other = members[first], members[second]
        return one if self.cost(one, now) <= self.cost(other, now) else other

    def ended(self, member: Member, result: Result) -> None:
        """Its latency counts, however it ended."""
        if member.place in self._costs:
            self._costs[member.place].observe(result.took, result.now, self._decay)
