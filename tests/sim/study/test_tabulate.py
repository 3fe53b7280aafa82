from typing import Any

import polars as pl

from sim.study.cell import Cell
from sim.study.results import Replicated, Results
from sim.study.tabulate import frame_of, table_of
from sim.study.trial import Outcome


def a_cell(point: dict[str, Any], *summaries: dict[str, Any]) -> Replicated:
    cell = Cell(arm="a", point=point, scenario={}, seed=1, version="0")
    return Replicated(cell, [Outcome(summary=summary, seconds=0.5) for summary in summaries])


def test_axes_are_numbers_where_they_are_quantities_and_text_elsewhere() -> None:
    points = [
        {"wait": "20ms", "depth": 3, "order": "fixed", "mixed": 1},
        {"wait": 0, "depth": 4, "order": "x", "mixed": [2]},
    ]

    frame = frame_of(Results("s", [a_cell(point, {"m": 1}) for point in points]))

    assert frame["wait"].to_list() == [0.02, 0.0]
    assert frame["depth"].dtype == pl.Int64
    assert frame["order"].to_list() == ["fixed", "x"]
    assert frame["mixed"].to_list() == ["1", "[2]"]


def test_metrics_that_some_trials_lack_are_null_there() -> None:
    frame = frame_of(Results("s", [a_cell({}, {"n": 1, "x": 2.5}, {"n": 2, "x": 1, "word": "late"})]))

    assert frame["n"].to_list() == [1, 2]
    assert frame["x"].to_list() == [2.5, 1.0]
    assert frame["word"].to_list() == [None, "late"]


def test_a_metric_named_like_a_column_is_told_apart() -> None:
    frame = frame_of(Results("s", [a_cell({"rate": 3}, {"seconds": 9, "rate": 2})]))

    assert frame.row(0, named=True) == {
        "arm": "a", "rate": 3, "replication": 0, "seconds": 0.5, "error": "", "summary.seconds": 9, "summary.rate": 2
    }  # fmt: skip


def test_the_table_has_mean_and_interval_over_the_replications_that_have_the_metric() -> None:
    table = table_of(Results("s", [a_cell({"rate": 3}, {"m": 1.0}, {"m": 3.0}, {"other": 1})]))

    assert table.columns == ["arm", "rate", "metric", "n", "mean", "low", "high"]
    first = table.row(0, named=True)
    assert (first["metric"], first["n"], first["mean"]) == ("m", 2, 2.0)
    assert first["low"] < 2.0 < first["high"]
