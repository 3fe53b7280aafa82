"""The kernel's timer wheel: the instant at which a timer armed now really fires. It schedules nothing itself."""

from functools import cache
from typing import Final

from sim.units import SECOND

LEVEL_0_JIFFIES: Final = 63  # LVL_START(1) in kernel/time/timer.c: delays below it are kept to the jiffy
LEVEL_RATIO: Final = 8  # LVL_CLK_DIV in kernel/time/timer.c: each level is eight times coarser than the one below
PERIOD_JIFFIES: Final = LEVEL_RATIO**6  # granularity of level 6, which holds delays of more than 2 h at any HZ


def wheel_period(hz: int) -> int:
    """Nanoseconds after which all boundaries of the wheel repeat: draw a machine's `phase` uniformly below it."""
    return PERIOD_JIFFIES * SECOND // hz


@cache
def _level(hz: int, delay: int) -> tuple[int, int]:
    """The delay in jiffies, rounded up, and the granularity of its level (calc_wheel_index in kernel/time/timer.c)."""
    jiffies = -(-delay * hz // SECOND)
    granularity, limit = 1, LEVEL_0_JIFFIES
    while jiffies >= limit:
        granularity *= LEVEL_RATIO
        limit *= LEVEL_RATIO
    return jiffies, granularity


def lives(hz: int, delay: int) -> tuple[float, float]:
    """The mean and the longest time (s) until a timer that is armed at any instant has expired.

    Examples
    --------
    >>> lives(250, 60 * SECOND)
    (61.024, 62.048)
    """
    jiffies, granularity = _level(hz, delay)
    return (jiffies + granularity / 2) / hz, (jiffies + granularity) / hz


class TimerWheel:
    """All TCP timers of one machine expire on boundaries that they share (kernel/time/timer.c, since 4.8).

    Parameters
    ----------
    hz : jiffies a second, CONFIG_HZ of the kernel.
    phase : ns by which the machine's jiffies are ahead of the simulation's clock, below `wheel_period(hz)`.
        It stays as it is once a timer was armed.
    """

    __slots__ = ("_batches", "hz", "phase")

    def __init__(self, hz: int, phase: int) -> None:
        self.hz, self.phase = hz, phase
        self._batches: dict[int, tuple[int, int, int]] = {}  # delay: first and last instant of arming, when they fire

    def fires_at(self, now: int, delay: int) -> int:
        """The first instant (ns) at which a timer armed `now` for `delay` has expired.

        Notes
        -----
        Late by 1 to g jiffies, never early, g = 1, 8, 64, ... being the granularity of the delay's level:
        60 s at HZ 250 last 60.00 to 62.05 s and end in batches 2.048 s apart (measured on 6.18).
        """
        batch = self._batches.get(delay)
        if batch is None or not batch[0] <= now <= batch[1]:
            batch = self._batches[delay] = self._batch(now, delay)
        return batch[2]

    def _batch(self, now: int, delay: int) -> tuple[int, int, int]:
        """The first and the last instant of those, `now` among them, at which timers are armed that expire together."""
        jiffies, granularity = _level(self.hz, delay)
        armed = (now + self.phase) * self.hz // SECOND
        expires = ((armed + jiffies) // granularity + 1) * granularity
        first, after = self._starts_at(expires - granularity - jiffies), self._starts_at(expires - jiffies)
        return first, after - 1, self._starts_at(expires)

    def _starts_at(self, jiffy: int) -> int:
        """The first instant (ns) of a jiffy: rounded up, so that a handler that arms again does so on the boundary."""
        return -(-jiffy * SECOND // self.hz) - self.phase
