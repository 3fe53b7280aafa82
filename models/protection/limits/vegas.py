"""Vegas: calls in flight by an estimate of the queue that they make, from the least latency seen. Not TCP Vegas itself.

Source: Netflix concurrency-limits, VegasLimit.java.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log10
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.ranges import Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class VegasConfig(Ranged):
    """VegasLimit's builder."""

    initial_limit: Annotated[int, Ge(1)] = 20
    """Limit at the start."""
    max_limit: Annotated[int, Ge(1)] = 1000
    """Greatest limit."""
    smoothing: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of a new limit that is taken over at once."""
    probe_multiplier: Annotated[int, Ge(1)] | None = 30
    """The least latency is learnt anew after half to all of so many times the limit samples; null: never."""


class Vegas(AdaptiveLimit):
    """Grows while hardly anything queues, shrinks when the queue is long or a call is dropped."""

    def __init__(self, config: VegasConfig, draw: Callable[[], float]) -> None:
        super().__init__(config.initial_limit)
        self._config, self._draw = config, draw
        self.least_rtt = 0
        """Latency without load, as far as it is known; 0 is not yet."""
        self._samples = 0
        self._jitter = self._drawn_jitter()

    def sample(self, sample: Sample) -> None:
        self._samples += 1
        multiplier = self._config.probe_multiplier
        if multiplier is not None and self._jitter * multiplier * self._estimate <= self._samples:
            self._jitter, self._samples = self._drawn_jitter(), 0
            self.least_rtt = sample.rtt
        elif self.least_rtt == 0 or sample.rtt < self.least_rtt:
            self.least_rtt = sample.rtt
        else:
            self._learn(sample)

    def _learn(self, sample: Sample) -> None:
        limit = self._estimate
        step = max(1, int(log10(int(limit))))
        queue = ceil(limit * (1 - self.least_rtt / sample.rtt))
        if sample.is_dropped:
            wanted = limit - step
        elif sample.in_flight * 2 < limit:
            return
        elif queue <= step:
            wanted = limit + 6 * step
        elif queue < 3 * step:
            wanted = limit + step
        elif queue > 6 * step:
            wanted = limit - step
        else:
            return
        wanted = max(1, min(self._config.max_limit, wanted))
        smoothing = self._config.smoothing
        self._estimate = (1 - smoothing) * limit + smoothing * wanted

    def _drawn_jitter(self) -> float:
        return 0.5 + 0.5 * self._draw() if self._config.probe_multiplier is not None else 1.0
