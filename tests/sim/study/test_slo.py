from typing import Any

import pytest

from sim.study.cell import Cell
from sim.study.results import Replicated, Results
from sim.study.slo import Objective, check
from sim.study.trial import Outcome
from sim.units import InputError


def results(**summaries: list[dict[str, Any]]) -> Results:
    cells = [
        Replicated(
            Cell(arm=arm, point={"rate": 1}, scenario={}, seed=1, version="0"), [Outcome(summary=one) for one in given]
        )
        for arm, given in summaries.items()
    ]
    return Results("s", cells)


def test_the_mean_over_replications_decides() -> None:
    (kept,) = check(Objective(metric="m", op="<=", value="2ms"), results(a=[{"m": 0.001}, {"m": 0.003}]))

    assert kept.is_met
    assert kept.row()["result"] == "met"
    assert kept.row()["high"] > 0.002, "the interval is told, too"


def test_an_objective_is_sure_where_its_interval_says_so_and_there_is_one() -> None:
    given = results(near=[{"m": 1}, {"m": 3}], clear=[{"m": 1}, {"m": 1.1}], one=[{"m": 1}])

    checked = check(Objective(metric="m", op="<=", value=4), given)

    assert [(kept.row()["result"], kept.row()["is_sure"]) for kept in checked] == [
        ("met", False), ("met", True), ("met", False),
    ]  # fmt: skip


def test_an_objective_without_an_arm_applies_to_all() -> None:
    checked = check(Objective(metric="m", op="==", value=1), results(a=[{"m": 1}], b=[{"m": 2}]))

    assert [(kept.row()["arm"], kept.row()["result"]) for kept in checked] == [("a", "met"), ("b", "missed")]


def test_a_replication_without_the_metric_misses_unless_absent_says_what_it_counts_as() -> None:
    given = results(a=[{"m": 1}, {"other": 1}])

    assert [kept.is_met for kept in check(Objective(metric="m", op="<", value=9), given)] == [False]
    assert [kept.is_met for kept in check(Objective(metric="m", op="<", value=9, absent=0), given)] == [True]


def test_an_unknown_metric_or_arm_is_refused() -> None:
    with pytest.raises(InputError, match=r"slo.mm.metric: no trial has mm; did you mean m\?"):
        check(Objective(metric="mm", op="<", value=9), results(a=[{"m": 1}]))
    with pytest.raises(InputError, match="no arm is called b"):
        check(Objective(metric="m", op="<", value=9, arm="b"), results(a=[{"m": 1}]))
