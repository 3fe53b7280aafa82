"""Sentinel's throttling queue: callers wait until they follow one another at even distances. Not a list of callers.

Sources: Sentinel ThrottlingController.java, WarmUpRateLimiterController.java; sentinel-golang tc_throttling.go.
"""

from math import ceil, floor

from models.protection.limits.sentinel_config import SentinelFlowConfig
from sim.units import LARGEST, MS, SECOND

WINDOW_MS = 1000
"""Statistic interval of the rules: a second."""


def rounded(x: float) -> int:
    """Java's Math.round: halves go up."""
    return floor(x + 0.5)


class ThrottlingQueue:
    """Remembers when the last caller may go; a caller follows at the distance of its rate, or is refused."""

    def __init__(self, max_queueing_time: int) -> None:
        self._longest = max_queueing_time
        self._latest = -LARGEST

    def wait(self, now: int, distance: int) -> int | None:
        """How long to wait for a place that is taken; None where that is too long. Both in one unit, ns or ms."""
        expected = self._latest + distance
        if expected <= now:
            self._latest = now
            return 0
        if expected - now > self._longest:
            return None
        self._latest = expected
        return expected - now


def distance_of(config: SentinelFlowConfig) -> tuple[int, int]:
    """The distance of callers, and the unit of the clock that measures it, in ns."""
    if config.implementation == "go":
        return ceil(1.0 / config.count * SECOND), 1
    per_window = rounded(config.count)
    # finer where ms do not divide evenly; a count that rounds to 0 fails in Java and is fine here
    if per_window == 0 or WINDOW_MS % per_window or config.count / WINDOW_MS > 1:
        return rounded(1.0 * MS * WINDOW_MS / config.count), 1
    return rounded(WINDOW_MS / config.count), MS
