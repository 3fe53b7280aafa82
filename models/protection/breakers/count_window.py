"""Count window: the last n outcomes. Not those of a time (bucket_window.py).

Source: resilience4j FixedSizeSlidingWindowMetrics.java.
"""

from collections import deque


class CountWindow:
    """Sums over the last `size` outcomes; an older one leaves as a new one comes."""

    __slots__ = ("_ring", "failures", "slow", "total")

    def __init__(self, size: int) -> None:
        self._ring: deque[tuple[bool, bool]] = deque(maxlen=size)
        self.total = self.failures = self.slow = 0

    def add(self, now: int, is_failure: bool, is_slow: bool = False) -> None:
        """One outcome more; when it came does not matter."""
        ring = self._ring
        if len(ring) == ring.maxlen:
            was_failure, was_slow = ring[0]
            self.total -= 1
            self.failures -= was_failure
            self.slow -= was_slow
        ring.append((is_failure, is_slow))
        self.total += 1
        self.failures += is_failure
        self.slow += is_slow

    def move(self, now: int) -> None:
        """Time alone changes nothing."""
