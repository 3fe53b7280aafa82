"""Plays a scripted case: calls at given instants on one breaker, and what it decides. cases.yaml has the words.

A case has a breaker as a scenario writes it, and steps. A step happens `at` an instant, or at that of the step before:

    call: ok        somebody asks, passes, and his call has ended, having taken `took` (0 where nothing is said)
    ask: passes     somebody asks; where it passes his call is under way until a step ends it
    end: err        the oldest call under way, or the one that was called `name`, ends so
    withdraw: ""    the same call never began

`times` repeats a step. After it hold `then`, the state, and `shows`, what the breaker tells of itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from models.protection.breaker import Breaker, State
from models.protection.breakers.config import BreakerConfig, make_breaker
from models.protection.guard import Guard, Outcome, Pass
from sim.scenario import Loader
from sim.units import parse_duration

FILE = Path(__file__).with_name("cases.yaml")
ENDS: Mapping[str, dict[str, bool]] = {
    "ok": {}, "err": {"is_failure": True}, "timeout": {"is_failure": True, "is_timeout": True},
    "ignored": {"is_failure": True, "is_ignored": True}, "left": {"is_ignored": True},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A place in a scenario where a breaker may stand."""

    breaker: BreakerConfig


def a_config(tree: Any) -> Any:
    """The configuration that a scenario's tree means."""
    return Loader(Protected).load_tree({"breaker": tree}, "case").breaker


def a_guard(tree: Any, begins_at: int = 0) -> Guard:
    """The guard that a scenario's tree means, of a service called orders."""
    return make_breaker(a_config(tree), "orders", begins_at)


def a_breaker(tree: Any, begins_at: int = 0) -> Breaker:
    """The same, of a kind that has states."""
    guard = a_guard(tree, begins_at)
    assert isinstance(guard, Breaker)
    return guard


def cases() -> list[dict[str, Any]]:
    """All of cases.yaml."""
    return list(YAML(typ="safe").load(FILE.read_text("utf-8")))


class Script:
    """One case while it is played."""

    def __init__(self, breaker: Any) -> None:
        self.guard = a_guard(breaker)
        self.now = 0
        self.numbers = count()
        self.under_way: dict[str, tuple[Pass, int]] = {}

    def play(self, steps: list[dict[str, Any]]) -> None:
        """Every step, and what holds after it."""
        for number, step in enumerate(steps, 1):
            place = f"step {number} {step}"
            self.now = parse_duration(step["at"]) if "at" in step else self.now
            for _ in range(step.get("times", 1)):
                self.act(step, place)
            if "then" in step:
                assert getattr(self.guard, "state", None) is State[step["then"]], place
            for name, value in step.get("shows", {}).items():
                seen = attrgetter(name)(self.guard)
                assert seen == (tuple(value) if isinstance(value, list) else value), f"{place}: {name} is {seen}"

    def act(self, step: dict[str, Any], place: str) -> None:
        if "ask" in step or "call" in step:
            self.ask(step, place)
        if "call" in step or "end" in step:
            self.end(step, step.get("call", step.get("end")))
        if "withdraw" in step:
            passed, _ = self.taken(step)
            self.guard.withdrawn(passed.ticket, self.now)
        if "look" in step:
            assert isinstance(self.guard, Breaker)
            assert self.guard.look(self.now) is State[step["look"]], place

    def ask(self, step: dict[str, Any], place: str) -> None:
        passed = self.guard.ask(self.now)
        assert (passed is not None) is (step.get("ask", "passes") == "passes"), place
        if passed is not None:
            self.under_way[step.get("name", f"#{next(self.numbers)}")] = (passed, self.now)

    def taken(self, step: dict[str, Any]) -> tuple[Pass, int]:
        return self.under_way.pop(step.get("name", next(iter(self.under_way))))

    def end(self, step: dict[str, Any], how: Any) -> None:
        if "call" in step:
            passed, began_at = self.under_way.pop(next(reversed(self.under_way)))
        else:
            passed, began_at = self.taken(step)
        took = parse_duration(step["took"]) if "took" in step else self.now - began_at
        self.guard.ended(passed.ticket, Outcome(self.now, self.now - took, **ENDS[how]))
