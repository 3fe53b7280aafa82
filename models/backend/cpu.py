"""Cpu: a number of cores that work first come, first served. The waiting is computed, not simulated."""

from heapq import heapreplace


class Cpu:
    """When work ends that is asked for now. Ask in order of time."""

    __slots__ = ("_free_at",)

    def __init__(self, cores: int) -> None:
        self._free_at = [0] * cores

    def take(self, now: int, cost: int) -> int:
        """Use a core for `cost` ns as soon as one is free; return the instant at which the work is done."""
        done_at = max(now, self._free_at[0]) + cost
        heapreplace(self._free_at, done_at)
        return done_at
