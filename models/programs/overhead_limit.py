"""OverheadLimit: when a collector gives the program up since it does nothing but collect.

Sources: HotSpot, gcOverheadChecker.cpp, check_gc_overhead_limit; adaptiveSizePolicy.cpp, gc_cost,
major_collection_end; gcUtil.cpp, AdaptiveWeightedAverage.
"""

THRESHOLD = 5
"""Full collections in a row that have to be as bad (GCOverheadLimitThreshold)."""
WEIGHT = 25
"""Percent that the newest sample counts in a running average (AdaptiveTimeWeight), more while there are few."""


class Average:
    """An exponential average whose first samples count equally (AdaptiveWeightedAverage)."""

    __slots__ = ("_n", "value")

    def __init__(self) -> None:
        self._n, self.value = 0, 0.0

    def sample(self, value: float) -> None:
        """One more."""
        self._n += 1
        weight = max(WEIGHT, 100 / self._n) / 100
        self.value += (value - self.value) * weight


class OverheadLimit:
    """Counts the full collections that cost too much and free too little.

    Parameters
    ----------
    time_limit : share of time above which collections cost too much.
    free_limit : share of a generation below which too little is free.
    now : when the program starts, ns.
    """

    __slots__ = ("_free_limit", "_full", "_full_ended_at", "_n", "_time_limit", "_young", "_young_ended_at")

    def __init__(self, time_limit: float, free_limit: float, now: int = 0) -> None:
        self._time_limit, self._free_limit = time_limit, free_limit
        self._young, self._full = Average(), Average()
        self._young_ended_at = self._full_ended_at = now
        self._n = 0

    @property
    def cost(self) -> float:
        """Share of time that collections take, by the running averages of both kinds."""
        return min(self._young.value + self._full.value, 1.0)

    def young(self, now: int, pause: int) -> None:
        """A young collection begins at `now` and takes `pause` ns."""
        self._young.sample(pause / max(now + pause - self._young_ended_at, 1))
        self._young_ended_at = now + pause

    def full(self, now: int, pause: int, *, free: float) -> bool:
        """A full one begins, and leaves at most the share `free` of eden and of the old generation.

        Returns whether that is the end; the count begins anew then.
        """
        self._full.sample(pause / max(now + pause - self._full_ended_at, 1))
        self._full_ended_at = self._young_ended_at = now + pause
        self._n = self._n + 1 if self.cost > self._time_limit and free < self._free_limit else 0
        if self._n < THRESHOLD:
            return False
        self._n = 0
        return True
