"""AWS adaptive: the client-side rate of the SDKs' adaptive retry mode, by CUBIC. Not their retries or retry quota.

Sources: botocore retries/adaptive.py, throttling.py, bucket.py. It works with seconds as floats, as there.
"""

from dataclasses import dataclass
from math import floor
from typing import Annotated

from annotated_types import Gt, Le, Lt

from models.protection.guard import AT_ONCE, Outcome, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import SECOND

LEAST_RATE = 0.5
"""Calls per second that the bucket fills by at least."""
SCALE = 0.4
"""CUBIC's constant."""
MOST_ADJUSTMENT = 2.0
"""How many times the measured rate the new one is at most."""
BUCKETS_PER_SECOND = 2
"""In which the rate is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAdaptiveConfig(Ranged):
    """The client rate limiter."""

    beta: Annotated[float, Gt(0), Lt(1)] = 0.7
    """What a throttling multiplies the rate by."""
    smoothing: Annotated[float, Gt(0), Le(1)] = 0.8
    """Weight of the last half second in the measured rate."""


class AwsAdaptive(Limit):
    """Lets everything pass until the first throttling, then delays by a bucket; it refuses nothing.

    Simplified: a call's wait is that of the rate when it asked, though the rate may change meanwhile.
    """

    def __init__(self, config: AwsAdaptiveConfig) -> None:
        self._config = config
        self.is_enabled = False
        self.measured_rate = 0.0
        """Answers per second."""
        self._count = 0
        self._bucket_at = 0.0
        self._w_max = self._k = 0.0
        self._failed_at = 0.0
        self.max_rate = 0.0
        """What was last set, per second."""
        self._tokens = self._filled_at = self._fill_rate = self._capacity = 0.0
        self._set_rate(1.0, 0.0)

    def ask(self, now: int) -> Pass | None:
        if not self.is_enabled:
            return AT_ONCE
        self._refill(now / SECOND)
        self._tokens -= 1
        return Pass(0 if self._tokens >= 0 else int(-self._tokens / self._fill_rate * SECOND))

    def ended(self, ticket: int, outcome: Outcome) -> None:
        now = outcome.now / SECOND
        self._measure(now)
        if outcome.is_throttled:
            rate = min(self.measured_rate, self._fill_rate) if self.is_enabled else self.measured_rate
            self._w_max, self._failed_at, self.is_enabled = rate, now, True
            self._k = self._zero_point()
            wanted = rate * self._config.beta
        else:
            wanted = SCALE * (now - self._failed_at - self._k) ** 3 + self._w_max
        self._set_rate(min(wanted, MOST_ADJUSTMENT * self.measured_rate), now)

    def _measure(self, now: float) -> None:
        self._count += 1
        bucket_at = floor(now * BUCKETS_PER_SECOND) / BUCKETS_PER_SECOND
        if bucket_at > self._bucket_at:
            smoothing, current = self._config.smoothing, self._count / (bucket_at - self._bucket_at)
            self.measured_rate = current * smoothing + self.measured_rate * (1 - smoothing)
            self._count, self._bucket_at = 0, bucket_at

    def _zero_point(self) -> float:
        return float((self._w_max * (1 - self._config.beta) / SCALE) ** (1 / 3.0))

    def _set_rate(self, rate: float, now: float) -> None:
        self._refill(now)
        self.max_rate = rate
        self._fill_rate, self._capacity = max(rate, LEAST_RATE), max(rate, 1.0)
        self._tokens = min(self._tokens, self._capacity)

    def _refill(self, now: float) -> None:
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._fill_rate)
        self._filled_at = now
