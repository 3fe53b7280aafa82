"""Load: what a backend reports of itself to those who balance: counters that only grow, and its last latencies."""

from collections import deque
from statistics import median_low

REMEMBERED = 16
"""Latencies at each number of requests in flight of which the median is reported."""


class Load:
    """The report of one backend, the same for all clients.

    Simplified: it is written when an answer reaches its client, half a round trip after the backend knew it, and a
    latency belongs to the requests that were in flight when it ended, not when it began.
    """

    __slots__ = ("_latencies", "busy", "failed", "served")

    def __init__(self) -> None:
        self.served = 0
        """Requests that it has answered."""
        self.failed = 0
        """Those of them with a status of 500 and more."""
        self.busy = 0
        """Time that its handlers took together, ns."""
        self._latencies: dict[int, deque[int]] = {}

    def add(self, work: int, latency: int, *, in_flight: int, is_failure: bool) -> None:
        """A request has been answered, `latency` ns after it came, after `work` ns of its handler."""
        self.served += 1
        self.failed += is_failure
        self.busy += work
        latencies = self._latencies.get(in_flight)
        if latencies is None:
            latencies = self._latencies[in_flight] = deque(maxlen=REMEMBERED)
        latencies.append(latency)

    def latency(self, in_flight: int) -> int:
        """The median of the last latencies with about so many requests in flight, ns; 0 before the first."""
        if not self._latencies:
            return 0
        latencies = self._latencies.get(in_flight)
        if latencies is None:
            latencies = self._latencies[min(self._latencies, key=lambda known: abs(known - in_flight))]
        return median_low(latencies)
