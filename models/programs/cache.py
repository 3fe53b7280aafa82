"""Cache: answers that a backend keeps for a while, and the store that it asks for those it has not. Not HTTP caching.

A question to the store is not taken back: once it waits, it is answered, whether anybody waits for it any more or not.
Sources: the keep-alive of a cache against its load, Huang et al., Metastable Failures in the Wild, OSDI '22, section 4;
coalescing, golang.org/x/sync/singleflight.
Simplified: all keys are equally likely; the store is as fast under load as without; there is room for all keys.
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le

from models.programs.work import Work
from sim.engine.distributions import Constant, Delay, Uniform
from sim.units import MS, SECOND, Duration

if TYPE_CHECKING:
    from models.programs.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConfig:
    """Every request looks for one key, after its computing; what is not there is asked of a store."""

    keys: Annotated[int, Gt(0), Le(10_000_000)] = 1000
    """How many there are; each request draws its own, all equally likely."""
    life: Annotated[Duration, Gt(0)] = 60 * SECOND
    """How long an entry counts after it was filled."""
    is_warm: bool = True
    """Whether all keys are there when the run begins, as old as they come; a program that starts again is cold."""
    time: Delay = Constant(value=5 * MS)
    """How long the store is at one question, drawn for each request that asks."""
    pool: Annotated[int, Ge(1), Le(100_000)] = 10
    """Questions that the store answers at a time; others wait, first come, first served."""
    queue: Annotated[int, Ge(0)] = 0
    """Most questions that wait; a request that finds so many fails at once, with status 500. 0 means without limit."""
    timeout: Duration = 0
    """How long a request waits for the store's answer before it fails with status 500; 0 means for ever."""
    coalesces: bool = False
    """Whether a request whose key has been asked for waits for that answer, instead of asking as well."""
    late_fills: bool = False
    """Whether an answer that nobody waits for any more is kept nevertheless."""


class Question:
    """What the store was asked."""

    __slots__ = ("askers", "key", "number")

    def __init__(self, key: int, number: int) -> None:
        self.key, self.number = key, number
        self.askers: dict[Work, None] = {}
        """Who waits for the answer."""

    def leave(self, work: Work) -> None:
        """It waits no longer; the question stays."""
        work.waits_for = None
        self.askers.pop(work, None)


class Cache:
    """The cache of one program, and its way to the store."""

    def __init__(self, config: CacheConfig, program: "Program") -> None:
        self._config, self._program, self._home = config, program, program.home
        self._keys = self._home.draws("cache.key", Uniform(low=0, high=config.keys - 1))
        self._times = self._home.draws("cache.time", config.time)
        self._held_level, self._waiting_level = self._home.gauge("cache_held"), self._home.gauge("cache_wait")
        self._fresh_until: dict[int, int] = {}
        self._asked: dict[int, Question] = {}
        """The last question for a key that has no answer yet."""
        self._waiting: deque[Question] = deque()
        self._running = 0
        self._life = 0
        self.hits = self.questions = self.refused = self.timeouts = self.late = 0
        if config.is_warm and not self._home.engine._now:
            self._warm()

    def _warm(self) -> None:
        """Ages are those of entries that were filled independently of one another."""
        ages = self._home.streams[f"cache.{self._home.index}.ages"].random(self._config.keys)
        self._fresh_until = {key: int(age * self._config.life) for key, age in enumerate(ages.tolist())}

    def serve(self, work: Work) -> None:
        """Go on at once with what is there, or ask the store for it."""
        key = self._keys.of(work.number)
        if self._fresh_until.get(key, 0) > self._home.engine._now:
            self.hits += 1
            self._program.go_on(work)
            return
        config, question = self._config, self._asked.get(key)
        if not config.coalesces or question is None:
            if config.queue and self._running >= config.pool and len(self._waiting) >= config.queue:
                self.refused += 1
                self._program.fail(work)
                return
            question = self._ask(key, work.number)
        question.askers[work] = None
        work.waits_for = question
        if config.timeout:
            self._home.engine.call_in(config.timeout, self._timed_out, (work, question))

    def flush(self) -> None:
        """Nothing is there any more; what has been asked will be answered."""
        self._fresh_until.clear()

    def die(self) -> None:
        """The process has ended, and its questions with it."""
        self._life += 1
        self.flush()
        for work in [work for question in (*self._asked.values(), *self._waiting) for work in question.askers]:
            work.waits_for = None
        self._asked.clear()
        self._waiting.clear()
        self._running = 0
        self._show()

    # the store

    def _ask(self, key: int, number: int) -> Question:
        question = self._asked[key] = Question(key, number)
        self.questions += 1
        if self._running < self._config.pool:
            self._begin(question)
        else:
            self._waiting.append(question)
        self._show()
        return question

    def _begin(self, question: Question) -> None:
        self._running += 1
        self._home.engine.call_in(self._times.of(question.number), self._answered, (question, self._life))

    def _answered(self, told: tuple[Question, int]) -> None:
        """The store goes on with the next question, whatever the program does with the answer."""
        if told[1] != self._life:
            return
        self._running -= 1
        if self._waiting:
            self._begin(self._waiting.popleft())
        self._show()
        self._read(told)

    def _read(self, told: tuple[Question, int]) -> None:
        """A program that is stopped reads it afterwards."""
        question, life = told
        if life != self._life:
            return
        if self._home.process.is_paused:
            self._home.process.later(self._read, told)
            return
        if self._asked.get(question.key) is question:
            del self._asked[question.key]
        if question.askers or self._config.late_fills:
            self._fresh_until[question.key] = self._home.engine._now + self._config.life
        else:
            self.late += 1
        for work in tuple(question.askers):
            question.leave(work)
            self._program.go_on(work)

    def _timed_out(self, told: tuple[Work, Question]) -> None:
        work, question = told
        if work.waits_for is not question:
            return
        if self._home.process.is_paused:
            self._home.process.later(self._timed_out, told)
            return
        question.leave(work)
        self.timeouts += 1
        self._program.fail(work)

    def _show(self) -> None:
        self._held_level.set(self._running)
        self._waiting_level.set(len(self._waiting))

    def count(self) -> dict[str, float]:
        """What it found, what it asked, and what came of that."""
        return {
            "cache_hits": self.hits,
            "cache_questions": self.questions,
            "cache_refused": self.refused,
            "cache_timeouts": self.timeouts,
            "cache_late": self.late,
        }
