"""Random choice: everyone with the same chance, or in proportion to weights; each time anew.

Sources: kube-proxy pkg/proxy/iptables/proxier.go (matches of chance 1/n, 1/(n-1), ..., 1: uniform); Envoy random_lb.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy


class RandomChoice(Policy):
    """Nothing is remembered: the coefficient of variation of m choices among n is sqrt((n - 1) / m)."""

    def __init__(self, weight_of: WeightOf, draw: Callable[[], float]) -> None:
        self._weight_of, self._draw = weight_of, draw
        self._bounds: list[float] = []

    def changed(self, now: int, *, is_even: bool) -> None:
        """Weights are looked up here."""
        self._bounds = [] if is_even else list(accumulate(self._weight_of(each, now) for each in self.members))

    def pick(self, now: int, key: int) -> Member:
        """One of all."""
        members, bounds = self.members, self._bounds
        if not bounds:
            return members[int(self._draw() * len(members))]
        return members[min(bisect_right(bounds, self._draw() * bounds[-1]), len(members) - 1)]
