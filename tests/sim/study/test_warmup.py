"""What MSER-5 would cut of the mean over an arm's replications, against what is stated."""

import numpy as np

from sim.study.cell import Cell
from sim.study.results import Replicated
from sim.study.trial import Course, Outcome
from sim.study.warmup import settlings, warnings_of


def an_arm(arm: str, *, decays: float, stated: float, grows: bool = False) -> Replicated:
    """Ten replications of 120 s in steps of 0.5 s whose response falls with this time constant, or only grows."""
    t = np.arange(240) * 0.5
    shape = t / 10 if grows else 10 * np.exp(-t / decays)
    noise = np.random.default_rng(7).normal(0, 0.5, (10, t.size))
    outcomes = [Outcome(course=Course(step=0.5, values=tuple((shape + one).tolist()), warmup=stated)) for one in noise]
    return Replicated(Cell(arm=arm, point={"rate": "5/s"}, scenario={}, seed=1, version="0"), outcomes)


def an_ar1(rng: np.random.Generator, shape: tuple[int, int]) -> list[list[float]]:
    """A stationary series a row: each value is 0.9 of the one before, and noise of 1."""
    noise = rng.normal(size=shape)
    found = np.empty(shape)
    found[:, 0] = noise[:, 0] / np.sqrt(1 - 0.9**2)
    for t in range(1, shape[1]):
        found[:, t] = 0.9 * found[:, t - 1] + noise[:, t]
    rows: list[list[float]] = found.tolist()
    return rows


def test_a_warm_up_that_is_long_enough_is_shown_and_not_warned_of() -> None:
    found = settlings([an_arm("a", decays=3, stated=20)])

    assert found[0].is_enough
    assert found[0].found is not None
    assert 5 <= found[0].found <= 20
    assert found[0].drift is not None
    assert found[0].row() == {
        "arm": "a", "at": {"rate": "5/s"}, "stated": 20, "mser": found[0].found, "replications": 10,
        "shift": found[0].drift.shift, "p": found[0].drift.p, "is_enough": True,
    }  # fmt: skip
    assert warnings_of(found) == []


def test_a_warm_up_that_is_too_short_is_warned_of() -> None:
    found = settlings([an_arm("a", decays=3, stated=2), an_arm("b", decays=3, stated=30)])

    assert [one.is_enough for one in found] == [False, True]
    cut = f"MSER-5 would cut up to {found[0].found:g} s, which moves the mean"
    assert warnings_of(found) == [f"warm-up: 2 s is stated, {cut}; a, rate 5/s has too short a one"]


def test_few_replications_are_shown_and_not_warned_of() -> None:
    arm = an_arm("a", decays=3, stated=2)
    found = settlings([Replicated(arm.cell, arm.outcomes[:4])])

    assert found[0].is_enough is None
    assert warnings_of(found) == []


def test_a_stationary_response_is_hardly_ever_warned_of() -> None:
    """AR(1), 0.9: with any cut as a reason half of the arms would be warned of, with this rule one in a hundred."""
    rng, arms = np.random.default_rng(20), []
    for _ in range(200):
        outcomes = [Outcome(course=Course(step=0.5, values=tuple(one), warmup=6)) for one in an_ar1(rng, (10, 240))]
        arms.append(Replicated(Cell(arm="a", point={}, scenario={}, seed=1, version="0"), outcomes))

    found = settlings(arms)

    assert sum(one.found is None or one.found > one.stated for one in found) > 60, "so often MSER-5 cuts by chance"
    assert sum(one.is_enough is False for one in found) <= 6


def test_a_response_that_only_grows_has_not_settled() -> None:
    found = settlings([an_arm("a", decays=3, stated=30), an_arm("b", decays=3, stated=30, grows=True)])

    assert [one.found is None for one in found] == [False, True]
    assert len(warnings_of(found)) == 1
    assert "b, rate 5/s has not settled by the middle of the run" in warnings_of(found)[0]


def test_trials_that_do_not_tell_how_they_went_are_left_out() -> None:
    cell = Cell(arm="a", point={}, scenario={}, seed=1, version="0")

    assert settlings([Replicated(cell, [Outcome(summary={"m": 1})])]) == []
