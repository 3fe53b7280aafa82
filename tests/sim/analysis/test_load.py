"""Loads of places over a run and its windows, on rows written by hand and against sums over every instant."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.load import Held, Windows, loads_of
from sim.analysis.metric import Run, evaluate
from sim.records.metric import Between, Load, Number, Selection, Skew

JOBS = Selection("jobs", (Between("desk", 2, 4),))
END = Number("end")
LOAD = Load(JOBS, "desk", 2, 2, "start", 0, END, 10)
WORK = Load(JOBS, "desk", 2, 2, "start", 0, END, 10, of="effort")
HELD = Load(JOBS, "desk", 2, 2, "start", 0, END, 10, until="stop")

TABLE = pl.DataFrame(
    {
        "desk": [2, 3, 2, 2, 7, 3, 2],
        "start": [0.0, 1.0, 9.0, 10.0, 11.0, 25.0, -1.0],
        "stop": [4.0, 6.0, 14.0, 11.0, 19.0, None, 1.0],
        "effort": [1.0, None, 5.0, 2.0, 9.0, 3.0, 50.0],
    }
)


def a_run(end: float = 25.5) -> Run:
    return Run({"jobs": TABLE}, numbers={"end": end})


def test_rows_are_counted_at_their_place_from_start_to_end() -> None:
    loads = a_run().loads(LOAD)

    assert loads is not None
    assert loads.run.tolist() == [3, 2]
    assert loads.windows.tolist() == [[2, 1], [1, 0]]  # the third window is not whole


def test_work_is_the_sum_of_what_is_known() -> None:
    loads = a_run().loads(WORK)

    assert loads is not None
    assert loads.run.tolist() == [8, 3]
    assert loads.windows.tolist() == [[6, 0], [2, 0]]


def test_what_is_held_is_a_mean_over_time() -> None:
    loads = a_run().loads(HELD)

    assert loads is not None
    # desk 2: 0-4, 9-14, 10-11 and what began before; desk 3: 1-6, and 25 to the end
    assert loads.windows == pytest.approx(np.array([[0.6, 0.5], [0.5, 0.0]]))
    assert loads.run == pytest.approx(np.array([11 / 25.5, 5.5 / 25.5]))


def test_a_metric_of_skew_is_one_of_its_loads() -> None:
    declared = {
        "whole": Skew(LOAD, "sd"),
        "least": Skew(LOAD, "cv", "min"),
        "most": Skew(LOAD, "cv", "max"),
        "mean": Skew(LOAD, "cv", "mean"),
        "chance": Skew(LOAD, "cv_by_chance"),
        "held_by_chance": Skew(HELD, "cv_by_chance"),
    }

    found = evaluate(declared, a_run())

    assert found == pytest.approx({"whole": 0.5, "least": 1 / 3, "most": 1.0, "mean": 2 / 3, "chance": 5**-0.5})


def test_what_is_missing_leaves_no_figure() -> None:
    assert evaluate({"skew": Skew(LOAD, "cv")}, Run({}, numbers={"end": 20})) == {}
    assert evaluate({"skew": Skew(LOAD, "cv")}, Run({"jobs": TABLE})) == {}
    assert evaluate({"skew": Skew(LOAD, "cv")}, Run({"jobs": TABLE.clear()}, numbers={"end": 20})) == {}
    assert evaluate({"skew": Skew(HELD, "cv")}, Run({"jobs": TABLE}, numbers={"end": 0})) == {}


def test_windows_without_load_are_left_out_of_their_mean() -> None:
    quiet = TABLE.filter(pl.col("start") >= 10)

    assert evaluate({"mean": Skew(LOAD, "cv", "mean")}, Run({"jobs": quiet}, numbers={"end": 25.5})) == {"mean": 1.0}


def test_windows_that_just_fit_are_whole_in_binary_too() -> None:
    assert Windows.within(0.3, 0.9, 0.1).number == 6
    assert Windows.within(5, 5, 10).number == 0
    assert Windows.within(9, 5, 10).number == 0


TIMES = st.lists(st.tuples(st.integers(0, 2), st.integers(-40, 140), st.integers(0, 90)), max_size=40)


@given(TIMES, st.integers(1, 40), st.integers(-10, 60))
def test_held_equals_the_sum_over_every_instant(jobs: Any, width: int, start: int) -> None:
    place = np.array([job[0] for job in jobs], np.int64)
    since = np.array([float(job[1]) for job in jobs])
    windows = Windows(float(start), float(width), 3)

    found = Held(place, since, since + [job[2] for job in jobs], 3).mean_in(windows)

    for k in range(3):
        instants = range(start + k * width, start + (k + 1) * width)
        for desk in range(3):
            there = sum(at <= t < at + length for where, at, length in jobs if where == desk for t in instants)
            assert found[k, desk] == pytest.approx(there / width)


@given(st.lists(st.tuples(st.integers(2, 3), st.floats(0, 100))), st.floats(0.5, 30))
def test_windows_hold_no_more_than_the_run(jobs: Any, width: float) -> None:
    table = pl.DataFrame(
        {"desk": [j[0] for j in jobs], "start": [j[1] for j in jobs]}, {"desk": pl.Int32, "start": float}
    )

    loads = loads_of(LOAD, table, (0.0, 90.0, width))

    assert loads.run.sum() == sum(at < 90 for _, at in jobs)
    assert (loads.windows.sum(axis=0) <= loads.run).all()
