"""Ring hash: every backend has points on a ring; a key goes to the next point.

Source: Envoy ring_hash_lb.cc, Ring::Ring: the ring is scaled so that the smallest weight gets a whole number of points.
"""

from bisect import bisect_left
from math import ceil

import numpy as np

from models.balancer.hashing import points
from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy


class RingHash(Policy):
    """The first point at or after a key."""

    def __init__(self, weight_of: WeightOf, least_size: int, salt: int) -> None:
        self._weight_of, self._least_size, self._salt = weight_of, least_size, salt
        self._points: list[int] = []
        self._owners: list[int] = []

    def changed(self, now: int, *, is_even: bool) -> None:
        """Draw the ring again: the points of those who stay are where they were, while their number is the same."""
        weights = [1.0 if is_even else self._weight_of(each, now) for each in self.members]
        total, smallest = sum(weights), min(weights)
        scale = ceil(smallest / total * self._least_size) / smallest
        counts = [max(round(weight * scale), 1) for weight in weights]
        hashes = [points(self._salt + one.endpoint.index, n) for one, n in zip(self.members, counts, strict=True)]
        ring = np.concatenate(hashes)
        order = np.argsort(ring, kind="stable")
        self._points = ring[order].tolist()
        self._owners = np.repeat(np.arange(len(counts)), counts)[order].tolist()

    def pick(self, now: int, key: int) -> Member:
        """Whose point comes next."""
        at = bisect_left(self._points, key)
        return self.members[self._owners[at if at < len(self._owners) else 0]]
