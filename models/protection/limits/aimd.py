"""AIMD: additive increase, multiplicative decrease of calls in flight. Not TCP's window, which it is modelled on.

Source: Netflix concurrency-limits, AIMDLimit.java.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt

from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.ranges import Ranged, check_order
from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class AimdConfig(Ranged):
    """AIMDLimit's builder."""

    initial_limit: Annotated[int, Ge(1)] = 20
    """Limit at the start."""
    min_limit: Annotated[int, Ge(1)] = 20
    """Least limit."""
    max_limit: Annotated[int, Ge(1)] = 200
    """Greatest limit."""
    backoff_ratio: Annotated[float, Ge(0.5), Lt(1)] = 0.9
    """What a drop multiplies the limit by."""
    timeout: Annotated[Duration, Gt(0)] = 5 * SECOND
    """A call that took longer counts as dropped."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        check_order(self, "min_limit", "max_limit")


class Aimd(AdaptiveLimit):
    """One more for each good call near the limit, a tenth less for each drop."""

    def __init__(self, config: AimdConfig) -> None:
        super().__init__(config.initial_limit)
        self._config = config

    def sample(self, sample: Sample) -> None:
        config, limit = self._config, self.limit
        if sample.is_dropped or sample.rtt > config.timeout:
            limit = int(limit * config.backoff_ratio)
        elif sample.in_flight * 2 >= limit:
            limit += 1
        self._estimate = min(config.max_limit, max(config.min_limit, limit))
