"""Replays of recorded cases: what is judged, and whom a fault of the models takes with it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from sim.engine.machine import IllegalEvent
from sim.validation.reality import CaseVerdict, Outcome, Quantity, RecordedCase, compare_cases
from sim.validation.tolerance import COUNT


def two_dials(_: int) -> Outcome:
    return Outcome({"dials": 2}, {})


def a_contradiction(_: int) -> Outcome:
    raise IllegalEvent("Endpoint in FIN_WAIT2 was fed FIN")


def a_case(folder: Path) -> RecordedCase:
    """A case named after its folder, which says how its replay goes."""
    return RecordedCase(
        name=folder.name,
        experiment="E00",
        seconds=np.zeros(1),
        measured=[Outcome({"dials": 2}, {})] * 3,
        replay=two_dials if folder.name == "sound" else a_contradiction,
        quantity=lambda _: Quantity(COUNT, True),
    )


def judged(*names: str) -> list[CaseVerdict]:
    with ThreadPoolExecutor(1) as executor:
        return list(compare_cases([Path(name) for name in names], a_case, executor, seeds=2))


def test_a_replay_that_gives_what_was_measured_is_within_tolerance() -> None:
    (sound,) = judged("sound")

    assert sound.ok
    assert [(row.quantity, row.simulated) for row in sound.rows] == [("dials", 2)]


def test_a_contradiction_of_the_models_loses_its_own_case_only() -> None:
    broken, sound = judged("broken", "sound")

    assert broken.error == "the models contradict themselves: IllegalEvent: Endpoint in FIN_WAIT2 was fed FIN"
    assert [row.simulated for row in broken.rows] == [None], "a row for what was measured, never an omission"
    assert sound.ok
