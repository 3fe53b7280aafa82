"""How unevenly loads fall on equal places: the measures, and what chance alone would give. Not where loads come from.

All take loads as an array whose last axis is the places, and give one figure for each row of them. A row without any
load has no mean to compare with, and NaN for a figure.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""Numbers, whole ones or not."""


def cv(loads: Floats) -> Floats:
    """Coefficient of variation: the population standard deviation over the mean. 0 is even, sqrt(n - 1) all on one.

    Examples
    --------
    >>> float(cv(np.array([400.0, 0, 0, 0])))
    1.7320508075688772
    """
    found: Floats = sd(loads) / _mean(loads)
    return found


def max_over_mean(loads: Floats) -> Floats:
    """The largest load over the mean: 1 is even, n all on one."""
    found: Floats = np.max(loads, axis=-1) / _mean(loads)
    return found


def extra_capacity(loads: Floats) -> Floats:
    """What all places together need beyond an even spread, as a share, so that the fullest one is not fuller."""
    found: Floats = max_over_mean(loads) - 1
    return found


def jain(loads: Floats) -> Floats:
    """Jain's index, (sum x)^2 / (n sum x^2) = 1 / (1 + CV^2): 1 is even, 1/n all on one (Jain, Chiu, Hawe 1984)."""
    found: Floats = 1 / (1 + cv(loads) ** 2)
    return found


def sd(loads: Floats) -> Floats:
    """Standard deviation of the loads as the whole population, in their unit: it grows with their number."""
    found: Floats = np.std(loads, axis=-1)
    return found


def sample_sd(loads: Floats) -> Floats:
    """Standard deviation of the loads as a sample (n - 1 in the denominator), in their unit; NaN for one place."""
    n = loads.shape[-1]
    found: Floats = sd(loads) * (np.sqrt(n / (n - 1)) if n > 1 else np.nan)
    return found


FIGURES: Mapping[str, Callable[[Floats], Floats]] = {
    "cv": cv,
    "max_over_mean": max_over_mean,
    "extra_capacity": extra_capacity,
    "jain": jain,
    "sd": sd,
    "sample_sd": sample_sd,
}
"""The measures by name."""


def cv_by_chance(places: int, weights: Floats) -> float:
    """Root of the mean squared CV where each weight falls on a place of its own lot, all places equally likely.

    With m equal weights sqrt((n - 1) / m); with weights of a coefficient of variation c, sqrt((n - 1) / m (1 + c^2)),
    since the load of a place is a compound sum. NaN without any weight.

    Examples
    --------
    >>> round(cv_by_chance(3, np.ones(30)), 3)
    0.258
    """
    total = float(np.sum(weights))
    return float(np.sqrt((places - 1) * np.sum(weights**2)) / total) if total else float("nan")


def sd_by_chance(places: int, number: float) -> float:
    """Standard deviation of the counts where so many ones fall by lot: sqrt(m (n - 1)) / n.

    Examples
    --------
    >>> round(sd_by_chance(3, 35), 2)
    2.79
    """
    return float(np.sqrt(number * (places - 1)) / places)


def number_by_chance(places: int, sd: float) -> float:
    """How many ones fall by lot for their counts to deviate by `sd`: (sd n)^2 / (n - 1).

    Examples
    --------
    >>> round(number_by_chance(3, 2.8), 1), round(number_by_chance(10, 2.8), 1)
    (35.3, 87.1)
    """
    return (sd * places) ** 2 / (places - 1)


def _mean(loads: Floats) -> Floats:
    mean = np.mean(loads, axis=-1)
    return np.where(mean > 0, mean, np.nan)
