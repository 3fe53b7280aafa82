"""Whether runs still drift: a test of what is left of a warm-up. It finds no cut (`sim.analysis.warmup`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.student import Sample

if TYPE_CHECKING:
    FloatArray = NDArray[np.float64]
else:
    FloatArray = Any

ALPHA = 0.01
"""How often a stationary response is said to drift, at most: a study has dozens of points."""
WORTH = 0.5
"""Of the half-width of the mean's interval. A bias as large leaves a 95 % interval some 83 %, a smaller one does not
matter beside the scatter."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a later start would do to the mean of several runs."""

    p: float
    """Of the early part differing from the rest by chance alone."""
    shift: float
    """By how much the later start moves the mean."""
    reach: float
    """The half-width of the mean's 95 % interval."""

    @property
    def is_real(self) -> bool:
        """More than chance, and large enough to matter for the mean."""
        return self.p < ALPHA and abs(self.shift) > WORTH * self.reach


def drift(runs: Sequence[Sequence[float | None]], start: int, later: int) -> Drift:
    """Whether runs that count from `start` on should count from `later` on.

    Parameters
    ----------
    runs
        A series of each replication, all of the same steps, at least two with a value; None where a step has none.
    start, later
        Steps; `later` not before `start`.

    Notes
    -----
    A cut that was searched for, as that of MSER-5, lies where the beginning differs most by chance, too: over half of
    stationary AR(1) series have one. So the test looks at one number of each run that is fixed before: the weighted sum
    of how the mean up to each step differs from the mean of all, early steps first. Replications are independent, so
    Student's t tells whether it is zero on average. A step without a value takes that of the step before.

    References
    ----------
    Schruben, Singh and Tierney, Optimal Tests for Initialization Bias in Simulation Output, Operations Research 31
    (1983), for the weights; Goldsman, Schruben and Swain, Tests for Transient Means in Simulated Time Series, Naval
    Research Logistics 41 (1994).
    """
    length = min(len(run) for run in runs)
    table = np.array([_filled(run[:length]) for run in runs if any(value is not None for value in run[:length])])
    counted, after = table[:, start:].mean(axis=1), table[:, later:].mean(axis=1)
    lean = Sample.of(_contrasts(table[:, start:]).tolist())
    mean = Sample.of(counted.tolist()).interval(0.95)
    return Drift(
        p=min(1.0, 2 * min(lean.p_above(0.0), lean.p_below(0.0))),
        shift=float((after - counted).mean()),
        reach=mean.half_width,
    )


def _contrasts(table: FloatArray) -> FloatArray:
    """Of each row, the sum over k of (1 - k/n) k (mean of all - mean of the first k)."""
    n = table.shape[1]
    k = np.arange(1, n + 1)
    lags = k * table.mean(axis=1, keepdims=True) - np.cumsum(table, axis=1)
    return np.asarray(((1 - k / n) * lags).sum(axis=1), np.float64)


def _filled(run: Sequence[float | None]) -> FloatArray:
    """Each hole with the value before it, those at the beginning with the first one."""
    values = np.array([np.nan if value is None else value for value in run])
    known = np.flatnonzero(~np.isnan(values))
    before = np.maximum(np.searchsorted(known, np.arange(values.size), side="right") - 1, 0)
    return np.asarray(values[known[before]], np.float64)
