"""Calls: what a request waits for elsewhere: a connection of a bounded pool, or many answers at once.

Sources: HikariCP, HikariConfig.java and HikariPool.java (10 connections, 30 s); J. Dean and L. A. Barroso, The Tail at
Scale, 2013 (fan-out, hedged requests).
Simplified: connections of a pool are never renewed, and what is called is as fast under load as without.
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le

from models.programs.work import Work
from sim.engine.distributions import Constant, Delay
from sim.units import MS, SECOND, Duration

if TYPE_CHECKING:
    from models.programs.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConfig:
    """What every request does once, after its computing: ask something else and wait for the answer."""

    time: Delay = Constant(value=5 * MS)
    """From the question to the answer, drawn for each: for so long a connection is held."""
    pool: Annotated[int, Ge(0), Le(100_000)] = 10
    """Connections to what is called, which all requests of a backend share, first come, first served (HikariCP,
    maximumPoolSize: 10); 0 means as many as are asked for."""
    timeout: Duration = 30 * SECOND
    """How long a request waits for a connection before it fails with status 500 (HikariCP, connectionTimeout: 30 s);
    0 means for ever."""
    fan_out: Annotated[int, Gt(0), Le(1000)] = 1
    """Questions that are asked at once, each with a time of its own, on one connection; the last answer counts."""
    hedge_after: Duration = 0
    """How long before a question that has no answer is asked again elsewhere; the first counts. 0 means never."""


class Call:
    """One of the calls of a program: its pool, and who waits."""

    def __init__(self, config: CallConfig, program: "Program", number: int) -> None:
        self._config, self._program = config, program
        home = program.home
        self._times = home.draws(f"call.{number}", config.time, config.fan_out)
        self._second_times = home.draws(f"call.{number}.hedge", config.time, config.fan_out)
        self._held_level, self._waiting_level = home.gauge(f"call{number}_held"), home.gauge(f"call{number}_wait")
        self._number = number
        self._free = config.pool or 1 << 62
        self._waiting: deque[Work] = deque()
        self.timeouts = self.questions = 0

    def serve(self, work: Work) -> None:
        """Take a connection, or wait for one."""
        if self._free:
            self._take(work)
            return
        work.waits_for = self
        self._waiting.append(work)
        self._show()
        if self._config.timeout:
            self._program.home.engine.call_in(self._config.timeout, self._timed_out, work)

    def _take(self, work: Work) -> None:
        self._free -= 1
        work.connection = self
        self._show()
        self._program.home.engine.call_in(self._length(work.number), self._answered, work)

    def _length(self, number: int) -> int:
        """How long it takes until the last answer is there."""
        config, times = self._config, self._times
        self.questions += config.fan_out
        if config.fan_out == 1 and not config.hedge_after:
            return times.of(number)
        return max(self._one(number, i) for i in range(config.fan_out))

    def _one(self, number: int, i: int) -> int:
        time, after = self._times.of(number, i), self._config.hedge_after
        if not after or time <= after:
            return time
        self.questions += 1
        return min(time, after + self._second_times.of(number, i))

    def _answered(self, work: Work) -> None:
        """The answer is here; a program that is stopped reads it, and lets the connection go, afterwards."""
        if work.connection is not self:
            return  # its handler has ended, or its process
        process = self._program.home.process
        if process.is_paused:
            process.later(self._answered, work)
            return
        self.release(work)
        self._program.go_on(work)

    def _timed_out(self, work: Work) -> None:
        if work.waits_for is not self:
            return
        process = self._program.home.process
        if process.is_paused:
            process.later(self._timed_out, work)
            return
        self.leave(work)
        self.timeouts += 1
        self._program.home.note("Connection is not available, request timed out")
        self._program.fail(work)

    def leave(self, work: Work) -> None:
        """It waits no longer."""
        work.waits_for = None
        self._waiting.remove(work)
        self._show()

    def release(self, work: Work) -> None:
        """A connection is free: whoever waits longest gets it."""
        work.connection = None
        self._free += 1
        if self._waiting:
            first = self._waiting.popleft()
            first.waits_for = None
            self._take(first)
        else:
            self._show()

    def clear(self) -> None:
        """The process has ended."""
        for work in self._waiting:
            work.waits_for = None
        self._waiting.clear()
        self._free = self._config.pool or 1 << 62
        self._show()

    def _show(self) -> None:
        self._held_level.set((self._config.pool or 1 << 62) - self._free)
        self._waiting_level.set(len(self._waiting))

    def count(self) -> dict[str, float]:
        """How often there was no connection in time, and what was asked: call0_timeouts and call0_questions."""
        prefix = f"call{self._number}"
        return {f"{prefix}_timeouts": self.timeouts, f"{prefix}_questions": self.questions}
