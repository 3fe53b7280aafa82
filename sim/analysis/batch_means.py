"""The mean of one long run and how sure one may be of it, by batch means. Not for several runs (`interval`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.analysis.autocorrelation import lag1
from sim.analysis.interval import Interval, mean_interval

if TYPE_CHECKING:
    FloatArray = NDArray[np.float64]
else:
    FloatArray = Any

BATCHES = 30
"""Of the interval: between 20 and 30, more gain next to nothing and are less normal (Schmeiser 1982)."""

FINER = (32, 16, 8, 4)
"""Batches that many times smaller than those of the interval are asked whether they follow one another."""

INDEPENDENT = 0.2
"""Lag-1 correlation of batch means below which they pass for independent."""

LEAST = 10
"""Values in the smallest batch: fewer make a mean that is far from normal."""


@dataclass(frozen=True, slots=True)
class LongRun:
    """What one run says of a mean."""

    estimate: float
    interval: Interval | None
    """None where the run is too short; then `reason` says why."""
    independent_at: int | None
    """Values in the smallest batches, of those tried by doubling, whose means pass for independent."""
    reason: str = ""


def batch_means(values: ArrayLike, confidence: float = 0.95) -> LongRun:
    """The mean of a stationary series with an interval that its autocorrelation does not make too narrow.

    Parameters
    ----------
    values
        Observations in the order of time, ``(n,)`` with n > 0, warm-up cut off.

    Notes
    -----
    The series is cut into 30 batches that do not overlap; their means are independent where a batch is long against
    the memory of the series. Thirty means cannot tell (their lag-1 correlation scatters by 0.18), so smaller batches
    are asked: from 960 on, the size is doubled until the correlation is below 0.2. Where even a quarter of a batch
    follows the one before, there is no interval, because it would be too narrow. Values that do not fill a batch are
    left out of its width at the beginning.

    References
    ----------
    Schmeiser, Batch Size Effects in the Analysis of Simulation Output, Operations Research 30 (1982); Law, Simulation
    Modeling and Analysis, 5th edition, 9.5.3.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.size == 0:
        raise ValueError("there is no mean of no values")
    mean, least = float(series.mean()), BATCHES * FINER[-1] * LEAST
    if series.size < least:
        return LongRun(mean, None, None, f"{series.size:,} values are too few; {least:,} or more are needed")
    for size in (series.size // (BATCHES * finer) for finer in FINER):
        if size >= LEAST and lag1(means_of(series, size)) < INDEPENDENT:
            reach = mean_interval(means_of(series, series.size // BATCHES)[-BATCHES:], confidence).half_width
            return LongRun(mean, Interval(mean, mean - reach, mean + reach, confidence), size)
    return LongRun(mean, None, None, "batches of it still follow one another; make the run several times longer")


def effective_size(values: ArrayLike) -> float:
    """How many independent values would tell the mean as well as these do, from the variance of 30 batch means.

    Values in the order of time, ``(n,)`` with n of 60 or more; at most n.
    """
    series = np.asarray(values, dtype=np.float64)
    spread, size = float(series.var()), series.size // BATCHES
    of_means = float(means_of(series, size)[-BATCHES:].var(ddof=1))
    return series.size * min(1.0, spread / (size * of_means)) if of_means > 0 else float(series.size)


def means_of(series: FloatArray, size: int) -> FloatArray:
    """Means of batches of that size, up to the end of the series."""
    whole = series.size // size * size
    return np.asarray(series[series.size - whole :].reshape(-1, size).mean(axis=1), np.float64)
