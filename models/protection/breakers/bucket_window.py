"""Bucket window: the outcomes of the current bucket of time and of some before it. Not those of a number of calls.

Sources: Sentinel LeapArray.java, resilience4j SlidingTimeWindowMetrics.java, Hystrix BucketedRollingCounterStream.java:
three names of one thing, whose buckets begin at multiples of their width. With one bucket the window tumbles.
"""


class BucketWindow:
    """Sums over the bucket that holds the present and the `n` - 1 before it.

    Parameters
    ----------
    width
        Of a bucket, in ns.
    n
        How many buckets there are, with the current one.
    origin
        An instant at which a bucket begins; the epoch, where nothing else is said.
    """

    __slots__ = ("_at", "_failures", "_n", "_origin", "_slow", "_totals", "_width", "failures", "slow", "total")

    def __init__(self, width: int, n: int, origin: int = 0) -> None:
        self._width, self._n = width, n
        self.clear(origin)

    def clear(self, origin: int | None = None) -> None:
        """Forget everything; from `origin` on, where one is given, buckets begin there."""
        if origin is not None:
            self._origin, self._at = origin, 0
        self._totals, self._failures, self._slow = [0] * self._n, [0] * self._n, [0] * self._n
        self.total = self.failures = self.slow = 0

    def move(self, now: int) -> None:
        """Let the buckets leave that are too old at `now`."""
        at = (now - self._origin) // self._width
        steps = at - self._at
        if steps <= 0:
            return
        self._at = at
        if steps >= self._n:
            self.clear()
            return
        for place in range(at - steps + 1, at + 1):
            slot = place % self._n
            self.total -= self._totals[slot]
            self.failures -= self._failures[slot]
            self.slow -= self._slow[slot]
            self._totals[slot] = self._failures[slot] = self._slow[slot] = 0

    def add(self, now: int, is_failure: bool, is_slow: bool = False) -> None:
        """One outcome more, in the bucket of `now`."""
        self.move(now)
        slot = self._at % self._n
        self._totals[slot] += 1
        self._failures[slot] += is_failure
        self._slow[slot] += is_slow
        self.total += 1
        self.failures += is_failure
        self.slow += is_slow
