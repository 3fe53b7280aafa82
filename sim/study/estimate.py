"""Estimates of a study: a mean, a difference or a ratio over replications, each with its 95 % interval."""

from collections.abc import Sequence

import numpy as np

from sim.analysis.interval import Interval
from sim.analysis.student import Sample

CONFIDENCE = 0.95


def estimate(values: Sequence[float]) -> Interval:
    """The mean of independent replications with its t interval.

    Where all agree, a single one included, the interval has no width: a study that asks for one replication
    takes its result as certain.
    """
    return Sample.of(values).interval(CONFIDENCE)


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Ours less theirs, replication by replication: common random numbers cancel out."""
    return Sample.of(differences(ours, theirs)).interval(CONFIDENCE)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Interval | None:
    """The ratio of the means, paired by replication; None where the denominator's mean is zero."""
    found = ratios(ours, theirs)
    return None if found is None else Sample.of(found).interval(CONFIDENCE)


def differences(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours less theirs, pair by pair: their mean is the difference."""
    return [mine - other for mine, other in zip(ours, theirs, strict=True)]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float] | None:
    """Values whose mean is the ratio of the means and whose scatter is its own; None over a mean of zero.

    Notes
    -----
    The classical ratio estimator: its residuals are ``x - r y``, scaled by the denominator's mean. Single zeros
    in the denominator do no harm, unlike in a mean of ratios. Biased by O(1/n), within the interval.

    References
    ----------
    W. G. Cochran, Sampling Techniques, 3rd edition, chapter 6.
    """
    above, below = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if below.mean() == 0:
        return None
    value = float(above.mean() / below.mean())
    return [value + float(residual) for residual in (above - value * below) / below.mean()]


def correlation(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Of the pairs, -1 to 1: common random numbers make it positive; None for under three, or where one never varies.

    The variance of a difference is ``1 - rho`` of what independent runs of equal variance would give.
    """
    if len(ours) < 3 or len(set(ours)) == 1 or len(set(theirs)) == 1:
        return None
    return float(np.corrcoef(ours, theirs)[0, 1])
