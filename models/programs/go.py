"""Go: a Go program's memory in time: cycles beside the program, what they take from it, two short stops.

Sources: runtime/mgc.go, gcStart, gcMarkDone; runtime/mgcmark.go, gcAssistAlloc.
Simplified: idle processors do not help to mark; marking is not counted against a quota; sweeping is free.
"""

from typing import TYPE_CHECKING, Any

from models.programs.go_config import GoConfig
from models.programs.jvm_config import GB, MIB
from models.programs.pacer import MARK_SHARE, Limiter, Pacer
from models.programs.work import Work
from sim.engine.distributions import Constant, Exponential
from sim.engine.timers import Timer
from sim.units import MS, SECOND

if TYPE_CHECKING:
    from models.programs.program import Program

LEAK_EVERY = 100 * MS
CYCLE = "GC cycle"


class Go:
    """The memory of one Go program."""

    def __init__(self, config: GoConfig, program: "Program") -> None:
        self._config, self._program, self._home = config, program, program.home
        mean = config.allocation
        spread = Constant(value=mean) if config.allocation_spread == "constant" else Exponential(mean=max(mean, 1))
        self._sizes = self._home.draws("allocation", spread)
        self._procs = program.cpu.cores
        self._seen, self._end = self._home.gauge("heap_mib"), Timer(self._home.engine, self._mark_done)
        self._life = 0
        self.cycles = self.pause_ns = 0
        self.assist_ns = self.mark_ns = 0.0

    def start(self) -> None:
        """The program begins, as if a cycle had just ended."""
        self._life += 1
        self._pacer, self._limiter = Pacer(self._config), Limiter(self._procs)
        self._kept, self._held = self._config.live, 0
        self.heap = self._kept
        self._work_left = self._credit = self._worked = 0.0
        self.is_marking = False
        self._looked_at = self._cycle_began_at = self._home.engine._now
        self._allocated, self._used_before, self._assisted_before = 0, self._program.cpu.usage_ns(), self.assist_ns
        self._pacer.plan(self.heap, 0)
        self._show()
        if self._config.leak.per_second:
            self._home.engine.call_in(LEAK_EVERY, self._leak, self._life)

    def die(self) -> None:
        """The process has ended."""
        self._life += 1
        self._end.cancel()
        if self.is_marking:
            self.is_marking = False
            self._program.cpu.give(self._procs)
        self._seen.set(0)

    # requests

    def serve(self, work: Work) -> None:
        """Allocate what a request needs; while a cycle runs, it marks for that (an assist), with its own CPU time."""
        size = self._sizes.of(work.number)
        work.holds = round(size * self._config.held)
        self._held += work.holds
        work.cost += self._allocate(size, self._config.leak.per_request)
        self._program.go_on(work)

    def release(self, work: Work) -> None:
        """The request is over."""
        self._held -= work.holds or 0
        work.holds = None

    def _allocate(self, size: int, kept: int) -> int:
        """Allocate; the CPU time of the assist, ns."""
        self._kept += kept
        self.heap += size + kept
        self._allocated += size + kept
        assist = self._assist(size + kept) if self.is_marking else 0
        if not self.is_marking and self.heap >= self._pacer.trigger:
            self._begin_cycle()
        self._show()
        return assist

    # a cycle

    def _begin_cycle(self) -> None:
        home, config = self._home, self._config
        self._look()
        self.is_marking = True
        self._live = self._kept + self._held
        """What is reached from the roots; what is allocated from now on counts as marked."""
        self._allocated_before = self._allocated
        self._credit = 0.0
        self._work_left = (self._live + config.roots) * config.mark_per_gb / GB
        home.note(CYCLE)
        self._program.cpu.give(self._procs * (1 - MARK_SHARE))
        self._arm()
        self._stop()

    def _stop(self) -> None:
        if self._config.stop:
            self.pause_ns += self._config.stop
            self._program.stop_the_world(self._config.stop)

    def _arm(self) -> None:
        self._end.arm(self._home.engine._now + max(round(self._work_left / (MARK_SHARE * self._procs)), 0))

    def _look(self) -> None:
        """Count what was marked beside the program since the last look, and what the program did."""
        now = self._home.engine._now
        marked = min((now - self._looked_at) * MARK_SHARE * self._procs, self._work_left)
        self._work_left -= marked
        self.mark_ns += marked
        self._credit += marked
        self._looked_at = now
        used, assisted = self._program.cpu.usage_ns(), self.assist_ns - self._assisted_before
        self._worked += used - self._used_before - assisted  # assists are counted when they are asked for
        worked = max(self._worked, 0.0)
        self._worked -= worked
        self._limiter.account(marked + assisted, worked)
        self._used_before, self._assisted_before = used, self.assist_ns

    @property
    def collecting_ns(self) -> float:
        """CPU time of the collector so far."""
        return self.mark_ns + self.assist_ns

    def _assist(self, size: int) -> int:
        self._look()
        debt = min(size * self._pacer.debt(self.heap, self._work_left), self._work_left)
        stolen = min(debt, self._credit)  # what was marked beside the program pays first (bgScanCredit)
        self._credit -= stolen
        assist = min(debt - stolen, self._limiter.room)
        self._work_left -= assist
        self.assist_ns += assist
        self._arm()
        return round(assist)

    def _mark_done(self, _: Any) -> None:
        if self._home.process.is_paused:
            self._home.process.later(self._mark_done, None)
            return
        self._look()
        now = self._home.engine._now
        self.is_marking = False
        self.cycles += 1
        self._home.note(f"{CYCLE} ends")
        self._program.cpu.give(self._procs)
        marking = (self._live + self._config.roots) * self._config.mark_per_gb / GB / (MARK_SHARE * self._procs)
        rate = self._allocated / max(now - self._cycle_began_at, 1)
        self.heap = self._live + self._allocated - self._allocated_before
        self._pacer.plan(self.heap, rate * marking)
        self._allocated, self._cycle_began_at = 0, now
        self._show()
        self._stop()

    # what nobody asked for

    def _leak(self, life: int) -> None:
        if life == self._life:
            kept = self._config.leak.per_second * LEAK_EVERY // SECOND
            self._program.cpu.run(self._allocate(0, kept), _go_on, None)
            self._home.engine.call_in(LEAK_EVERY, self._leak, life)

    # what is seen

    def _show(self) -> None:
        self._seen.set(round(self.heap / MIB))

    def count(self) -> dict[str, float]:
        """In the words of runtime.MemStats and runtime/metrics, seconds."""
        return {
            "NumGC": self.cycles,
            "PauseTotal": self.pause_ns / SECOND,
            "cpu_gc_mark_assist": self.assist_ns / SECOND,
            "cpu_gc_total": self.collecting_ns / SECOND,
        }


def _go_on(_: Any) -> None:
    """The goroutine that leaks has paid for its allocation."""
