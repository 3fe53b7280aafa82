"""Slow start: the weight of a backend that has just become ready. Envoy docs, slow_start.rst."""

from collections.abc import Sequence

from models.balancer.config import SlowStartConfig
from models.balancer.member import Member
from sim.units import SECOND


class SlowStart:
    """weight x max(least, (max(age, 1 s) / window)^(1 / aggression)) while age < window."""

    def __init__(self, config: SlowStartConfig) -> None:
        self._window, self._least, self._power = config.window, config.min_weight, 1 / config.aggression

    def weight_of(self, member: Member, now: int) -> float:
        """The weight now."""
        endpoint = member.endpoint
        age = now - endpoint.since
        if age >= self._window:
            return endpoint.weight
        ratio = min(max(age, SECOND) / self._window, 1.0)
        return float(endpoint.weight * max(self._least, ratio**self._power))

    def ends_at(self, members: Sequence[Member], now: int) -> int:
        """When the last of those who are starting has its whole weight; `now` where nobody is."""
        return max((each.endpoint.since + self._window for each in members), default=now)
