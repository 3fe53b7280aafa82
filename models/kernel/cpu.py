"""Cpu: the processors of a client's program, as far as port searches and handshakes keep them busy. No other work."""

from collections import deque
from collections.abc import Callable
from heapq import heapreplace
from typing import Any, Final

from sim.engine.agenda import Agenda
from sim.units import US

SHORT_SEARCH: Final = 10 * US
"""Searches below it delay their own dial alone: some ten ports of a hundred nanoseconds each."""


class Cpu:
    """connect() searches in the calling thread; with GOMAXPROCS=1 nothing else of the process runs meanwhile.

    Notes
    -----
    A full search of the default range takes 2.9 ms, so a port exhaustion is bound by the processor: 315 failing
    connects a second were measured (cliff-rate). Dials and handshakes wait in line; a request that has its connection
    waits until the line of the moment is through, by the time that the last of them took.
    """

    __slots__ = ("_cost", "_engine", "_free_at", "_waiting", "busy_until", "clear_at")

    def __init__(self, engine: Agenda, n: int) -> None:
        self._engine = engine
        self._free_at = [0] * n
        self._waiting: deque[tuple[Callable[[Any], object], Any]] = deque()
        self._cost = 0
        self.busy_until = 0
        """When a processor is free."""
        self.clear_at = 0
        """When one is free for those who come now."""

    def occupy(self, cost: int) -> int:
        """Use the free processor from now on; return when that is over."""
        done_at = self._engine._now + cost
        if cost >= SHORT_SEARCH:
            heapreplace(self._free_at, done_at)
            self._cost = cost
            self.busy_until = self._free_at[0]
            self._estimate()
        return done_at

    def work(self, cost: int, done: Callable[[Any], object]) -> None:
        """Use a processor for `cost` ns as soon as it is this one's turn, and call ``done(None)`` after that."""
        if self.busy_until > self._engine._now:
            self.when_free(self._work, (cost, done))
        else:
            self._work((cost, done))

    def _work(self, job: tuple[int, Callable[[Any], object]]) -> None:
        cost, done = job
        self._engine.call_at(self.occupy(cost), self._go_on, done)

    def _go_on(self, done: Callable[[Any], object]) -> None:
        """Who has worked keeps the processor for what follows: it writes before the next in line begins."""
        self.clear_at = 0
        done(None)
        self._estimate()

    def when_free(self, fn: Callable[[Any], object], arg: Any) -> None:
        """Call ``fn(arg)`` when a processor is free and those who came before have had theirs."""
        if not self._waiting:
            self._engine.call_at(self.busy_until, self._next)
        self._waiting.append((fn, arg))
        self._estimate()

    def _next(self, _: Any) -> None:
        waiting = self._waiting
        while waiting and self.busy_until <= self._engine._now:
            fn, arg = waiting.popleft()
            fn(arg)
        if waiting:
            self._engine.call_at(self.busy_until, self._next)
        self._estimate()

    def _estimate(self) -> None:
        self.clear_at = self.busy_until + len(self._waiting) * self._cost // len(self._free_at)
