"""Weighted round robin: gRPC's, whose weights are what backends report of themselves.

Source: gRPC A58; grpc-go balancer/weightedroundrobin. Simplified: reports are those of a backend to all its clients
since the last update, where gRPC takes the last one that this client got.
"""

from collections.abc import Callable
from statistics import fmean

from models.balancer.load import Load
from models.balancer.member import Member
from models.balancer.policy import Policy
from models.balancer.round_robin import Edf, RoundRobin
from sim.units import SECOND

EXPIRY = 180 * SECOND
"""A weight without a new report for so long is forgotten (weight_expiration_period)."""


class Reported:
    """The weight of one backend, from its counters at two updates."""

    __slots__ = ("_busy", "_failed", "_load", "_reported_at", "_served", "_since", "_weight")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._served, self._failed, self._busy = load.served, load.failed, load.busy
        self._since = self._reported_at = -1
        self._weight = 0.0

    def update(self, now: int, error_penalty: float) -> None:
        """Weight = qps / (utilisation + eps / qps x penalty)."""
        load = self._load
        served, failed, busy = load.served - self._served, load.failed - self._failed, load.busy - self._busy
        if not served:
            return
        self._served, self._failed, self._busy = load.served, load.failed, load.busy
        # per nanosecond of the time since then, which cancels out but for the penalty, whose unit is one busy worker
        elapsed = max(now - self._reported_at, 1) if self._reported_at >= 0 else max(now, 1)
        utilisation = busy / elapsed + failed / served * error_penalty
        self._weight = served / elapsed / utilisation if utilisation > 0 else 0.0
        if self._since < 0 or now - self._reported_at > EXPIRY:
            self._since = now
        self._reported_at = now

    def weight(self, now: int, blackout: int) -> float:
        """0 while it does not count."""
        if self._since < 0 or now - self._since < blackout or now - self._reported_at > EXPIRY:
            return 0.0
        return self._weight


class WeightedRoundRobin(Policy):
    """Turns by reported weights; who has none gets their mean; round robin while fewer than two have one."""

    hears = True

    def __init__(  # parameters: three times of A58, a penalty and luck
        self, draw: Callable[[], float], *, period: int, blackout: int, error_penalty: float
    ) -> None:
        self._draw, self._period, self._blackout, self._penalty = draw, period, blackout, error_penalty
        self._plain = RoundRobin(self._weight_of, draw)
        self._reported: dict[int, Reported] = {}
        self._weights: dict[int, float] = {}
        self._edf: Edf | None = None
        self._updates_at = 0

    def changed(self, now: int, *, is_even: bool) -> None:
        """Who is new has not reported yet."""
        self._plain.take(self.members, now, is_even=True)
        for each in self.members:
            self._reported.setdefault(each.place, Reported(each.load))
        self._plan(now)

    def pick(self, now: int, key: int) -> Member:
        """Whose turn it is."""
        if now >= self._updates_at:
            self._updates_at = now + self._period
            for reported in self._reported.values():
                reported.update(now, self._penalty)
            self._plan(now)
        return self._plain.pick(now, key) if self._edf is None else self._edf.pick(now)

    def _plan(self, now: int) -> None:
        weights = {each.place: self._reported[each.place].weight(now, self._blackout) for each in self.members}
        known = [weight for weight in weights.values() if weight > 0]
        if len(known) < 2:
            self._edf = None
            return
        mean = fmean(known)
        self._weights = {place: weight or mean for place, weight in weights.items()}
        self._edf = Edf(self.members, self._weight_of, now, self._draw)

    def _weight_of(self, member: Member, _: int) -> float:
        return self._weights[member.place]
