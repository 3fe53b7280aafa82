"""Leap array: Sentinel's sliding window, a ring of buckets at multiples of their length. Not what is done with it.

Source: Sentinel LeapArray.java, MetricBucket.java, StatisticNode.java. Times are whole ms.
"""

MOST_RT_MS = 5000
"""Least response time where nothing has ended (SentinelConfig.statisticMaxRt)."""


class Bucket:
    """What happened in one stretch of time."""

    __slots__ = ("least_rt_ms", "passed", "rt_ms", "start_ms", "succeeded")

    def __init__(self) -> None:
        self.open(-1)

    def open(self, start_ms: int) -> None:
        """Begin with another stretch."""
        self.start_ms = start_ms
        self.passed = self.succeeded = self.rt_ms = 0
        self.least_rt_ms = MOST_RT_MS


class LeapArray:
    """The running bucket and those before it: by default a second in two buckets."""

    def __init__(self, buckets: int = 2, length_ms: int = 500) -> None:
        self.n, self.length_ms = buckets, length_ms
        self._ring = [Bucket() for _ in range(buckets)]

    def at(self, now_ms: int) -> Bucket:
        """The running bucket."""
        start_ms = now_ms - now_ms % self.length_ms
        bucket = self._ring[now_ms // self.length_ms % self.n]
        if bucket.start_ms != start_ms:
            bucket.open(start_ms)
        return bucket

    def live(self, now_ms: int) -> list[Bucket]:
        """The running bucket and those of before that have not left the window."""
        self.at(now_ms)
        since = now_ms - self.n * self.length_ms
        return [bucket for bucket in self._ring if bucket.start_ms >= max(0, since)]

    def passed(self, now_ms: int) -> int:
        """Calls that passed within the window."""
        return sum(bucket.passed for bucket in self.live(now_ms))

    def starting_at(self, start_ms: int) -> Bucket | None:
        """The bucket that began then, if it is still there."""
        bucket = self._ring[start_ms // self.length_ms % self.n]
        return bucket if bucket.start_ms == start_ms else None
