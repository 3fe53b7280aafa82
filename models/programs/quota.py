"""Quota: the CPU time that a cgroup may use in each period. Not who uses it.

Sources: kernel/sched/fair.c, sched_cfs_period_timer, throttle_cfs_rq; Documentation/scheduler/sched-bwc.rst.
Simplified: the group's time is one pot; the kernel hands it to each CPU in slices of 5 ms.
"""

from sim.units import US


class Quota:
    """What is left of the period, and what throttling cost, in the words of cpu.stat.

    Parameters
    ----------
    cpus : CPUs that the quota comes to: quota / period.
    period : ns.
    phase : instant of one of the period's beginnings, ns (init_cfs_bandwidth draws it since Linux 6.3).
    """

    __slots__ = (
        "_budget", "_left", "_number", "_period", "_phase", "_throttled_since", "is_throttled", "nr_periods",
        "nr_throttled", "throttled_ns",
    )  # fmt: skip

    def __init__(self, cpus: float, period: int, phase: int) -> None:
        self._period, self._phase = period, phase
        self._budget = self._left = cpus * period
        self._number = -1
        self._throttled_since = 0
        self.is_throttled = False
        self.nr_periods = self.nr_throttled = self.throttled_ns = 0

    def spend(self, cpu_ns: float) -> None:
        """So much was used since the last look, all within one period."""
        self._left -= cpu_ns

    def look(self, now: int) -> None:
        """Fill up where a period has begun since the last look."""
        number = (now - self._phase) // self._period
        if number == self._number:
            return
        self._number = number
        self.nr_periods += 1
        self._left = self._budget
        if self.is_throttled:
            self.is_throttled = False
            self.throttled_ns += now - self._throttled_since

    def is_used_up(self, now: int) -> bool:
        """Whether everybody has to stop now, until `ends_at`."""
        if self._left >= 1:
            return False
        if not self.is_throttled:
            self.is_throttled = True
            self.nr_throttled += 1
            self._throttled_since = now
        return True

    def lasts(self, cpus: float) -> float:
        """For how many ns of `cpus` busy CPUs there is time left."""
        return self._left / cpus

    def ends_at(self, now: int) -> int:
        """The instant at which the period of now ends."""
        return now + self._period - (now - self._phase) % self._period

    def count(self) -> dict[str, int]:
        """cpu.stat of the cgroup."""
        return {
            "nr_periods": self.nr_periods, "nr_throttled": self.nr_throttled, "throttled_usec": self.throttled_ns // US,
        }  # fmt: skip
