"""Series whose truth is known, and how often intervals hold it."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from sim.analysis.interval import Interval

LOAD = 0.8
MEAN_WAIT = LOAD / (1 - LOAD)
"""Of M/M/1 with mean service 1."""

Draw = Callable[[np.random.Generator], NDArray[np.float64]]


def wait_quantile(p: float) -> float:
    """Of M/M/1 waits with mean service 1: P(W > t) = load exp(-(1 - load) t)."""
    return float(np.log(LOAD / (1 - p)) / (1 - LOAD))


def mm1_waits(rng: np.random.Generator, n: int, *, empty: bool = False) -> NDArray[np.float64]:
    """Waits of n customers, by Lindley's recursion in closed form; stationary from the first unless it starts empty."""
    steps = rng.exponential(1.0, n) - rng.exponential(1 / LOAD, n)
    steps[0] = 0.0 if empty or rng.random() >= LOAD else rng.exponential(1 / (1 - LOAD))
    walk = np.cumsum(steps)
    return walk - np.minimum(np.minimum.accumulate(walk), 0.0)


def ar1(rng: np.random.Generator, n: int, rho: float) -> NDArray[np.float64]:
    """A stationary AR(1) series with mean 0 and variance 1."""
    from scipy.signal import lfilter

    noise = rng.normal(0, np.sqrt(1 - rho**2), n)
    noise[0] = rng.normal()
    return np.asarray(lfilter([1.0], [1.0, -rho], noise), dtype=np.float64)


def share_held(intervals: Iterable[Interval | None], truth: float) -> tuple[float, float]:
    """The share of intervals that hold the truth among those that are there, and the share that is there."""
    found = list(intervals)
    there = [one for one in found if one is not None]
    return sum(one.holds(truth) for one in there) / max(1, len(there)), len(there) / len(found)
