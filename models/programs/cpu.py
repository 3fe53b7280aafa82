"""Cpu: the processors that the running requests of one program share. Not what else a request waits for.

Processor sharing in virtual time: all who run get on at one speed, so a task that needs `work` is done when the
virtual clock has advanced by `work`, and only the earliest end is ever scheduled: O(log n) per arrival and end
(Parekh and Gallager 1993, section III).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import ceil
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from models.programs.quota import Quota
from sim.engine.environment import Engine
from sim.engine.timers import Timer
from sim.units import MS, Duration

HALF_A_NANOSECOND = 0.5
"""How far below its end a task counts as done: rounding of the virtual clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuConfig:
    """The processors of one backend."""

    cores: Annotated[int, Gt(0), Le(1024)] = 4
    """Processors that the program's threads run on."""
    discipline: Literal["processor_sharing", "fifo"] = "processor_sharing"
    """processor_sharing: all requests that want to compute get equal parts of the cores, none more than one, as a
    kernel's fair scheduler gives them; fifo: each runs to its end, the others wait in order (an event loop)."""
    quota: Annotated[float, Ge(0), Le(1024)] = 0.0
    """CPUs' worth of time per period (cgroup cpu.max, a container's limit): when it is used up, all threads stop until
    the period ends; 0 means without limit."""
    period: Annotated[Duration, Ge(MS), Le(1000 * MS)] = 100 * MS
    """Period of the quota (cpu.max; cpu.cfs_period_us, 100 ms by default)."""

    def __post_init__(self) -> None:
        if self.quota and self.quota * self.period < MS:
            raise ValueError("quota: comes to less than 1ms in a period, which the kernel refuses; raise it")


class Task:
    """CPU work under way."""

    __slots__ = ("arg", "ends_at", "fn", "is_over", "is_running", "work")

    def __init__(self, work: int, fn: Callable[[Any], object], arg: Any) -> None:
        self.work, self.fn, self.arg = work, fn, arg
        self.ends_at = 0.0
        """On the virtual clock."""
        self.is_running = self.is_over = False


class Cpu:
    """Processors of one program. `parallel` is how many may run at once at most (GOMAXPROCS); by default all cores."""

    __slots__ = (
        "_clock",
        "_cores",
        "_engine",
        "_heap",
        "_is_stopped",
        "_n_running",
        "_order",
        "_quota",
        "_since",
        "_slots",
        "_speed",
        "_timer",
        "_used_ns",
        "_waiting",
        "is_throttled",
        "on_change",
    )  # fmt: skip

    def __init__(self, engine: Engine, config: CpuConfig, *, quota: Quota | None = None, parallel: int = 0) -> None:
        self._engine, self._quota = engine, quota
        self._cores: float = min(config.cores, parallel or config.cores)
        self._slots = int(self._cores) if config.discipline == "fifo" else 1 << 62
        self._clock, self._since, self._speed = 0.0, 0, 0.0
        self._heap: list[tuple[float, int, Task]] = []
        self._order = count()
        self._n_running = 0
        self._waiting: deque[Task] = deque()
        self._is_stopped = False
        self._timer = Timer(engine, self._wake)
        self.is_throttled = False
        self._used_ns = 0.0
        self.on_change: Callable[[], object] = lambda: None
        """Called when throttling begins or ends."""

    @property
    def cores(self) -> float:
        """How many processors there are for requests."""
        return self._cores

    def usage_ns(self) -> float:
        """CPU time that was used up to now."""
        self._settle()
        return self._used_ns

    def run(self, work: int, fn: Callable[[Any], object], arg: Any) -> Task:
        """Call ``fn(arg)`` when `work` ns of CPU time are done; never before this call has returned."""
        self._settle()
        task = Task(work, fn, arg)
        if self._n_running < self._slots:
            self._begin(task)
        else:
            self._waiting.append(task)
        self._arm()
        return task

    def abandon(self, task: Task) -> None:
        """Stop working on it."""
        if task.is_over:
            return
        task.is_over = True
        if task.is_running:
            self._settle()
            self._n_running -= 1
            self._fill()
            self._arm()

    def give(self, cores: float) -> None:
        """So many processors are left for requests: a collector takes the others."""
        self._settle()
        self._cores = cores
        self._arm()

    def stop(self) -> None:
        """Nobody computes: the program is paused."""
        self._settle()
        self._is_stopped = True
        self._arm()

    def go_on(self) -> None:
        """Everybody computes again."""
        self._settle()
        self._is_stopped = False
        self._arm()

    def clear(self) -> None:
        """Forget all work: the program is dead."""
        self._settle()
        self._heap.clear()
        self._waiting.clear()
        self._n_running = 0
        self._arm()

    def _begin(self, task: Task) -> None:
        task.is_running = True
        task.ends_at = self._clock + task.work
        self._n_running += 1
        heappush(self._heap, (task.ends_at, next(self._order), task))

    def _fill(self) -> None:
        """Let those run that waited, as long as there is a processor."""
        while self._waiting and self._n_running < self._slots:
            task = self._waiting.popleft()
            if not task.is_over:
                self._begin(task)

    def _settle(self) -> None:
        """Bring the virtual clock and the quota to now."""
        now = self._engine._now
        if now > self._since:
            done = (now - self._since) * self._speed
            self._clock += done
            self._used_ns += done * self._n_running
            if self._quota is not None:
                self._quota.spend(done * self._n_running)
            self._since = now
        if self._quota is not None:
            self._quota.look(now)

    def _arm(self) -> None:
        """Decide how fast everybody is until the next change, and wake up then."""
        heap, now, quota = self._heap, self._engine._now, self._quota
        while heap and heap[0][2].is_over:
            heappop(heap)
        self._speed = 0.0
        if not heap or self._is_stopped:
            self._timer.cancel()
        elif quota is not None and quota.is_used_up(now):
            self._timer.arm(quota.ends_at(now))
        else:
            busy = min(self._n_running, self._cores)
            self._speed = busy / self._n_running
            wait = (heap[0][0] - self._clock) / self._speed
            if quota is not None:
                wait = min(wait, quota.lasts(busy), quota.ends_at(now) - now)
            self._timer.arm(now + max(ceil(wait), 0))
        if quota is not None and quota.is_throttled != self.is_throttled:
            self.is_throttled = quota.is_throttled
            self.on_change()

    def _wake(self, _: Any) -> None:
        self._settle()
        heap, done = self._heap, []
        while heap and (heap[0][2].is_over or heap[0][0] <= self._clock + HALF_A_NANOSECOND):
            task = heappop(heap)[2]
            if not task.is_over:
                task.is_over = True
                self._n_running -= 1
                done.append(task)
        if not heap:
            self._clock = 0.0  # nobody looks at it: begin again, where floats are finest
        self._fill()
        self._arm()
        for task in done:
            task.fn(task.arg)
