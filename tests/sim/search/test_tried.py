from typing import Any

import pytest

from sim.search.tried import LACKS, Tried, costs, violation
from sim.study.cell import Cell
from sim.study.results import Replicated
from sim.study.slo import Objective
from sim.study.trial import Outcome


def found(*values: Any) -> Replicated:
    cell = Cell(arm="base", point={}, scenario={}, seed=1, version="")
    return Replicated(cell, [Outcome(summary={} if value is None else {"x": value, "y": 1}) for value in values])


@pytest.mark.parametrize(
    ("op", "value", "excess"),
    [
        ("<", 4, -0.25), ("<", 2, 0.5), ("<=", 3, 0.0), (">", 2, -0.5), (">=", 4, 0.25), ("in", [1, 2], 0.5),
        ("in", [2, 4], -0.25), ("==", 3, 0.0), ("==", 4, 0.25), ("!=", 4, -0.25),
    ],
)  # fmt: skip
def test_a_violation_is_how_far_the_mean_lies_beyond_the_bound(op: Any, value: Any, excess: float) -> None:
    assert violation(Objective(metric="x", op=op, value=value), found(2, 4)) == pytest.approx(excess)


@pytest.mark.parametrize("op", ["<", ">", "!="])
def test_a_strict_bound_that_is_met_exactly_is_broken(op: Any) -> None:
    assert 0 < violation(Objective(metric="x", op=op, value=3), found(3)) < 1e-6


def test_a_lacking_metric_is_the_worst_violation_unless_told_what_it_counts_as() -> None:
    assert violation(Objective(metric="x", op="<", value=3), found(2, None)) == LACKS
    assert violation(Objective(metric="x", op="<", value=4, absent=0), found(4, None)) == pytest.approx(-0.5)


def test_a_cost_adds_up_weighted_metrics_by_replication() -> None:
    assert costs(found(1, None, 3), {"x": 2.0, "y": 10.0}) == [12.0, None, 16.0]


def test_the_feasible_come_first_and_the_others_by_how_far_they_are_off() -> None:
    cheap, dear = Tried(1, {}, 5.0, (-1.0,)), Tried(2, {}, 9.0, (0.0,))
    near, far, failed = Tried(3, {}, 1.0, (0.1,)), Tried(4, {}, 0.0, (2.0,)), Tried(5, {}, None, ())

    assert sorted([failed, far, near, dear, cheap], key=lambda one: one.rank) == [cheap, dear, near, far, failed]
    assert [one.is_feasible for one in (cheap, dear, near, far, failed)] == [True, True, False, False, False]
