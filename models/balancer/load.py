"""Load: what a backend reports of itself to those who balance: counters that only grow, and its last latencies."""

from collections import deque
from statistics import median_low

REMEMBERED = 64
"""Latencies of which the median is reported."""


class Load:
    """The report of one backend, the same for all clients.

    Simplified: it is written when an answer reaches its client, half a round trip after the backend knew it.
    """

    __slots__ = ("busy", "failed", "latencies", "served")

    def __init__(self) -> None:
        self.served = 0
        """Requests that it has answered."""
        self.failed = 0
        """Those of them with a status of 500 and more."""
        self.busy = 0
        """Time that its handlers took together, ns."""
        self.latencies: deque[int] = deque(maxlen=REMEMBERED)

    def add(self, work: int, *, is_failure: bool) -> None:
        """A request has been answered after `work` ns of its handler."""
        self.served += 1
        self.failed += is_failure
        self.busy += work
        self.latencies.append(work)

    def latency(self) -> int:
        """The median of the last latencies, ns; 0 before the first."""
        return median_low(self.latencies) if self.latencies else 0
