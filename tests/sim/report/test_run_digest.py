"""The rows of a run's table; what a level is made of, at its peak and at the end."""

from dataclasses import replace
from typing import Any

import polars as pl

from sim.report.run_digest import rows, states
from sim.report.run_record import RunRecord
from sim.report.words import Limit, Row, Words

WORDS = Words(
    noun="jobs", one="job", total="n", failed="bad", tail="lat_p99", rows=(), panels={}, states=("threads", "threads_")
)  # fmt: skip
SAMPLES = pl.DataFrame(
    {"t": [0.0, 0.1, 0.2], "threads": [1, 5, 2], "threads_at_work": [1, 3, 0], "threads_stuck": [0, 2, 2],
     "threads_idle": [0, 0, 0]}
)  # fmt: skip


def a_record(samples: pl.DataFrame) -> RunRecord:
    return RunRecord(summary={}, manifest={}, requests=pl.DataFrame(), samples=samples)


def test_the_states_of_a_level_are_shown_where_they_are_not_zero() -> None:
    rows = states(a_record(SAMPLES), WORDS)

    assert rows == [("threads", "5", "2"), ("at work", "3", "0"), ("stuck", "2", "2")]


def test_a_run_without_such_columns_shows_none() -> None:
    assert states(a_record(SAMPLES.select("t", "threads")), WORDS) == []


def a_row(row: Row, summary: dict[str, Any], limit: Limit | None = None) -> str:
    record = replace(a_record(SAMPLES), summary=summary, manifest={"scenario": {"range": [1, 4]}})
    ((_, text),) = rows(record, replace(WORDS, rows=(row,), limit=limit))
    return text


def test_what_else_counts_as_an_error_is_named_with_its_kind() -> None:
    row = Row(label="errors", family="err:", also="status:", named=True)

    assert a_row(row, {"err:EOF": 2, "status:503": 443, "n": 500}) == "status 503 443, EOF 2"


def test_of_many_figures_a_row_shows_the_least_and_the_most() -> None:
    row = Row(label="share (%)", family="share_", scale=100)

    assert a_row(row, {"share_0": 0.5, "share_1": 0.25}) == "50 / 25"
    assert a_row(row, {f"share_{i}": (i + 1) / 100 for i in range(12)}) == "1 to 12 (12 of them)"


HALLS = Limit(name="r", path=("range",), columns=(), noun="seats", most="seats_max:", range="seats_range:")


def test_a_level_is_shown_against_the_range_of_the_only_one_that_has_it() -> None:
    row = Row(label="most", columns=("threads",), limited=True)

    assert a_row(row, {}, HALLS) == "5 of 4"


def test_of_several_with_a_range_each_the_fullest_is_shown_by_name() -> None:
    row = Row(label="most", columns=("threads",), limited=True)
    most = {"seats_max:great hall": 90, "seats_max:studio": 19}

    text = a_row(row, {**most, "seats_range:great hall": 1000, "seats_range:studio": 20}, HALLS)

    assert text == "19 of 20 (studio)", "the studio is nearly full; 5 is the sum of both, which has no limit"
