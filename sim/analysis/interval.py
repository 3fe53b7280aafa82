"""Intervals of confidence, and that of a mean. Not for quantiles (`sim.analysis.quantile`) or tests (`student`)."""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two bounds; infinite bounds say that the data do not bind it."""

    estimate: float
    low: float
    high: float
    confidence: float

    @property
    def half_width(self) -> float:
        """Half the distance of the bounds, in the unit of the estimate."""
        return (self.high - self.low) / 2

    @property
    def relative_half_width(self) -> float:
        """The half-width over the size of the estimate: 0 for a sure one, infinite about 0."""
        if self.half_width == 0:
            return 0.0
        return self.half_width / abs(self.estimate) if self.estimate else inf

    def holds(self, value: float) -> bool:
        """Whether `value` lies within, bounds included."""
        return self.low <= value <= self.high


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean of independent replications, ``(n,)`` with n > 0; one alone binds nothing."""
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        raise ValueError("there is no mean of no values")
    mean = float(sample.mean())
    if sample.size == 1:
        return Interval(mean, -inf, inf, confidence)
    error = float(sample.std(ddof=1)) / sqrt(sample.size)
    reach = error * float(stats.t.ppf((1 + confidence) / 2, sample.size - 1))
    return Interval(mean, mean - reach, mean + reach, confidence)
