"""A logistic curve through shares of bad looks: where half of them are bad. Not the proof of a cliff, see `cliff`."""

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.analysis.interval import Interval

STEEPEST, FLATTEST = 200.0, 0.5
"""Slopes over the whole span of the looks: from a step to a line that hardly rises."""
_PLACES, _SLOPES = 201, 40


def half_point(
    x: Sequence[float], n: Sequence[int], bad: Sequence[int], *, confidence: float = 0.95
) -> Interval | None:
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
    scaled, drop = (at - at.min()) / np.ptp(at), stats.chi2.ppf(confidence, 1) / 2
    coarse = np.linspace(0, 1, _PLACES)
    low, _, high = _within(coarse, _profile(coarse, scaled, looks, hits), drop)
    fine = np.linspace(max(0.0, low - coarse[1]), min(1.0, high + coarse[1]), _PLACES)
    fine_low, best, fine_high = _within(fine, _profile(fine, scaled, looks, hits), drop)
    start, span = float(at.min()), float(np.ptp(at))
    return Interval(
        start + span * best,
        -inf if low == 0 else start + span * fine_low,
        inf if high == 1 else start + span * fine_high,
        confidence,
    )


def _within(middles: NDArray[np.float64], profile: NDArray[np.float64], drop: float) -> tuple[float, float, float]:
    """The first, the best and the last place whose likelihood is at most `drop` below the best."""
    best = int(np.argmax(profile))
    within = middles[profile >= profile[best] - drop]
    return float(within[0]), float(middles[best]), float(within[-1])


def _profile(
    middles: NDArray[np.float64], at: NDArray[np.float64], looks: NDArray[np.float64], hits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The best log likelihood of each place of the middle, over all slopes."""
    best = np.full(middles.shape, -np.inf)
    for slope in np.geomspace(FLATTEST, STEEPEST, _SLOPES):
        score = slope * (at[None, :] - middles[:, None])
        fits = hits * -np.logaddexp(0, -score) + (looks - hits) * -np.logaddexp(0, score)
        best = np.maximum(best, fits.sum(axis=1))
    return best
