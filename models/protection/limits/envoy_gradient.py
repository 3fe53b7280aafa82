"""Envoy gradient: its adaptive concurrency filter, a gradient of medians with measurements of the least. Not Netflix'.

Sources: Envoy gradient_controller.cc, adaptive_concurrency.proto.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.guard import Outcome, Pass
from models.protection.limits.concurrency import ConcurrencyLimit
from models.protection.ranges import Ranged, check_order
from models.status import SERVICE_UNAVAILABLE
from sim.units import Duration

MOST_AT_MINIMUM = 5
"""Windows in a row at the least limit after which the least latency is measured at once."""
MOST_GRADIENT, LEAST_GRADIENT = 2.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyGradientConfig(Ranged):
    """The gradient controller; the two intervals have no default in Envoy either."""

    concurrency_update_interval: Annotated[Duration, Gt(0)]
    """A window: at its end the limit is computed anew."""
    min_rtt_interval: Annotated[Duration, Gt(0)]
    """From one measurement of the least latency to the next (min_rtt_calc_params.interval)."""
    sample_aggregate_percentile: Annotated[float, Gt(0), Le(100)] = 50.0
    """Which percentile of the latencies stands for a window, and for a measurement."""
    max_concurrency_limit: Annotated[int, Ge(1)] = 1000
    """Greatest limit."""
    min_concurrency: Annotated[int, Ge(1)] = 3
    """Limit while the least latency is measured, at the start, and the least limit otherwise."""
    request_count: Annotated[int, Ge(1)] = 50
    """Samples of a measurement."""
    jitter: Annotated[float, Ge(0), Le(1)] = 0.15
    """Up to this share of the interval is added to it, drawn."""
    buffer: Annotated[float, Ge(0)] = 0.25
    """By what share latency may exceed the least before it counts."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        check_order(self, "min_concurrency", "max_concurrency_limit")


class EnvoyGradient(ConcurrencyLimit):
    """Measures at first, and again and again; between the measurements it follows the gradient.

    Simplified: a percentile is a sample, not an interpolation in a histogram.
    """

    refusal_text, refusal_status = "reached concurrency limit", SERVICE_UNAVAILABLE

    def __init__(self, config: EnvoyGradientConfig, draw: Callable[[], float]) -> None:
        super().__init__(config.min_concurrency)
        self._config, self._draw = config, draw
        self.least_rtt = 0
        """Of the last measurement, ns."""
        self.is_measuring = True
        self._restored = config.min_concurrency
        """The limit after the measurement."""
        self._since = 0
        """Samples of calls that began before are left out."""
        self._rtts: list[int] = []
        self._at_minimum = 0
        self._window_ends_at = self._measures_at = 0

    def ask(self, now: int) -> Pass | None:
        self._catch_up(now)
        return super().ask(now)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self._catch_up(outcome.now)
        self.in_flight -= 1
        if outcome.is_ignored or outcome.began_at < self._since:
            return
        self._rtts.append(outcome.took)
        if self.is_measuring and len(self._rtts) >= self._config.request_count:
            self._end_measurement(outcome.now)

    def look(self, now: int) -> int:
        """The limit at `now`, after what the passing of time alone has changed."""
        self._catch_up(now)
        return self.limit

    def _catch_up(self, now: int) -> None:
        """What its two timers have done by now; a window without samples changes nothing."""
        while not self.is_measuring and min(self._window_ends_at, self._measures_at) <= now:
            if self._measures_at <= self._window_ends_at:
                self._begin_measurement(self._measures_at)
            elif self._rtts:
                self._end_window(self._window_ends_at)
            else:
                interval = self._config.concurrency_update_interval
                idle = min(now, self._measures_at) - self._window_ends_at
                self._window_ends_at += interval * max(1, ceil(idle / interval))

    def _begin_measurement(self, now: int) -> None:
        self.is_measuring, self._since, self._rtts = True, now, []
        self._restored, self._estimate = self.limit, self._config.min_concurrency
        self._at_minimum = 0

    def _end_measurement(self, now: int) -> None:
        config = self._config
        self.least_rtt = self._percentile()
        self.is_measuring, self._estimate = False, self._restored
        self._window_ends_at = now + config.concurrency_update_interval
        self._measures_at = now + config.min_rtt_interval + int(config.min_rtt_interval * config.jitter * self._draw())

    def _end_window(self, now: int) -> None:
        config, limit = self._config, self.limit
        self._window_ends_at = now + config.concurrency_update_interval
        ratio = self.least_rtt * (1 + config.buffer) / max(1, self._percentile())
        scaled = limit * max(LEAST_GRADIENT, min(MOST_GRADIENT, ratio))
        wanted = int(scaled + sqrt(scaled))
        self._set(max(config.min_concurrency, min(config.max_concurrency_limit, wanted)), now)

    def _set(self, limit: int, now: int) -> None:
        is_at_minimum = self._estimate == limit == self._config.min_concurrency
        self._at_minimum = self._at_minimum + 1 if is_at_minimum else 0
        self._estimate = limit
        if self._at_minimum >= MOST_AT_MINIMUM:
            self._measures_at = now

    def _percentile(self) -> int:
        rtts, self._rtts = sorted(self._rtts), []
        return rtts[ceil(len(rtts) * self._config.sample_aggregate_percentile / 100) - 1]
