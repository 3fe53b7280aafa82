"""A rate profile: an arrival rate that is linear on each of several segments, and Poisson arrivals drawn along it.

Not a configuration: `curve` and `bursts` build profiles from what the user wrote.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.units import SECOND

BLOCK = 4096
"""Draws per block: a number costs 43-52 ns in blocks of this size, 450-560 ns alone."""


class Segment(NamedTuple):
    """From instant `start` to instant `end` (ns) the rate goes linearly from `first` to `last` (per second)."""

    start: int
    end: int
    first: float
    last: float


class RateProfile:
    """The cumulative rate (expected arrivals) over adjoining segments, and its inverse.

    Parameters
    ----------
    segments
        Adjoining, in order; empty ones (start = end) are left out. At least one must remain.

    Notes
    -----
    Arrivals of a Poisson process with rate r(t) are those of a unit-rate process mapped through the inverse of
    the cumulative rate (Çinlar 1975, "Introduction to Stochastic Processes", 4.7). On a linear segment the inverse
    is a quadratic, solved as 2d / (r + sqrt(r² + 2sd)), which also holds for a slope s of 0.
    """

    __slots__ = ("_first", "_lengths", "_masses", "_slopes", "_starts", "mass")

    def __init__(self, segments: Sequence[Segment]) -> None:
        start, end, first, last = np.array([piece for piece in segments if piece.start < piece.end]).T
        seconds = (end - start) / SECOND
        masses = np.concatenate([[0.0], np.cumsum((first + last) / 2 * seconds)])
        self.mass = float(masses[-1])
        """Expected number of arrivals over the whole profile."""
        self._masses = masses[:-1]
        self._starts = start.astype(np.int64)
        self._lengths = (end - start).astype(np.int64)
        self._first = first
        self._slopes = (last - first) / seconds

    def instants(self, masses: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the instants (ns) at which the cumulative rate reaches each of the nondecreasing `masses`."""
        at = np.searchsorted(self._masses, masses, side="right") - 1
        beyond = masses - self._masses[at]
        rate = self._first[at]
        root = np.sqrt(np.maximum(rate * rate + 2 * self._slopes[at] * beyond, 0.0))
        seconds = np.divide(2 * beyond, rate + root, out=np.zeros_like(beyond), where=rate + root > 0)
        # rounding must not push an arrival over the end of its segment, nor before its predecessor
        inside = np.minimum(np.rint(seconds * SECOND), self._lengths[at] - 1).astype(np.int64)
        return np.maximum.accumulate(self._starts[at] + inside)


def arrivals_along(profiles: Iterable[RateProfile], rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield blocks of arrival instants (ns, nondecreasing) of a Poisson process along adjoining `profiles`."""
    ahead = rng.standard_exponential(BLOCK).cumsum()
    for profile in profiles:
        while ahead[-1] < profile.mass:
            yield profile.instants(ahead).tolist()
            ahead = ahead[-1] + rng.standard_exponential(BLOCK).cumsum()
        inside = int(np.searchsorted(ahead, profile.mass))
        if inside:
            yield profile.instants(ahead[:inside]).tolist()
        ahead = ahead[inside:] - profile.mass
