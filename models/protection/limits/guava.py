"""Guava: the two RateLimiters of com.google.common.util.concurrent. Not a bucket that a caller's own call empties.

Source: SmoothRateLimiter.java. Whoever comes waits for what was taken before him, and what he takes is paid by the
next. Its clock has microseconds.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt

from models.protection.guard import Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import SECOND, US, Duration, Rate

COLD_FACTOR = 3.0
"""How many times as long a permit takes when it is cold (RateLimiter.create)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuavaBurstyConfig(Ranged):
    """RateLimiter.create(rate): unused permits of a second are kept."""

    rate: Annotated[Rate, Gt(0)]
    """Permits per second."""
    max_burst: Annotated[Duration, Gt(0)] = SECOND
    """Of how long unused permits are kept (maxBurstSeconds)."""
    max_wait: Duration | None = None
    """tryAcquire's timeout; null is acquire, which waits for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuavaWarmingUpConfig(Ranged):
    """RateLimiter.create(rate, warmup): permits take longer after a pause."""

    rate: Annotated[Rate, Gt(0)]
    """Permits per second once it is warm."""
    warmup: Annotated[Duration, Gt(0)]
    """How long it takes to become warm."""
    max_wait: Duration | None = None
    """tryAcquire's timeout; null is acquire, which waits for ever."""


class SmoothBursty(Limit):
    """Starts with no stored permits, and stores up to a second's."""

    stored: float

    def __init__(self, config: GuavaBurstyConfig) -> None:
        interval_us = SECOND / US / config.rate
        self._open(interval_us, interval_us, config.max_wait)
        self._most = config.rate * config.max_burst / SECOND

    def _open(self, interval_us: float, cool_down_us: float, max_wait: int | None) -> None:
        self._interval_us, self._cool_down_us = interval_us, cool_down_us
        self._max_wait_us = None if max_wait is None else max_wait // US
        self.stored = self._most = 0.0
        self._next_free_us = 0
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        if self._max_wait_us is not None and self._next_free_us - self._max_wait_us > now // US:
            return None
        return Pass(self.acquire(now, 1))

    def acquire(self, now: int, n: int) -> int:
        """How long to wait for n permits, which are taken."""
        now_us = now // US
        if now_us > self._next_free_us:
            self.stored = min(self._most, self.stored + (now_us - self._next_free_us) / self._cool_down_us)
            self._next_free_us = now_us
        wait = (self._next_free_us - now_us) * US
        used = min(n, self.stored)
        self._next_free_us += self._stored_cost_us(used) + int((n - used) * self._interval_us)
        self.stored -= used
        return wait

    def _stored_cost_us(self, used: float) -> int:
        """What stored permits take: here nothing."""
        return 0


class SmoothWarmingUp(SmoothBursty):
    """Starts cold, with as many stored permits as there can be; the more are stored, the longer one takes."""

    def __init__(self, config: GuavaWarmingUpConfig) -> None:
        interval_us, warmup_us = SECOND / US / config.rate, config.warmup / US
        cold_us = COLD_FACTOR * interval_us
        self._threshold = 0.5 * warmup_us / interval_us
        most = self._threshold + 2.0 * warmup_us / (interval_us + cold_us)
        self._slope = (cold_us - interval_us) / (most - self._threshold)
        self._open(interval_us, warmup_us / most, config.max_wait)
        self.stored = self._most = most

    def _stored_cost_us(self, used: float) -> int:
        above = self.stored - self._threshold
        if above <= 0:
            return int(self._interval_us * used)
        cold = min(above, used)
        cost_us = int(cold * (self._time_us(above) + self._time_us(above - cold)) / 2.0)
        return cost_us + int(self._interval_us * (used - cold))

    def _time_us(self, above: float) -> float:
        return self._interval_us + above * self._slope
