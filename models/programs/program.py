"""Program: what a backend does with a request between its worker and its answer. Not its connections, not its workers.

A request goes through steps in order: it allocates, computes, waits. Each step calls `go_on` when it is done. Nothing
goes on while the process is stopped.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

from models.programs.cache import Cache
from models.programs.calls import Call
from models.programs.config import ProgramConfig
from models.programs.cpu import Cpu
from models.programs.go import Go
from models.programs.home import Home
from models.programs.jvm import Jvm
from models.programs.quota import Quota
from models.programs.work import Done, Work
from models.request import Request
from models.status import OK, SERVER_ERROR
from sim.engine.distributions import Constant
from sim.units import US

Step = Callable[[Work], object]


class Program:
    """The program of one backend."""

    __slots__ = (
        "_busy", "_calls", "_collection", "_connection", "_io", "_queue", "_quota", "_steps", "_stopped", "_works",
        "cache", "cpu", "home", "memory",
    )  # fmt: skip

    def __init__(self, home: Home, config: ProgramConfig) -> None:
        self.home = home
        self._quota = _quota_of(config, home)
        self.cpu = Cpu(home.engine, config.cpu, quota=self._quota, parallel=gomaxprocs(config))
        self._works: dict[Any, Work] = {}
        self._busy, self._queue, self._stopped = home.gauge("busy"), home.gauge("queue"), home.gauge("stopped")
        if self._quota is not None:
            throttled, cpu = home.gauge("throttled"), self.cpu
            cpu.on_change = lambda: throttled.set(int(cpu.is_throttled))
        self._io = home.draws("io_time", config.io_time)
        is_free = config.connection_time == Constant(value=0)
        self._connection = None if is_free else home.draws("connection_time", config.connection_time)
        self._collection: object = None
        """The stop that is under way, if any."""
        self.memory = _memory_of(config, self)
        self.cache = None if config.cache is None else Cache(config.cache, self)
        self._calls = tuple(Call(call, self, number) for number, call in enumerate(config.calls))
        self._steps: tuple[Step, ...] = (
            *([] if self.memory is None else [self.memory.serve]),
            self._compute,
            *([] if self.cache is None else [self.cache.serve]),
            *(call.serve for call in self._calls),
            *([self._wait] if config.io_time != Constant(value=0) else []),
        )

    def start(self) -> None:
        """Begin to run."""
        if self.memory is not None:
            self.memory.start()

    @property
    def stops(self) -> bool:
        """Whether it ever stops by itself."""
        return self.memory is not None

    # its workers

    def busy(self, change: int) -> None:
        """A worker takes a request, or is free again."""
        self._busy.set(self._busy.value + change)

    def queued(self, waiting: int) -> None:
        """So many requests wait for a worker now."""
        self._queue.set(waiting)
        if isinstance(self.memory, Jvm):
            self.memory.queued(waiting)

    # a request

    def begin(self, owner: Any, request: Request, done: Done) -> None:
        """Work on the request of `owner`, and call ``done(owner, status)``, later and not while it is stopped."""
        cost = request.service_time + self.home.process.overhead
        if self._connection is not None and not owner.is_known:
            cost += self._connection.of(request.id)
            owner.is_known = True
        work = self._works[owner] = Work(request.id, cost, owner, done)
        self.go_on(work)

    def go_on(self, work: Work) -> None:
        """The next step of a request."""
        if work.is_over:
            return
        if self.home.process.is_paused:
            self.home.process.later(self.go_on, work)
            return
        step = work.step
        work.step += 1
        if step < len(self._steps):
            self._steps[step](work)
        else:
            self._end(work, OK)

    def fail(self, work: Work) -> None:
        """Its thread ends with an error: the answer is a 500, at once but not before this call has returned."""
        self.home.engine.call_in(0, self._fail, work)

    def abandon(self, owner: Any) -> None:
        """The client has gone, and the handler stops."""
        work = self._works.get(owner)
        if work is not None:
            self._leave(work)

    def _compute(self, work: Work) -> None:
        work.task = self.cpu.run(work.cost, self.go_on, work)

    def _wait(self, work: Work) -> None:
        self.home.engine.call_in(self._io.of(work.number), self.go_on, work)

    def _fail(self, work: Work) -> None:
        if work.is_over:
            return
        if self.home.process.is_paused:
            self.home.process.later(self._fail, work)
        else:
            self._end(work, SERVER_ERROR)

    def _end(self, work: Work, status: int) -> None:
        self._leave(work)
        work.done(work.owner, status)

    def _leave(self, work: Work) -> None:
        del self._works[work.owner]
        work.is_over = True
        if work.task is not None:
            self.cpu.abandon(work.task)
        if work.waits_for is not None:
            work.waits_for.leave(work)
        if work.connection is not None:
            work.connection.release(work)
        if self.memory is not None:
            self.memory.release(work)

    # the process

    def stop_the_world(self, length: int, name: str = "") -> None:
        """A collection stops everything for `length` ns; one that has a name is recorded."""
        home = self.home
        home.process.pause(mid_accept=True)
        if name:
            home.note(name)
        this = self._collection = object()
        home.engine.call_in(length, self._end_collection, (this, name))

    def _end_collection(self, stop: tuple[object, str]) -> None:
        this, name = stop
        if this is self._collection:
            self._collection = None
            if name:
                self.home.note(f"{name} ends")
            self.home.process.resume()

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
            work.is_over, work.connection = True, None
        self._works.clear()
        for call in self._calls:
            call.clear()
        if self.cache is not None:
            self.cache.die()
        self.cpu.clear()
        self._busy.set(0)
        self._queue.set(0)
        if self.memory is not None:
            self.memory.die()
        if self._collection is not None:
            self._collection = None
            self.home.process.resume()

    def count(self) -> dict[str, float]:
        """What it has counted."""
        counters: dict[str, float] = {"cpu.usage_usec": round(self.cpu.usage_ns() / US)}
        if self._quota is not None:
            counters |= {f"cpu.{name}": n for name, n in self._quota.count().items()}
        for part in (self.memory, self.cache, *self._calls):
            counters |= {} if part is None else part.count()
        return counters


def _quota_of(config: ProgramConfig, home: Home) -> Quota | None:
    cpu = config.cpu
    if not cpu.quota:
        return None
    return Quota(cpu.quota, cpu.period, int(home.streams[f"quota.{home.index}"].integers(cpu.period)))


def _memory_of(config: ProgramConfig, program: Program) -> Jvm | Go | None:
    if config.jvm is not None:
        return Jvm(config.jvm, program)
    return None if config.go is None else Go(config.go, program)


def gomaxprocs(config: ProgramConfig) -> int:
    """How many threads of a Go program run at once, 0 for all cores.

    By default it is as many as the quota is good for (runtime.defaultGOMAXPROCS).
    """
    if config.go is None:
        return 0
    return config.go.gomaxprocs or max(ceil(config.cpu.quota), 2) * bool(config.cpu.quota)
