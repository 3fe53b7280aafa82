"""Gradient: calls in flight by the ratio of two latencies, an undisturbed one and that of now. Not Envoy's, with p50s.

Sources: Netflix concurrency-limits, GradientLimit.java (old), Gradient2Limit.java, ExpAvgMeasurement.java.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.ranges import Ranged, check_order

WARM_UP_SAMPLES = 10
"""Of the long latency, whose plain mean is taken (Gradient2Limit)."""
TOLERANCE_OLD = 2.0
"""How many times the least latency is no queue (GradientLimit.rttTolerance)."""
BACKOFF = 0.9
"""What a drop multiplies the limit by (GradientLimit.backoffRatio)."""
LEAST_QUEUE = 4
"""What may queue at least, in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientConfig(Ranged):
    """GradientLimit's builder."""

    initial_limit: Annotated[int, Ge(1)] = 50
    """Limit at the start."""
    min_limit: Annotated[int, Ge(1)] = 1
    """Least limit."""
    max_limit: Annotated[int, Ge(LEAST_QUEUE)] = 1000
    """Greatest limit."""
    smoothing: Annotated[float, Gt(0), Le(1)] = 0.2
    """Share of a lower limit that is taken over at once; higher ones are taken as they are."""
    probe_interval: Annotated[int, Ge(1)] | None = 1000
    """After so many to twice so many samples the latency is learnt anew, from a small limit; null: never."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        check_order(self, "min_limit", "max_limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient2Config(Ranged):
    """Gradient2Limit's builder."""

    initial_limit: Annotated[int, Ge(1)] = 20
    """Limit at the start."""
    min_limit: Annotated[int, Ge(1)] = 20
    """Least limit."""
    max_limit: Annotated[int, Ge(1)] = 200
    """Greatest limit."""
    smoothing: Annotated[float, Gt(0), Le(1)] = 0.2
    """Share of a new limit that is taken over at once."""
    rtt_tolerance: Annotated[float, Ge(1)] = 1.5
    """How many times the long latency is no queue."""
    long_window: Annotated[int, Ge(WARM_UP_SAMPLES)] = 600
    """Samples of the long latency."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        check_order(self, "min_limit", "max_limit")


class Gradient(AdaptiveLimit):
    """The old one: the undisturbed latency is the least one since it was last forgotten."""

    def __init__(self, config: GradientConfig, draw: Callable[[], float]) -> None:
        super().__init__(config.initial_limit)
        self._config, self._draw = config, draw
        self.least_rtt = 0
        """Latency without load, as far as it is known; 0 is not yet."""
        self._until_probe = self._drawn_countdown()

    def sample(self, sample: Sample) -> None:
        config, limit = self._config, self._estimate
        queue = max(LEAST_QUEUE, isqrt(int(limit)))
        self._until_probe -= 1
        if config.probe_interval is not None and self._until_probe < 0:
            self._until_probe, self.least_rtt = self._drawn_countdown(), 0
            self._estimate = max(config.min_limit, queue)
            return
        self.least_rtt = min(self.least_rtt or sample.rtt, sample.rtt)
        if sample.is_dropped:
            wanted = limit * BACKOFF
        elif sample.in_flight < limit / 2:
            return
        else:
            wanted = limit * max(0.5, min(1.0, TOLERANCE_OLD * self.least_rtt / sample.rtt)) + queue
        if wanted < limit:
            wanted = max(config.min_limit, limit * (1 - config.smoothing) + config.smoothing * wanted)
        self._estimate = max(queue, min(config.max_limit, wanted))

    def _drawn_countdown(self) -> int:
        interval = self._config.probe_interval
        return 0 if interval is None else interval + int(interval * self._draw())


class Gradient2(AdaptiveLimit):
    """The undisturbed latency is a long average; drops are ignored."""

    def __init__(self, config: Gradient2Config) -> None:
        super().__init__(config.initial_limit)
        self._config = config
        self.long_rtt = 0.0
        """The long latency, ns."""
        self._samples = 0
        self._sum = 0

    def sample(self, sample: Sample) -> None:
        config, limit = self._config, self._estimate
        long = self._averaged(sample.rtt)
        if long / sample.rtt > 2:
            self.long_rtt *= 0.95
        if sample.in_flight < limit / 2:
            return
        gradient = max(0.5, min(1.0, config.rtt_tolerance * long / sample.rtt))
        wanted = limit * gradient + LEAST_QUEUE
        smoothed = limit * (1 - config.smoothing) + wanted * config.smoothing
        self._estimate = max(config.min_limit, min(config.max_limit, smoothed))

    def _averaged(self, rtt: int) -> float:
        if self._samples < WARM_UP_SAMPLES:
            self._samples += 1
            self._sum += rtt
            self.long_rtt = self._sum / self._samples
        else:
            factor = 2.0 / (self._config.long_window + 1)
            self.long_rtt = self.long_rtt * (1 - factor) + rtt * factor
        return self.long_rtt
