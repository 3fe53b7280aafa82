"""Estimates of a study: a mean, a difference or a ratio over replications, each with its 95 % interval."""

from collections.abc import Sequence

import numpy as np

from sim.analysis.interval import Interval, mean_interval

CONFIDENCE = 0.95


def estimate(values: Sequence[float]) -> Interval:
    """The mean of independent replications with its t interval.

    Where all agree, a single one included, the interval has no width: a study that asks for one replication
    takes its result as certain.
    """
    if len(set(values)) == 1:
        return Interval(values[0], values[0], values[0], CONFIDENCE)
    return mean_interval(values, CONFIDENCE)


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Ours less theirs, replication by replication: common random numbers cancel out."""
    return estimate([mine - other for mine, other in zip(ours, theirs, strict=True)])


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Interval | None:
    """The ratio of the means, paired by replication; None where the denominator's mean is zero.

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
    return estimate([value + float(residual) for residual in (above - value * below) / below.mean()])
