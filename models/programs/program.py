"""Program: what a backend does with a request between its worker and its answer. Not its connections, not its workers.

A request goes through steps in order: it computes, it waits. Each step calls `go_on` when it is done. Nothing goes on
while the process is stopped.
"""

from collections.abc import Callable
from typing import Any, Protocol

from models.programs.config import ProgramConfig
from models.programs.cpu import Cpu
from models.programs.draws import Draws
from models.programs.levels import Gauges
from models.programs.quota import Quota
from models.programs.work import Done, Work
from models.request import Request
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams

STATUS_OK = 200


class Process(Protocol):
    """What a program asks of the server that it runs in."""

    is_paused: bool
    overhead: int
    """CPU time that every request costs besides its service time, ns."""

    def pause(self, *, mid_accept: bool) -> None:
        """Stop everything."""

    def resume(self) -> None:
        """Undo one pause."""

    def later(self, fn: Callable[[Any], object], arg: Any) -> None:
        """Keep a step for the end of the pause."""


Step = Callable[[Work], object]


class Program:
    """The program of one backend.

    Parameters
    ----------
    name : of the service, for its streams; all its backends draw the same for the same request.
    index : the backend's number.
    gauges : gives the levels of this backend.
    """

    __slots__ = (
        "_busy",
        "_engine",
        "_io",
        "_process",
        "_queue",
        "_quota",
        "_steps",
        "_stopped",
        "_works",
        "cpu",
        "index",
    )

    def __init__(  # parameters: what it is, and where it stands in its world
        self, engine: Engine, config: ProgramConfig, streams: Streams, *, name: str, index: int, gauges: Gauges
    ) -> None:
        self._engine = engine
        self.index = index
        self._quota = _quota_of(config, streams, index)
        self.cpu = Cpu(engine, config.cpu, quota=self._quota)
        self._works: dict[Any, Work] = {}
        self._busy, self._queue, self._stopped = gauges("busy"), gauges("queue"), gauges("stopped")
        if self._quota is not None:
            throttled, cpu = gauges("throttled"), self.cpu
            cpu.on_change = lambda: throttled.set(int(cpu.is_throttled))
        self._io = Draws(streams, f"{name}.io_time", config.io_time)
        waits = config.io_time != Constant(value=0)
        self._steps: tuple[Step, ...] = (self._compute, *([self._wait] if waits else []))
        self._process: Process

    def run_in(self, process: Process) -> None:
        """Become the program of a server."""
        self._process = process

    # its workers

    def busy(self, change: int) -> None:
        """A worker takes a request, or is free again."""
        self._busy.set(self._busy.value + change)

    def queued(self, waiting: int) -> None:
        """So many requests wait for a worker now."""
        self._queue.set(waiting)

    # a request

    def begin(self, owner: Any, request: Request, done: Done) -> None:
        """Work on the request of `owner`, and call ``done(owner, status)``, later and not while it is stopped."""
        cost = request.service_time + self._process.overhead
        work = self._works[owner] = Work(request.id, cost, owner, done)
        self.go_on(work)

    def go_on(self, work: Work) -> None:
        """The next step of a request."""
        if work.is_over:
            return
        if self._process.is_paused:
            self._process.later(self.go_on, work)
            return
        step = work.step
        work.step += 1
        if step < len(self._steps):
            self._steps[step](work)
        else:
            self._end(work, STATUS_OK)

    def abandon(self, owner: Any) -> None:
        """The client has gone, and the handler stops."""
        work = self._works.pop(owner, None)
        if work is not None:
            self._give_up(work)

    def _compute(self, work: Work) -> None:
        work.task = self.cpu.run(work.cost, self.go_on, work)

    def _wait(self, work: Work) -> None:
        self._engine.call_in(self._io.of(work.number), self.go_on, work)

    def _end(self, work: Work, status: int) -> None:
        del self._works[work.owner]
        work.is_over = True
        work.done(work.owner, status)

    def _give_up(self, work: Work) -> None:
        work.is_over = True
        if work.task is not None:
            self.cpu.abandon(work.task)

    # the process

    def freeze(self) -> None:
        """The process is stopped."""
        self._stopped.set(1)
        self.cpu.stop()

    def thaw(self) -> None:
        """The process goes on."""
        self._stopped.set(0)
        self.cpu.go_on()

    def die(self) -> None:
        """The process has ended; what it worked on is forgotten."""
        for work in self._works.values():
            work.is_over = True
        self._works.clear()
        self.cpu.clear()
        self._busy.set(0)
        self._queue.set(0)

    def count(self) -> dict[str, float]:
        """What it has counted."""
        counters: dict[str, float] = {"cpu.usage_usec": self.cpu.usage_usec}
        if self._quota is not None:
            counters |= {f"cpu.{name}": n for name, n in self._quota.count().items()}
        return counters


def _quota_of(config: ProgramConfig, streams: Streams, index: int) -> Quota | None:
    cpu = config.cpu
    if not cpu.quota:
        return None
    return Quota(cpu.quota, cpu.period, int(streams[f"quota.{index}"].integers(cpu.period)))
