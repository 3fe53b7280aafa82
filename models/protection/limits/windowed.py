"""Windowed: another limit that learns from averages over windows of time. Not a limit of its own.

Source: Netflix concurrency-limits, WindowedLimit.java, ImmutableAverageSampleWindow.java.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.limits.aimd import AimdConfig
from models.protection.limits.gradient import Gradient2Config, GradientConfig
from models.protection.limits.vegas import VegasConfig
from models.protection.ranges import Ranged
from sim.units import MS, SECOND, US, Duration, OneOf

AnyLearning = Annotated[
    AimdConfig | VegasConfig | GradientConfig | Gradient2Config,
    OneOf(aimd=AimdConfig, vegas=VegasConfig, gradient=GradientConfig, gradient2=Gradient2Config),
]
"""What a user may write under `windowed.limit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowedConfig(Ranged):
    """WindowedLimit's builder."""

    limit: AnyLearning
    """What learns from the windows."""
    window: Annotated[Duration, Ge(100 * MS)] = SECOND
    """A window; at least 100 ms."""
    window_size: Annotated[int, Ge(10)] = 10
    """Samples that a window needs; one that has fewer is forgotten."""
    min_rtt: Duration = 100 * US
    """Shorter samples are left out."""


class Windowed(AdaptiveLimit):
    """Hands on one sample for each window: mean latency, most in flight, whether anything was dropped."""

    def __init__(self, config: WindowedConfig, learner: AdaptiveLimit) -> None:
        super().__init__(0)
        self._config, self._learner = config, learner
        self._next_at = 0
        self._open()

    def _open(self) -> None:
        self._n = self._sum = self._most = 0
        self._is_dropped = False

    @property
    def limit(self) -> int:
        """Most calls in flight at the moment."""
        return self._learner.limit

    def sample(self, sample: Sample) -> None:
        if sample.rtt < self._config.min_rtt:
            return
        self._n += 1
        self._sum += sample.rtt
        self._most = max(self._most, sample.in_flight)
        self._is_dropped |= sample.is_dropped
        if sample.now > self._next_at:
            if self._n >= self._config.window_size:
                self._learner.sample(Sample(sample.now, self._sum // self._n, self._most, self._is_dropped))
            self._next_at = sample.now + self._config.window
            self._open()
