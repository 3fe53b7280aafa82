"""Sentinel's warm-up: tokens that pile up in a pause and slow down what follows it. Not who passes at that rate.

Source: Sentinel WarmUpController.java, after Guava's SmoothWarmingUp. Times are whole ms.
"""

from math import nextafter

from models.protection.limits.sentinel_config import SentinelFlowConfig
from sim.units import LARGEST, SECOND

LONG_AGO_MS = -LARGEST // 1_000_000
"""When a new rule was last filled: it starts cold."""


class WarmUp:
    """Stored tokens: many after a pause, none once it is warm."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        count, period, cold = config.count, config.warm_up_period // SECOND, config.cold_factor
        self._count, self._cold = count, cold
        self._warning = int(period * count) // (cold - 1)
        self._most = self._warning + int(2 * period * count / (1.0 + cold))
        self._slope = (cold - 1.0) / count / (self._most - self._warning)
        self.stored = 0
        self._filled_at_ms = LONG_AGO_MS
        self._passed: dict[int, int] = {}
        """By second, of the running one, of the one before and of those to come."""

    def passed(self, at_ms: int, n: int = 1) -> None:
        """So many calls pass at that instant, which may lie ahead; below 0 takes them back."""
        second = at_ms // 1000
        self._passed[second] = self._passed.get(second, 0) + n

    def rate(self, now_ms: int) -> float:
        """Calls per second that may pass now."""
        self._fill(now_ms)
        if self.stored < self._warning:
            return self._count
        above = self.stored - self._warning
        return nextafter(1.0 / (above * self._slope + 1.0 / self._count), float("inf"))

    def _fill(self, now_ms: int) -> None:
        """Once in each second: what the time since the last one brings, less what passed in the second before."""
        at_ms = now_ms - now_ms % 1000
        if at_ms <= self._filled_at_ms:
            return
        before = self._passed.get(at_ms // 1000 - 1, 0)
        self._passed = {second: n for second, n in self._passed.items() if second >= at_ms // 1000}
        is_quiet = before < int(self._count) // self._cold
        if self.stored < self._warning or (self.stored > self._warning and is_quiet):
            self.stored = int(self.stored + (at_ms - self._filled_at_ms) * self._count / 1000)
        self.stored = max(0, min(self.stored, self._most) - before)
        self._filled_at_ms = at_ms
