"""Stable, vulnerable, metastable: what the replications say along the size of what happens."""

from collections.abc import Sequence

import pytest

from sim.study.cell import Cell
from sim.study.results import Replicated, Results
from sim.study.stability import Judged, Stability, check_stability, judge_stability
from sim.study.trial import Outcome
from sim.units import InputError

ASKED = Stability(metric="recovered", along="for")


def results(back: dict[str, Sequence[int | None]], *, load: str = "70/s") -> Results:
    """Of each size whether each replication is back; None failed."""
    return Results("storms", [
        Replicated(
            Cell(arm="a", point={"rate": load, "for": size}, scenario={}, seed=1, version="1"),
            [Outcome(error="broken") if one is None else Outcome(summary={"recovered": one}) for one in each],
        )
        for size, each in back.items()
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("back", "verdict", "sticks_from", "there", "never_from"),
    [
        ({"1s": [1, 1], "5s": [1, 1]}, "stable", None, 0, None),
        ({"1s": [1, 1], "5s": [0, 0]}, "vulnerable", "5s", 0, "5s"),
        ({"1s": [1, 1], "2s": [0, 1], "5s": [0, 0]}, "vulnerable", "2s", 1, "5s"),
        ({"1s": [1, 1], "2s": [0, 1]}, "vulnerable", "2s", 1, None),
        ({"1s": [1, 1], "2s": [0, 0], "5s": [1, 1]}, "vulnerable", "2s", 0, None),
        ({"1s": [0, 1], "5s": [0, 0]}, "metastable", "1s", 1, "5s"),
        ({"1s": [0, 0], "5s": [0, 0]}, "metastable", "1s", 0, "1s"),
        ({"0s": [0, 0], "5s": [0, 0]}, "overloaded", "0s", 0, "0s"),
        ({"0s": [1, 1], "5s": [0, 0]}, "vulnerable", "5s", 0, "5s"),
        ({"10s": [0, 0], "500ms": [1, 1]}, "vulnerable", "10s", 0, "10s"),
        ({"1s": [1, None], "5s": [1, 1]}, "unknown", None, 0, None),
    ],
)
def test_what_is_back_after_each_size_gives_the_word(
    back: dict[str, Sequence[int | None]], verdict: str, sticks_from: str | None, there: int, never_from: str | None
) -> None:
    (found,) = judge_stability(ASKED, results(back))

    assert (found.verdict, found.sticks_from, found.back, found.never_from) == (verdict, sticks_from, there, never_from)
    assert found.replications == (2 if sticks_from else 0)


def test_each_arm_and_point_of_the_other_axes_has_a_verdict_of_its_own() -> None:
    good, bad = results({"1s": [1], "5s": [1]}, load="20/s"), results({"1s": [1], "5s": [0]})

    found = judge_stability(ASKED, Results("storms", [*good.cells, *bad.cells]))

    assert found == [
        Judged(arm="a", at={"rate": "20/s"}, verdict="stable"),
        Judged(arm="a", at={"rate": "70/s"}, verdict="vulnerable", sticks_from="5s", replications=1, never_from="5s"),
    ]


def test_an_axis_without_an_order_is_no_size() -> None:
    with pytest.raises(InputError, match=r"storms: stability\.along: long is not a quantity"):
        check_stability(ASKED, results({"long": []}))
    with pytest.raises(InputError, match=r"stability\.along: no axis is called fro; did you mean for\?"):
        check_stability(Stability(metric="recovered", along="fro"), results({"1s": []}))


def test_a_metric_that_no_trial_has_is_a_mistake() -> None:
    with pytest.raises(InputError, match=r"stability\.metric: no trial has recoverd; did you mean recovered\?"):
        judge_stability(Stability(metric="recoverd", along="for"), results({"1s": [1]}))
