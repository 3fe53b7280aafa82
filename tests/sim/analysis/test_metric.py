"""Declared metrics, computed on tables small enough to count by hand."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.analysis.batch_means import batch_means
from sim.analysis.metric import Run, doubts, evaluate, measure
from sim.analysis.sections import section_interval
from sim.records import metric as m
from sim.records.spread import Deviation

JOBS = m.Selection("jobs")
LASTS = m.Difference("end", "start")


def a_run(**numbers: float) -> Run:
    jobs = pl.DataFrame(
        {
            "start": [0.0, 1.0, 2.0, 3.0, 4.0],
            "end": [1.0, 4.0, 2.5, None, 6.0],
            "desk": [0, 0, 2, None, 0],
            "key": ["a", "b", "a", "b", "a"],
            "fault": ["", "", "late", "late", "lost"],
        }
    )
    samples = pl.DataFrame(
        {"t": [0.0, 0.1, 0.2, 0.3], "busy": [0, 4, 2, 0], "busy_b0": [1, 1, 1, 1], "busy_x": [9] * 4}
    )
    return Run({"jobs": jobs, "samples": samples}, {"side.Drops": 3}, numbers)


def figure(metric: m.Metric, **numbers: float) -> Any:
    return measure(metric, a_run(**numbers))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (m.Count(JOBS), 5),
        (m.Count(JOBS.having(m.Known("end"))), 4),
        (m.Count(JOBS.having(m.Is("fault", "late"))), 2),
        (m.Count(JOBS.having(m.Not(m.Is("fault", "late")))), 3),
        (m.Count(JOBS.having(m.All((m.Is("fault", ""), m.Between("start", 1))))), 1),
        (m.Distinct(JOBS, "desk"), 2),
        (m.Total(JOBS, "desk"), 2),
        (m.Total(JOBS.having(m.Is("desk", 7)), "desk"), 0),
        (m.Mean(JOBS, LASTS), 1.625),
        (Deviation(JOBS, LASTS), pytest.approx(math.sqrt(3.6875 / 3))),
        (m.Quantile(JOBS, LASTS, 0.5), 2.0),
        (m.Quantile(JOBS, LASTS, 1.0), 3.0),
        (m.Maximum(JOBS, LASTS), 3.0),
        (m.Maximum(JOBS, LASTS, rank=2), 2.0),
        (m.Minimum(JOBS, LASTS), 0.5),
        (m.First(JOBS.having(m.Is("fault", "late")), "start", "start"), 2.0),
        (m.Last(JOBS, "end", "start"), 4.0),
        (m.Overtaken(JOBS, "start", "end"), 1),
        (m.Overtaken(JOBS, "start", "end", by=1.5), 0),
        (m.LevelMean("busy"), 1.5),
        (m.LevelMean("busy", 0.1, 0.3), 3.0),
        (m.LevelMax("busy"), 4),
        (m.LevelAt("busy", 0.14), 4),
        (m.LevelAt("busy"), 0),
        (m.LevelTime("busy", "first"), 0.1),
        (m.LevelTime("busy", "last"), 0.2),
        (m.Counter("side.Drops"), 3),
        (m.Counter("side.Never"), 0),
        (m.Ratio(m.Count(JOBS), 2), 2.5),
        (m.Minus(m.Count(JOBS), 2), 3),
        (m.PerSecond(m.Count(JOBS), 2, 4), 2.5),
        (m.AtLeast(m.Count(JOBS), 5), 1),
        (m.AtLeast(4.9, m.Count(JOBS)), 0),
    ],
)
def test_a_figure_is_what_a_hand_count_gives(metric: m.Metric, expected: float) -> None:
    assert figure(metric) == pytest.approx(expected)


@pytest.mark.parametrize(
    "metric",
    [
        m.Count(m.Selection("nowhere")),
        m.Count(JOBS.having(m.Known("nothing"))),
        m.Distinct(JOBS, "nothing"),
        m.Mean(JOBS.having(m.Is("fault", "no such")), LASTS),
        m.Quantile(JOBS, m.Difference("end", "nothing"), 0.5),
        m.Maximum(JOBS, LASTS, rank=5),
        m.Overtaken(JOBS, "nothing", "end"),
        m.Imbalance(JOBS, "nothing", "cv"),
        m.Imbalance(JOBS.having(m.Is("desk", 7)), "desk", "cv"),
        m.LevelMean("nothing"),
        m.LevelMean("busy", 5, 6),
        m.LevelMax("nothing"),
        m.LevelAt("nothing", 1),
        m.LevelTime("nothing", "first"),
        m.Ratio(m.Count(JOBS), 0),
        m.Ratio(m.Mean(m.Selection("nowhere"), "x"), 1),
        m.Minus(1, m.Number("unknown")),
        m.PerSecond(m.Count(JOBS), 4, 4),
        m.AtLeast(m.Number("unknown"), 1),
        m.Count(JOBS.having(m.Between("start", m.Number("unknown")))),
        m.Count(JOBS.having(m.Not(m.Between("start", m.Number("unknown"))))),
        m.Count(JOBS.having(m.All((m.Between("start", m.Number("unknown")),)))),
    ],
)
def test_what_cannot_be_known_has_no_value_and_no_name_in_the_result(metric: m.Metric) -> None:
    assert figure(metric) is None
    assert evaluate({"name": metric}, a_run()) == {}


@pytest.mark.parametrize(
    "metric",
    [
        m.First(JOBS.having(m.Is("fault", "no such")), "start", "start", absent=-1),
        m.Last(JOBS.having(m.Is("fault", "no such")), "start", "start", absent=-1),
        m.Last(JOBS.having(m.Is("fault", "no such")), "start", "start", absent=m.Minus(1, 2)),
        m.Minimum(JOBS.having(m.Is("fault", "no such")), "start", absent=-1),
        m.LevelTime("busy_never", "last"),
    ],
)
def test_an_instant_that_never_came_is_what_the_declaration_says(metric: m.Metric) -> None:
    run = a_run()
    run.tables["samples"].insert_column(1, pl.Series("busy_never", [0, 0, 0, 0]))

    assert measure(metric, run) == -1


def test_an_interval_holds_its_lower_bound_and_not_its_upper_one() -> None:
    assert figure(m.Count(JOBS.having(m.Between("start", 1, 3)))) == 2


def test_a_bound_may_be_a_scaled_number_of_the_scenario_or_a_metric() -> None:
    first_late = m.First(JOBS.having(m.Is("fault", "late")), "start", "start")

    assert figure(m.Count(JOBS.having(m.Between("start", m.Number("duration", 2 / 3)))), duration=4.5) == 2
    assert figure(m.Count(JOBS.having(m.Between("start", m.Number("duration", plus=-1)))), duration=4.5) == 1
    assert figure(m.Count(JOBS.having(m.Between("start", None, first_late)))) == 2


def test_a_gap_runs_from_an_end_to_the_next_start_of_the_same_key() -> None:
    gap = m.Gap(keys=("key",), end="end", start="start")

    # a: 1.0 -> 2.0 and 2.5 -> 4.0; b: 4.0 -> 3.0 began before the end of the other
    assert figure(m.Minimum(JOBS.having(m.Is("key", "a")), gap)) == 1.0
    assert figure(m.Maximum(JOBS, gap)) == 1.5
    assert figure(m.Minimum(JOBS, gap)) == -1.0


def test_rows_of_one_instant_overtake_nobody() -> None:
    jobs = pl.DataFrame({"start": [0.0, 1.0, 1.0, 1.0], "end": [1.0, 5.0, 4.0, 3.0]})

    assert measure(m.Overtaken(JOBS, "start", "end"), Run({"jobs": jobs})) == 0


def test_the_nearest_sample_in_the_middle_of_two_is_the_earlier() -> None:
    assert figure(m.LevelAt("busy", 0.25)) == 2
    assert figure(m.LevelAt("busy", 99)) == 0


def test_a_desk_that_nobody_used_counts_in_the_balance() -> None:
    # desks 0, 1, 2, 3 had 3, 0, 1, 0 jobs: mean 1, variance 6 / 4
    desks = m.Number("desks")

    assert figure(m.Imbalance(JOBS, "desk", "cv", desks), desks=4) == pytest.approx(math.sqrt(1.5))
    assert figure(m.Imbalance(JOBS, "desk", "max_over_mean", desks), desks=4) == 3.0


def test_without_a_number_of_desks_those_up_to_the_highest_seen_count() -> None:
    assert figure(m.Imbalance(JOBS, "desk", "max_over_mean")) == pytest.approx(3 / (4 / 3))


def test_a_family_names_its_members_by_its_pattern() -> None:
    families: m.Declarations = {
        "fault:{}": m.CountEach(JOBS.having(m.Not(m.Is("fault", ""))), "fault"),
        "share_{}": m.ShareEach(JOBS, "desk", among=4),
        "busy_{}_mean": m.LevelMeanEach("busy_b"),
        "{}": m.CounterEach(),
    }

    assert evaluate(families, a_run()) == {
        "fault:late": 2,
        "fault:lost": 1,
        "share_0": 0.75,
        "share_1": 0.0,
        "share_2": 0.25,
        "share_3": 0.0,
        "busy_0_mean": 1.0,
        "side.Drops": 3,
    }


def test_a_family_of_what_was_not_recorded_has_no_members() -> None:
    families: m.Declarations = {
        "fault:{}": m.CountEach(m.Selection("nowhere"), "fault"),
        "share_{}": m.ShareEach(m.Selection("nowhere"), "desk"),
        "busy_{}": m.LevelMeanEach("busy_b", 7, 9),
    }

    assert evaluate(families, a_run()) == {}


def test_evaluating_leaves_the_tables_as_they_were() -> None:
    run = a_run(duration=4.0)
    before = {name: table.clone() for name, table in run.tables.items()}

    evaluate({"n": m.Count(JOBS.having(m.Known("end"))), "p50": m.Quantile(JOBS, LASTS, 0.5)}, run)

    assert all(table.equals(before[name]) for name, table in run.tables.items())


def test_what_is_no_metric_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError, match="is no metric"):
        measure("lat_p99", a_run())


LASTS = m.Difference("end", "start")
BOUNDS: m.Declarations = {
    "mean_low": m.Bound(m.Selection("jobs"), "start", LASTS, "low"),
    "mean_high": m.Bound(m.Selection("jobs"), "start", LASTS, "high"),
    "p99_low": m.Bound(m.Selection("jobs"), "start", LASTS, "low", 0.99),
    "p999_low": m.Bound(m.Selection("jobs"), "start", LASTS, "low", 0.999),
    "cut": m.WarmUp(m.Series(m.Selection("jobs"), "start", LASTS)),
}


def a_long_run(n: int) -> tuple[Run, Any]:
    """Jobs that last an exponential second, in the order of their ends, and how long they last by their starts."""
    start, lasts = np.arange(n) / 100, np.random.default_rng(3).exponential(size=n)
    jobs = pl.DataFrame({"start": start, "end": start + lasts}).sort("end")
    return Run({"jobs": jobs}, numbers={"duration": n / 100}), (jobs["end"] - jobs["start"]).gather(
        jobs["start"].arg_sort()
    )


def test_bounds_are_those_of_the_values_in_their_order() -> None:
    run, lasts = a_long_run(20_000)

    found, mean, p99 = evaluate(BOUNDS, run), batch_means(lasts).interval, section_interval(lasts, 0.99).interval

    assert mean is not None
    assert p99 is not None
    assert (found["mean_low"], found["mean_high"], found["p99_low"]) == (mean.low, mean.high, p99.low)
    assert found["cut"] <= 50
    assert "p999_low" not in found
    assert doubts(BOUNDS, run) == {"p999_low": "20,000 values are too few; 100,000 or more are needed"}


def test_a_run_of_a_few_rows_or_without_the_column_has_no_bounds() -> None:
    few, none = a_long_run(10)[0], Run({"jobs": pl.DataFrame({"start": [1.0]})}, numbers={"duration": 9.0})

    assert set(evaluate(BOUNDS, few)) == set()
    assert set(doubts(BOUNDS, few)) == {"mean_low", "p99_low", "p999_low"}
    assert evaluate(BOUNDS, none) == {}
    assert doubts(BOUNDS, none) == {}
