"""A value over the time of a run, in equal steps: what a warm-up shows in. Not the levels that a run samples."""

from math import ceil, floor, log10

import numpy as np
from numpy.typing import ArrayLike

STEPS = 240
"""At most so many to a run: MSER-5 makes 48 batches of them, and a trial carries 2 to 4 kB."""


def step_of(duration: float) -> float:
    """The length of a step of a run of that many seconds: 1, 2 or 5 times a power of ten, for 96 to 240 steps.

    Examples
    --------
    >>> step_of(120.0), step_of(10.0), step_of(3600.0)
    (0.5, 0.05, 20.0)
    """
    least = duration / STEPS
    exponent = floor(log10(least))
    # by dividing, as 5 * 10**-2 is not 0.05 in binary
    steps = [factor * 10.0**exponent if exponent >= 0 else factor / 10.0**-exponent for factor in (1, 2, 5, 10)]
    return next(step for step in steps if step >= least * (1 - 1e-9))


def series_of(at: ArrayLike, values: ArrayLike, duration: float) -> tuple[float | None, ...]:
    """The mean of the values in each step of `step_of` from 0 to the duration; None in a step without any.

    Parameters
    ----------
    at, values
        When each value was seen (s) and what it was, both ``(n,)``; those outside of the duration are left out.
    """
    step = step_of(duration)
    n = ceil(duration / step - 1e-9)
    which = np.floor(np.asarray(at, dtype=np.float64) / step + 1e-9).astype(np.int64)
    inside = (which >= 0) & (which < n)
    sums = np.bincount(which[inside], weights=np.asarray(values, dtype=np.float64)[inside], minlength=n)
    counts = np.bincount(which[inside], minlength=n)
    return tuple(float(total / count) if count else None for total, count in zip(sums, counts, strict=True))
