"""Least request: Envoy's, by the power of two choices.

Source: Envoy least_request_lb, docs load_balancers.rst (weighted least request); gRPC A48.
"""

from collections.abc import Callable

from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy
from models.balancer.round_robin import Edf


class LeastRequest(Policy):
    """With equal weights the least loaded of `choices` draws; with others, turns by weight / (active + 1)^bias."""

    counts = True

    def __init__(self, weight_of: WeightOf, draw: Callable[[], float], choices: int, bias: float) -> None:
        self._plain_weight, self._draw = weight_of, draw
        self._choices, self._bias = choices, bias
        self._edf: Edf | None = None

    def changed(self, now: int, *, is_even: bool) -> None:
        """Turns are planned where weights differ."""
        self._edf = None if is_even else Edf(self.members, self._weight_of, now, self._draw)

    def _weight_of(self, member: Member, now: int) -> float:
        weight = self._plain_weight(member, now)
        return float(weight / (member.active + 1) ** self._bias)

    def pick(self, now: int, key: int) -> Member:
        """Whose turn it is, or who has the fewest of those drawn; of equals, the first drawn."""
        if self._edf is not None:
            return self._edf.pick(now)
        members, draw = self.members, self._draw
        n = len(members)
        best = members[int(draw() * n)]
        for _other in range(self._choices - 1):
            other = members[int(draw() * n)]
            if other.active < best.active:
                best = other
        return best
