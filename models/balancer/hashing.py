"""Hashing: from numbers to numbers that look random, the same in every run.

Simplified: proxies use xxHash or Jenkins' hash; any good one spreads alike. Source of this one: splitmix64 (Steele, Lea
and Flood 2014, Fast splittable pseudorandom number generators).
"""

import numpy as np
from numpy.typing import NDArray

MASK = (1 << 64) - 1
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mix(number: int) -> int:
    """A hash of 64 bits."""
    x = (number + _GOLDEN) & MASK
    x = ((x ^ (x >> 30)) * _FIRST) & MASK
    x = ((x ^ (x >> 27)) * _SECOND) & MASK
    return x ^ (x >> 31)


def points(seed: int, n: int) -> NDArray[np.uint64]:
    """`n` hashes that belong to `seed`, shape ``(n,)``; the first are the same for every `n`."""
    x = np.arange(n, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(mix(seed))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_SECOND)
    return x ^ (x >> np.uint64(31))
