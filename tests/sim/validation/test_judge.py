"""A case that cannot be played is a row, and the others are played all the same."""

from collections.abc import Mapping
from typing import Any

from sim.validation.compare import Comparison
from sim.validation.judge import Judgement, Unplayable, judge
from sim.validation.vectors import Vector

COMPARE = Comparison(named_by={}, ports="ports")


def a_vector(name: str, **expect: Any) -> Vector:
    return Vector(name, "", name, 25, {"1.27.3": expect})


def play(case: str, _: str) -> Mapping[str, Any]:
    if case == "lacking":
        raise Unplayable("HTTP/9")
    if case == "broken":
        raise AssertionError("a port is bound twice")
    return {"dials": 1}


def judged(*vectors: Vector) -> list[Judgement]:
    return list(judge(vectors, play, COMPARE))


def test_a_case_is_ok_when_every_quantity_is() -> None:
    right, wrong = judged(a_vector("right", dials=1), a_vector("wrong", dials=2))

    assert (right.ok, wrong.ok) == (True, False)


def test_what_the_models_lack_is_rows_of_nothing_with_the_reason() -> None:
    lacking, after = judged(a_vector("lacking", dials=1, t_closed=None), a_vector("right", dials=1))

    assert [(row["simulated"], row["ok"]) for row in lacking.table()] == [(None, False), (None, False)]
    assert lacking.reason == "not simulated: HTTP/9"
    assert after.ok


def test_a_contradiction_of_the_models_loses_its_own_case_only() -> None:
    broken, after = judged(a_vector("broken", dials=1), a_vector("right", dials=1))

    assert "AssertionError: a port is bound twice" in broken.reason
    assert after.ok


def test_a_case_that_expects_nothing_and_cannot_be_played_is_not_ok() -> None:
    (lacking,) = judged(a_vector("lacking"))

    assert not lacking.ok


def test_a_row_has_the_keys_that_programs_read() -> None:
    (row,) = judged(a_vector("right", dials=1))[0].table()

    assert row == {
        "case": "right",
        "go_version": "1.27.3",
        "quantity": "dials",
        "measured": 1,
        "simulated": 1,
        "tolerance": 0,
        "ok": True,
    }
