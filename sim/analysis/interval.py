"""Intervals of confidence for means, shares and differences. Not for quantiles (`sim.analysis.quantile`)."""

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


def paired_interval(left: ArrayLike, right: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of the mean of ``left - right``, number i of both being the same replication.

    With common random numbers the pairs move together, and the difference is known better than either.
    """
    first, second = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"pairs need two samples of one length, not {first.size} and {second.size}")
    return mean_interval(first - second, confidence)


def share_interval(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a share, `hits` of `n` independent trials; of none it is [0, 1].

    References
    ----------
    Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion, Statistical Science 16 (2001), 3.1.1.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is not a share")
    if n == 0:
        return Interval(0.5, 0.0, 1.0, confidence)
    share, z = hits / n, float(stats.norm.ppf((1 + confidence) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # at the ends the bound is exact; the arithmetic leaves 1e-17
    low = 0.0 if hits == 0 else middle - reach
    high = 1.0 if hits == n else middle + reach
    return Interval(share, low, high, confidence)
