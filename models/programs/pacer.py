"""Pacer: how large a Go heap may become, when marking has to begin, and what allocations pay for it. Not time itself.

Sources: runtime/mgcpacer.go, gcControllerState.heapGoalInternal, trigger, revise; runtime/mgclimit.go; the GC guide.
"""

from models.programs.go_config import GoConfig

LEAST_HEAP = 4 << 20
"""Of GOGC 100 (heapMinimum)."""
MARK_SHARE = 0.25
"""Of GOMAXPROCS that marks beside the program (gcBackgroundUtilization)."""
EARLIEST, LATEST = 0.7, 0.95
"""Where between live heap and goal a cycle may begin (minTriggerRatioDistance, maxTriggerRatioDistance)."""
OVERSHOOT = 1.1
"""How far beyond the goal the hard goal lies (maxOvershoot)."""
BUCKET_SECONDS = 1
"""CPU seconds for each of GOMAXPROCS that the collector may take beyond half (gcCPULimiterState, capacityPerProc)."""


class Pacer:
    """The pacing of one heap."""

    __slots__ = ("_config", "goal", "marked", "trigger")

    def __init__(self, config: GoConfig) -> None:
        self._config = config
        self.marked = self.goal = self.trigger = 0

    def plan(self, marked: int, runway: float) -> None:
        """A cycle has ended with `marked` bytes: choose the next goal, and the trigger `runway` bytes before it."""
        self.marked, self.goal = marked, self._goal(marked)
        span = max(self.goal - marked, 0)
        wanted = self.goal - runway
        self.trigger = round(min(max(wanted, marked + EARLIEST * span), marked + LATEST * span))

    def _goal(self, marked: int) -> int:
        config = self._config
        goal = 1 << 62
        if config.gogc != "off":
            grown = marked + (marked + config.roots) * config.gogc // 100
            goal = max(grown, LEAST_HEAP * config.gogc // 100)
        if config.gomemlimit:
            goal = min(goal, max(config.gomemlimit - config.roots, 0))
        return max(goal, marked)

    def debt(self, heap: int, work_left: float) -> float:
        """CPU ns of marking that each byte has to pay, so that marking ends before the goal (assistWorkPerByte)."""
        goal = self.goal if heap < self.goal else self.goal * OVERSHOOT
        return work_left / max(goal - heap, 1)


class Limiter:
    """Keeps a collector that works for a memory limit below half of the CPU time (gcCPULimiter)."""

    __slots__ = ("_capacity", "_fill")

    def __init__(self, procs: float) -> None:
        self._capacity = procs * BUCKET_SECONDS * 1e9
        self._fill = 0.0

    def account(self, collecting_ns: float, working_ns: float) -> None:
        """So much CPU time went to the collector, and to the program, since the last look."""
        self._fill = min(max(self._fill + collecting_ns - working_ns, 0.0), self._capacity)

    @property
    def room(self) -> float:
        """CPU ns that allocations may still pay for; 0 while it is limiting."""
        return self._capacity - self._fill
