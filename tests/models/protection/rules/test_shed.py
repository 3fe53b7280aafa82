"""Tries are refused for a while after a match."""

from typing import Any

from models.protection.guard import Outcome
from models.protection.rules.action import ShedAction
from models.protection.rules.shed import Shed
from sim.units import SECOND


def a_shed(draws: list[float] | None = None, **fields: Any) -> Shed:
    return Shed(ShedAction(**fields), 0, "busy", draw=iter(draws or []).__next__)


def test_all_are_refused_until_so_long_after_the_last_match() -> None:
    shed = a_shed(for_=2 * SECOND)
    shed.ended(0, Outcome(0, 0, rule=0))
    shed.ended(0, Outcome(SECOND, SECOND, rule=0))

    assert [shed.ask(t * SECOND) is not None for t in (1, 2, 3, 4)] == [False, False, True, True]
    assert (shed.reason, shed.refusal_text) == ("shed", "shed by rule busy")


def test_other_ends_change_nothing() -> None:
    shed = a_shed()

    shed.ended(0, Outcome(0, 0, is_failure=True, rule=1))

    assert shed.ask(0) is not None


def test_a_share_is_drawn_for_each_try() -> None:
    shed = a_shed([0.2, 0.3, 0.29], for_=SECOND, share=0.3)
    shed.ended(0, Outcome(0, 0, rule=0))

    assert [shed.ask(0) is not None for _ in range(3)] == [False, True, False]
