"""What each limit says to scripted calls, held against the real code run with a scripted clock, or against its rule."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from models.protection.limits.adaptive import AdaptiveLimit
from models.protection.limits.config import AnyLimit, make_limit
from sim.scenario.load import Loader
from sim.units import Rate
from tests.models.protection.limits.scripts import flood, learn, luck, play


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One limit, and what is asked of it."""

    name: str
    """What it shows."""
    limit: AnyLimit
    """As a scenario has it."""
    calls: tuple[str, ...] = ()
    """Calls, and what the limit says."""
    samples: tuple[str, ...] = ()
    """Calls that ended, and the limits that come of them."""
    flood: Rate = 0.0
    """Calls at even distances."""
    passed_per_second: tuple[int, ...] = ()
    """How many of these pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All cases."""

    cases: tuple[Case, ...]
    """In any order."""


FILE = Path(__file__).with_name("scripted.yaml")
CASES: tuple[Case, ...] = Loader(Script).load(FILE.read_text("utf-8"), FILE.name).cases


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_limit_says_what_its_original_says(case: Case) -> None:
    limit = make_limit(case.limit, luck())

    assert play(limit, case.calls) == list(case.calls)
    if case.samples:
        assert isinstance(limit, AdaptiveLimit)
        assert learn(limit, case.samples) == list(case.samples)
    if case.flood:
        assert flood(limit, case.flood, len(case.passed_per_second)) == list(case.passed_per_second)


def test_every_case_asks_something() -> None:
    assert [case.name for case in CASES if not (case.calls or case.samples or case.flood)] == []
