"""Concurrency: how many requests were under way at a time, over a window. Not who carried them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Of one host over a window."""

    p99: int
    """Requests under way that were exceeded during 1 % of the time at most."""
    lull: int
    """The longest time, in ns, in which less than half of that was under way, or nothing."""


def concurrency(spans: Iterable[tuple[int, int]], start: int, end: int) -> Concurrency:
    """From the spans of all requests, (asked, done) in ns; what lies outside ``start`` to ``end`` is cut off.

    Examples
    --------
    >>> concurrency([(0, 10), (0, 10), (60, 100), (60, 100)], 0, 100)
    Concurrency(p99=2, lull=50)
    """
    cut = np.array([(max(a, start), min(b, end)) for a, b in spans if b > start and a < end], np.int64).reshape(-1, 2)
    if end <= start or not len(cut):
        return Concurrency(0, max(end - start, 0))
    instants = np.concatenate([[start], cut.ravel("F"), [end]])
    steps = np.concatenate([[0], np.ones(len(cut), np.int64), -np.ones(len(cut), np.int64), [0]])
    order = np.argsort(instants, kind="stable")
    levels, lengths = np.cumsum(steps[order])[:-1], np.diff(instants[order])
    p99 = _time_quantile(levels, lengths, 0.99)
    return Concurrency(p99, _longest_below(levels, lengths, max(p99 / 2, 1)))


def _time_quantile(levels: NDArray[np.int64], lengths: NDArray[np.int64], p: float) -> int:
    """The lowest level at or below which the share `p` of the time was spent."""
    spent = np.bincount(levels, weights=lengths).cumsum()
    return int(np.searchsorted(spent, p * spent[-1]))


def _longest_below(levels: NDArray[np.int64], lengths: NDArray[np.int64], limit: float) -> int:
    longest = lasts = 0
    for level, length in zip(levels.tolist(), lengths.tolist(), strict=True):
        if length:
            lasts = lasts + length if level < limit else 0
            longest = max(longest, lasts)
    return longest
