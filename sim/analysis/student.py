"""A mean with its standard error: what t intervals, tests and plans of more replications are all made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, sqrt

import numpy as np
from scipy import stats

from sim.analysis.interval import Interval

_ANY = 1_000_000
"""Values from which t's factor no longer falls."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The mean of n independent values, with the standard error of that mean; 0 where all values agree."""

    mean: float
    error: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sample":
        """Of values, at least one; a single one passes for certain, as equal ones do."""
        sample = np.asarray(values, dtype=np.float64)
        if len(set(sample.tolist())) == 1:  # the arithmetic of equal values may leave 1e-17
            return cls(float(sample[0]), 0.0, sample.size)
        return cls(float(sample.mean()), float(sample.std(ddof=1)) / sqrt(sample.size), sample.size)

    def interval(self, confidence: float) -> Interval:
        """Student's t interval of the mean."""
        reach = self._t(confidence, self.n) * self.error if self.error else 0.0
        return Interval(self.mean, self.mean - reach, self.mean + reach, confidence)

    def p_above(self, value: float) -> float:
        """One-sided p of the mean lying above `value`: small where it does."""
        return self._tail(self.mean - value)

    def p_below(self, value: float) -> float:
        """One-sided p of the mean lying below `value`: small where it does."""
        return self._tail(value - self.mean)

    def more_for(self, reach: float, confidence: float) -> int | None:
        """How many more values bring the half-width of the interval below `reach`; None where none would.

        Notes
        -----
        About ``n (h / reach)^2 - n`` with the half-width h of now; t's factor falls with n, so it is a little less.
        """
        if reach <= 0 or not self.error or not isfinite(self.error / reach):
            return None
        spread = self.error * sqrt(self.n)

        def is_enough(n: int) -> bool:
            return self._t(confidence, n) * spread / sqrt(n) < reach

        high = max(self.n, ceil(self.n * (self._t(confidence, self.n) * self.error / reach) ** 2) + 1)
        normal = ceil((float(stats.norm.ppf((1 + confidence) / 2)) * spread / reach) ** 2)
        if normal > _ANY:
            return normal - self.n
        low = self.n - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if is_enough(middle) else (middle, high)
        return max(1, high - self.n)

    def _tail(self, distance: float) -> float:
        if not self.error:
            return 0.0 if distance > 0 else 1.0
        return float(stats.t.sf(distance / self.error, self.n - 1))

    @staticmethod
    def _t(confidence: float, n: int) -> float:
        return float(stats.t.ppf((1 + confidence) / 2, n - 1)) if n > 1 else inf
