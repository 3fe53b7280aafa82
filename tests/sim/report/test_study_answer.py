"""The titles of pictures claim what their replications are sure of, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.report.study_answer import Level, extremes, highest, stretch, trend
from sim.report.study_pictures import study_pictures
from sim.report.study_record import StudyRecord

NOISE = np.random.default_rng(4).normal(0, 0.1, 8).tolist()


def a_level(name: str, values: Sequence[float], **at: Any) -> Level:
    return Level(name, {"arm": name, **at}, float(np.mean(values)), dict(enumerate(values)))


def a_record(points: Mapping[tuple[str, float], Sequence[float]], chart: str = "line") -> StudyRecord:
    """A delay at each (arm, rate): the replications' values."""
    rows = [
        {"arm": arm, "rate": rate, "replication": i, "error": "", "delay": value}
        for (arm, rate), values in points.items() for i, value in enumerate(values)
    ]  # fmt: skip
    table = [
        {"arm": arm, "rate": rate, "metric": "delay", "n": len(values), "mean": float(np.mean(values)),
         "low": min(values), "high": max(values)}
        for (arm, rate), values in points.items()
    ]  # fmt: skip
    return StudyRecord(
        name="s", question="how long?", claims=(), slo=(), pictures=({"chart": chart, "metric": "delay"},),
        axes={"rate": "/s"}, failed=(), origin={}, trials=pl.DataFrame(rows), table=pl.DataFrame(table),
        levels=pl.DataFrame(),
    )  # fmt: skip


def answer(points: Mapping[tuple[str, float], Sequence[float]], chart: str = "line") -> str:
    (picture,) = study_pictures(a_record(points, chart))
    return picture.answer


def test_a_rise_that_pairs_agree_on_is_named_although_replications_scatter_more() -> None:
    levels = [1.0, 5.0, 9.0, 3.0]

    told = answer(
        {("base", 10.0): levels, ("base", 20.0): [one + 1 + e for one, e in zip(levels, NOISE, strict=False)]}
    )

    assert told == "delay goes from 4.5 to 5.54 as rate goes from 10 to 20"


@pytest.mark.parametrize("chart", ["line", "bars"])
def test_noise_is_no_answer(chart: str) -> None:
    told = answer({("base", 10.0): [1.0, 5.0, 9.0], ("base", 20.0): [6.0, 2.0, 8.5]}, chart)

    assert told == "delay shows no difference beyond chance in 3 replications"


@pytest.mark.parametrize("chart", ["line", "bars"])
def test_one_replication_has_no_answer(chart: str) -> None:
    told = answer({("base", 10.0): [1.0], ("base", 20.0): [60.0]}, chart)

    assert told == "delay in 1 replication"


def test_the_highest_is_named_where_it_is_above_all_others_for_sure() -> None:
    low, high, near = (a_level(name, [x + e for e in NOISE]) for name, x in (("low", 1), ("high", 9), ("near", 8)))
    tie = a_level("tie", [9 - e for e in NOISE])
    record = a_record({("base", 1.0): NOISE})

    assert highest([low, high, near], "delay", record) == f"delay is highest with high: {high.mean:.3g}"
    assert highest([low, high, tie], "delay", record).startswith(f"delay runs from {low.mean:.3g} with low to ")


def test_a_place_is_named_by_what_all_that_may_be_highest_share() -> None:
    levels = [a_level("a", [x + e for e in NOISE], rate=x, kept=kept) for x in (1.0, 9.0) for kept in (1, 2)]
    record = a_record({("base", 1.0): NOISE})

    assert stretch(levels, "delay", record, axes=["rate", "kept"]).endswith(", at rate 9")


def test_a_line_that_ends_where_it_began_names_its_top() -> None:
    line = [
        a_level("", [x + e * k for e in NOISE], rate=float(i)) for i, (x, k) in enumerate([(1, 1), (7, 2), (1, -1)])
    ]

    told = trend([line], "delay", a_record({("base", 1.0): NOISE}), x="rate")

    assert told == f"delay runs from {min(one.mean for one in line):.3g} to {line[1].mean:.3g}, at rate 1"


def test_values_that_never_differ_are_said_once() -> None:
    assert answer({("base", 10.0): [2.0, 2.0], ("base", 20.0): [2.0, 2.0]}) == "delay is 2 everywhere"


def test_of_many_points_without_a_difference_hardly_ever_a_highest_is_named() -> None:
    rng = np.random.default_rng(8)

    named = sum(
        extremes([a_level(str(i), rng.normal(size=5).tolist()) for i in range(12)]) is not None for _ in range(200)
    )

    assert named <= 16, "5 % of 200, give or take"
