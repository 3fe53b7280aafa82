"""Quantiles as one value of a sorted sample, and how sure one may be of them. Not a smoothing between two values."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sim.analysis.interval import Interval

if TYPE_CHECKING:
    FloatArray = NDArray[np.float64]
else:
    FloatArray = Any


def rank(p: float, n: int) -> int:
    """Where the quantile `p` of `n` sorted values stands: number floor(p n), counted from 0 and at most the last."""
    if not 0 <= p <= 1:
        raise ValueError(f"a quantile lies between 0 and 1, {p} does not")
    # 1e-9: 0.29 * 100 is 28.999999999999996 in binary; the product that the decimal text means is 29
    return min(int(p * n + 1e-9), n - 1)


def quantile(values: ArrayLike, p: float) -> float:
    """The value number `rank` of the sorted `values`, of shape ``(n,)`` with n > 0."""
    ordered = _sorted(values)
    return float(ordered[rank(p, len(ordered))])


def quantile_interval(values: ArrayLike, p: float, confidence: float = 0.95) -> Interval:
    """The quantile, and two of the sorted values between which the true one lies, whatever the distribution.

    Parameters
    ----------
    values
        Independent observations, ``(n,)``. Latencies of one run lean on one another: take one figure per run
        (`sim.analysis.interval.mean_interval`) where the run is short against its own memory.
    p
        Between 0 and 1.
    confidence
        At least this share of such intervals holds the true quantile.

    Notes
    -----
    The number of observations below the true quantile is Binomial(n, p), so the ranks are quantiles of that
    distribution, each side with half of what confidence leaves. A side for which the sample is too short is infinite.

    References
    ----------
    David and Nagaraja, Order Statistics, 3rd edition, section 7.1.
    """
    ordered = _sorted(values)
    n = len(ordered)
    doubt = (1 - confidence) / 2
    # counted from 1: value r lies above the true quantile with probability P(B < r), value s below it with P(B >= s)
    below = int(stats.binom.ppf(doubt, n, p))
    above = int(stats.binom.ppf(1 - doubt, n, p)) + 1
    return Interval(
        estimate=float(ordered[rank(p, n)]),
        low=float(ordered[below - 1]) if below >= 1 else -np.inf,
        high=float(ordered[above - 1]) if above <= n else np.inf,
        confidence=confidence,
    )


def _sorted(values: ArrayLike) -> FloatArray:
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered.size == 0:
        raise ValueError("there is no quantile of no values")
    return ordered
