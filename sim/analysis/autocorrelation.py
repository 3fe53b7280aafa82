"""How much neighbours in a series lean on one another. Not a remedy (`batch_means`, `sections`)."""

import numpy as np
from numpy.typing import ArrayLike


def lag1(values: ArrayLike) -> float:
    """Correlation of each value with the next, ``(n,)`` with n > 1; 0 where all are equal.

    Notes
    -----
    From von Neumann's ratio of successive differences: ``1 - sum (x_i - x_{i+1})^2 / (2 sum (x_i - mean)^2)``. Unlike
    the plain estimate it is 0 on average for independent values, however few.

    References
    ----------
    von Neumann, Distribution of the Ratio of the Mean Square Successive Difference to the Variance, Annals of
    Mathematical Statistics 12 (1941).

    Examples
    --------
    >>> round(lag1([1.0, -1.0] * 50), 2)
    -0.98
    """
    series = np.asarray(values, dtype=np.float64)
    centred = series - series.mean()
    spread = float(centred @ centred)
    if spread <= 0:
        return 0.0
    steps = np.diff(centred)
    return 1 - float(steps @ steps) / (2 * spread)
