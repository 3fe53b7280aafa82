"""A logistic curve through shares of bad looks: where half of them are bad. Not the proof of a cliff, see `cliff`."""

from collections.abc import Sequence
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from sim.analysis.interval import Interval

STEEPEST, FLATTEST = 200.0, 0.5
"""Slopes over the whole span of the looks: from a step to a line that hardly rises."""


def half_point(x: Sequence[float], n: Sequence[int], bad: Sequence[int], confidence: float = 0.95) -> Interval | None:
    """Where the curve passes one half, with its interval by the profile of the likelihood.

    Parameters
    ----------
    x, n, bad : levels, looks at each and how many of them were bad.

    Returns
    -------
    None where there is no curve to fit: a step parts the good from the bad, so any place in the gap is as likely.

    Notes
    -----
    Looks count as independent; where they share random numbers between levels, the interval is somewhat too narrow.

    References
    ----------
    Venzon and Moolgavkar, A Method for Computing Profile-Likelihood-Based Confidence Intervals, Applied Statistics 37
    (1988).
    """
    from scipy import stats

    at, looks, hits = (np.asarray(one, dtype=np.float64) for one in (x, n, bad))
    shares = hits / looks
    if all(share in {0.0, 1.0} for share in shares) or np.ptp(at) == 0:
        return None
    middles = np.linspace(at.min(), at.max(), 2001)
    profile = _profile((at - at.min()) / np.ptp(at), looks, hits)
    best = int(np.argmax(profile))
    within = middles[profile >= profile[best] - stats.chi2.ppf(confidence, 1) / 2]
    low = -inf if within[0] == middles[0] else float(within[0])
    high = inf if within[-1] == middles[-1] else float(within[-1])
    return Interval(float(middles[best]), low, high, confidence)


def share_at(x: float, middle: float, slope: float) -> float:
    """The curve: the share of bad looks at x."""
    return 1 / (1 + exp(-max(-500.0, min(500.0, slope * (x - middle)))))


def _profile(at: NDArray[np.float64], looks: NDArray[np.float64], hits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best log likelihood of each place of the middle, over all slopes."""
    middles = np.linspace(0, 1, 2001)
    best = np.full(middles.shape, -np.inf)
    for slope in np.geomspace(FLATTEST, STEEPEST, 60):
        score = slope * (at[None, :] - middles[:, None])
        fits = hits * -np.logaddexp(0, -score) + (looks - hits) * -np.logaddexp(0, score)
        best = np.maximum(best, fits.sum(axis=1))
    return best
