"""Backoff: how long a program that ends again and again has to wait for its next start (CrashLoopBackOff).

Source: kubelet, MaxContainerBackOff and backOffPeriod: 10 s, doubled up to 5 min, forgotten after 10 min.
"""

from sim.units import MINUTE, SECOND

FIRST = 10 * SECOND
LONGEST = 5 * MINUTE
FORGOTTEN_AFTER = 10 * MINUTE


class Backoff:
    """Of one backend. The first restart is at once."""

    __slots__ = ("_next", "_since")

    def __init__(self) -> None:
        self._next, self._since = 0, 0

    def wait(self, now: int) -> int:
        """How long to wait, when the program ends `now`."""
        if now - self._since > FORGOTTEN_AFTER:
            self._next = 0
        wait, self._since = self._next, now
        self._next = min(max(2 * wait, FIRST), LONGEST)
        return wait
