"""Figures by windows of time, against counts made by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.metric import Run
from sim.analysis.windows import MOST, width_of, windows_of
from sim.records.metric import Between, Difference, Selection
from sim.records.window import Held, Percentile, Rate, Share

JOBS = Selection("jobs")
LATE = JOBS.having(Between("cost", 2.0))


def a_run(begin: list[float | None], end: list[float | None], cost: list[float]) -> Run:
    return Run({"jobs": pl.DataFrame({"begin": begin, "end": end, "cost": cost})})


def test_a_rate_counts_rows_by_their_instant_per_second_of_the_window() -> None:
    run = a_run([0.05, 0.19, 0.2, 0.99, None], [0.1, 0.2, 0.3, 1.0, None], [1, 2, 3, 4, 5])

    rates = windows_of({"rate": Rate(JOBS, "begin")}, run, 12.0)

    assert rates["t"].to_list()[:3] == [0.0, 0.1, 0.2]
    assert rates.height == 120
    assert rates["rate"].to_list()[:3] == pytest.approx([10.0, 10.0, 10.0])
    assert float(rates["rate"].sum()) * 0.1 == pytest.approx(4)


def test_a_short_last_window_counts_by_its_own_length() -> None:
    run = a_run([1.0, 61.0, 61.2], [1.0, 61.0, 61.2], [1, 1, 1])

    rates = windows_of({"rate": Rate(JOBS, "begin")}, run, 61.5)

    assert rates["rate"].to_list()[-1] == pytest.approx(2 / 0.5)


def test_a_share_is_null_where_nothing_ended() -> None:
    run = a_run([0, 0, 0], [0.5, 0.6, 2.5], [1, 2, 3])

    shares = windows_of({"late": Share(LATE, JOBS, "end")}, run, 100.0)

    assert shares["late"].to_list()[:3] == [0.5, None, 1.0]


def test_a_percentile_is_that_of_what_ended_in_the_window() -> None:
    run = a_run([0, 0, 0, 0], [0.2, 0.4, 0.8, 1.9], [1, 1, 1, 1])

    found = windows_of({"p50": Percentile(JOBS, Difference("end", "begin"), 0.5, "end")}, run, 100.0)

    assert found["p50"].to_list()[:3] == [0.4, 1.9, None]


def test_a_held_value_is_the_mean_of_its_window_and_stays_until_the_next() -> None:
    run = a_run([0, 0, 0], [1.2, 1.4, 4.5], [2, 4, 9])

    found = windows_of({"cost": Held(JOBS, "cost", "end")}, run, 100.0)

    assert found["cost"].to_list()[:6] == [None, 3.0, 3.0, 3.0, 9.0, 9.0]


def test_a_figure_whose_column_was_not_recorded_is_left_out() -> None:
    run = a_run([0], [1], [1])

    found = windows_of({"rate": Rate(JOBS, "begin"), "other": Rate(Selection("cars"), "begin")}, run, 10.0)

    assert found.columns == ["t", "rate"]


@given(st.floats(0.001, 90_000))
def test_a_run_has_few_windows_and_the_shortest_that_a_person_can_read(seconds: float) -> None:
    width = width_of(seconds)

    assert seconds <= MOST * width
    assert width == 0.1 or seconds > MOST * width / 5.1


@given(st.lists(st.floats(0, 50), max_size=40))
def test_no_row_is_lost(instants: list[float]) -> None:
    run = a_run(list(instants), list(instants), [1.0] * len(instants))

    found = windows_of({"rate": Rate(JOBS, "begin")}, run, 50.0)

    assert float(found["rate"].sum()) * 0.5 == pytest.approx(len(instants))
