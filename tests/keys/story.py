"""Story: what a guard sees of a rough half minute, without a world around it. Not a model of anything.

It is long enough, and has enough troubles, that every setting of a guard matters in it to some decision.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, NamedTuple

from models.protection.guard import UNTIL_LET_IN, Outcome
from models.protection.guards import GuardConfig, make_guard
from models.protection.limits.gauges import Gauges
from models.protection.watch import Watch
from models.scenario import Scenario
from sim.units import MS, SECOND
from tests.keys.case import Case

ALONE = 0
"""The ticket of one that was let in after a wait without an end, as callers have it."""


class Phase(NamedTuple):
    """A stretch of time in which as many calls come and as many of them fail."""

    lasts: int
    rate: float
    took: int
    """How long a call takes that is alone; with 20 others it takes twice as long."""
    failing: float = 0.0
    timed_out: float = 0.0
    throttled: float = 0.0
    ignored: float = 0.02
    busy: float = 0.1
    """Of the machine's processors."""


PHASES = (
    Phase(3 * SECOND, 40, 20 * MS),
    Phase(2 * SECOND, 40, 20 * MS, failing=0.6),
    Phase(2 * SECOND, 40, 20 * MS, failing=0.1),
    Phase(2 * SECOND, 40, 300 * MS, timed_out=0.7),
    Phase(2500 * MS, 1, 20 * MS),
    Phase(3 * SECOND, 40, 20 * MS, throttled=0.3),
    Phase(3 * SECOND, 30, 40 * MS, failing=0.05),
    Phase(5 * SECOND, 200, 60 * MS, timed_out=0.03, busy=0.9),
    Phase(1 * SECOND, 5, 150 * MS, failing=1.0),
    Phase(4 * SECOND, 60, 15 * MS),
)
"""Calm, failures, few failures, time-outs, a pause, throttling, calm, a crowd, an outage, calm."""


def of_kind(kind: str, given: str, others: dict[str, str]) -> dict[str, Case]:
    """A case for each of these keys of a guard that is told this story: another value than the `given` one."""
    made = {}
    for key, value in others.items():
        path, dot, last = key.replace("[]", "0").rpartition(".")
        if value == "{}":  # a kind without settings, in another's place
            change = f"{path}={last}"
        else:
            change = f"{path}{dot}{last}={value}"
        lines = (f"clients.gw.guards=[{{{kind}: {{{given}}}}}]",), (f"clients.gw.guards.0.{kind}.{change}",)
        made[f"clients.*.guards.[].{kind}.{key}"] = Case(*lines, plays=play_first)
    return made


def play_first(scenario: Scenario) -> list[Any]:
    """What the first guard of the client answers and does."""
    return play(scenario.clients["gw"].guards[0])


def play(config: GuardConfig, seed: int = 1) -> list[Any]:
    """What the guard answered and did, in order."""
    told = _Play(config, seed)
    told.run()
    return [*told.said, dict(told.watch.counts)]


class _Play:
    def __init__(self, config: GuardConfig, seed: int) -> None:
        self.said: list[Any] = []
        self._chance, self._numbers = Random(seed), count()
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self.now = self._in_flight = 0
        gauges = Gauges(cpu=lambda now: _phase(now).busy, load=lambda now: 10 * _phase(now).busy)
        guard = make_guard(config, "a", Random(seed + 1).random, gauges=gauges)
        self.watch = Watch(guard, self._tell, lambda kind, by: self._tell((kind, by)))

    def run(self) -> None:
        """Send every call, and wait for the last."""
        at = 0
        while at < ENDS_AT:
            at += max(MS, int(self._chance.expovariate(_phase(at).rate) * SECOND))
            self._at(at, self._ask)
        for at in range(0, ENDS_AT, self.watch.tick) if self.watch.tick else ():
            self._at(at, lambda: self.watch.look(self.now))
        while self._due:
            self.now, _, then = heappop(self._due)
            then()

    def _at(self, at: int, then: Callable[[], object]) -> None:
        heappush(self._due, (at, next(self._numbers), then))

    def _tell(self, what: object) -> None:
        self.said.append((self.now, what))

    def _ask(self) -> None:
        passed, call = self.watch.ask(self.now), object()
        if passed is None:
            self._tell((self.watch.guard.reason, self.watch.refusal))
        elif passed.wait == UNTIL_LET_IN:
            self.watch.waiting[call] = lambda: self._begin(ALONE)
        else:
            self._at(self.now + passed.wait, lambda: self._begin(passed.ticket))

    def _begin(self, ticket: int) -> None:
        self._tell("begins")
        self._in_flight += 1
        phase, began_at = _phase(self.now), self.now
        took = int(phase.took * (0.5 + self._chance.random()) * (1 + self._in_flight / 20))
        outcome = Outcome(began_at + took, began_at, **self._end_of(phase))
        self._at(outcome.now, lambda: self._end(ticket, outcome))

    def _end_of(self, phase: Phase) -> dict[str, bool]:
        fate = self._chance.random()
        for share, end in (
            (phase.ignored, {"is_ignored": True}),
            (phase.failing, {"is_failure": True}),
            (phase.timed_out, {"is_failure": True, "is_timeout": True}),
            (phase.throttled, {"is_failure": True, "is_throttled": True}),
        ):
            if fate < share:
                return end
            fate -= share
        return {}

    def _end(self, ticket: int, outcome: Outcome) -> None:
        self._in_flight -= 1
        self.watch.ended(ticket, outcome)


ENDS_AT = sum(phase.lasts for phase in PHASES)


def _phase(now: int) -> Phase:
    for phase in PHASES:
        now -= phase.lasts
        if now < 0:
            return phase
    return PHASES[-1]
