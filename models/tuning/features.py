"""Features: what a controller knows of the traffic of a window: five figures, named by the article and defined here.

Not where they come from (Traffic), not what follows from them (formula).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.units import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Of one instance's traffic over a window."""

    qps: float
    """Requests that began (Do was called) in the window, per second."""
    p99: int
    """P99 of the latencies of those that ended in it, ns, from Do to the end of the body or the error; 0 of none."""
    p99_volatility: float
    """Coefficient of variation (standard deviation / mean) of the P99s of its slices; 0 with fewer than two of them."""
    packet_size: float
    """Mean bytes of the requests that began, headers and body: what is written. 0 of none."""
    burst_entropy: float
    """Shannon entropy of how the arrivals share out among the slices, over that of even shares: 0 to 1."""
    lifetime_skewness: float
    """Skewness of how long connections live: those that closed in the window, and the age of those that are open."""
    concurrency: int = 0
    """Requests under way at a time towards the busiest host, at the 99th percentile of the time."""
    lull: int = 0
    """Longest time, ns, in which less than half of that was under way."""
    hosts: int = 0
    """Hosts that were asked."""


def rate(n: int, span: int) -> float:
    """So many in `span` ns, per second."""
    return n * SECOND / span if span > 0 else 0.0


def percentile(values: ArrayLike, p: float) -> int:
    """Sorted value number floor(p n), at most the last: the definition of all percentiles of a run. 0 of none."""
    known = np.sort(np.asarray(values, np.int64))
    return int(known[min(int(p * len(known)), len(known) - 1)]) if len(known) else 0


def volatility(latencies: ArrayLike, slice_of: ArrayLike) -> float:
    """Coefficient of variation of the P99s of the slices; the standard deviation is that of a population.

    Parameters
    ----------
    latencies : of each request that ended, ns.
    slice_of : in which slice it did.

    Examples
    --------
    >>> volatility([10, 30, 30], [0, 1, 1])
    0.5
    """
    values, places = np.asarray(latencies, np.int64), np.asarray(slice_of, np.int64)
    p99s = [percentile(values[places == place], 0.99) for place in np.unique(places)]
    mean = np.mean(p99s) if len(p99s) > 1 else 0.0
    return float(np.std(p99s) / mean) if mean else 0.0


def burst_entropy(counts: ArrayLike) -> float:
    """Normalised Shannon entropy of arrivals by slice: -sum p log2 p over log2 of the number of slices; 0 of none.

    It is 1 when every slice has as many as every other, and 0 when one slice has them all: the more traffic comes in
    bursts, the *lower* it is. Few arrivals cannot be even: n of them reach log2 n / log2 slices at most.

    Examples
    --------
    >>> burst_entropy([5, 5, 5, 5]), burst_entropy([20, 0, 0, 0]), burst_entropy([10, 10, 0, 0])
    (1.0, 0.0, 0.5)
    """
    known: NDArray[np.float64] = np.asarray(counts, np.float64)
    total = known.sum()
    if len(known) < 2 or total <= 0:
        return 0.0
    shares = known[known > 0] / total
    return min(abs(float((shares * np.log2(shares)).sum())) / float(np.log2(len(known))), 1.0)


def skewness(values: ArrayLike) -> float:
    """Fisher and Pearson's g1, the third central moment over the standard deviation cubed; 0 where it has no meaning.

    Examples
    --------
    >>> round(skewness([1, 1, 1, 9]), 3), skewness([2, 2]), skewness([1, 2, 3])
    (1.155, 0.0, 0.0)
    """
    known = np.asarray(values, np.float64)
    if len(known) < 3 or np.ptp(known) <= 1e-9 * np.abs(known).max():
        return 0.0
    apart = known - known.mean()
    return float((apart**3).mean() / (apart**2).mean() ** 1.5)
