"""The tables of a study's report."""

import polars as pl

from sim.report.study_page import result_of, results_table, study_line
from sim.report.study_record import StudyRecord


def test_one_replication_has_no_interval() -> None:
    table = pl.DataFrame(
        {
            "arm": ["a", "b"],
            "metric": ["delay"] * 2,
            "n": [1, 2],
            "mean": [3.0] * 2,
            "low": [3.0] * 2,
            "high": [3.0] * 2,
        }
    )
    record = StudyRecord(
        name="s", question="", claims=(), slo=(), pictures=(), axes={}, failed=(), origin={}, trials=table, table=table,
        levels=table,
    )  # fmt: skip

    assert results_table(record).rows == [["a", "delay", "1", "3", "–", "–"], ["b", "delay", "2", "3", "3", "3"]]


def test_an_objective_that_its_interval_leaves_open_counts_with_a_doubt() -> None:
    trials = pl.DataFrame({"arm": ["a"], "replication": [0]})
    row = {"metric": "delay", "op": "<", "value": "1s", "arm": "a", "at": {}, "found": 0.9, "result": "missed"}
    slo = [{**row, "is_sure": False}, {**row, "result": "met", "is_sure": True}]
    record = StudyRecord(
        name="s", question="", claims=(), slo=slo, pictures=(), axes={}, failed=(), origin={}, trials=trials,
        table=trials, levels=trials,
    )  # fmt: skip

    assert study_line(record) == "s: 1 of 2 objectives met by the mean (1 not beyond chance)"
    assert [result_of(one) for one in slo] == ["MISSED?", "met"]


def test_bounds_have_the_decimals_that_tell_them_apart() -> None:
    table = pl.DataFrame(
        {"arm": ["a"], "metric": ["rate"], "n": [4], "mean": [459.5214], "low": [459.3147], "high": [459.7283]}
    )
    record = StudyRecord(
        name="s", question="", claims=(), slo=(), pictures=(), axes={}, failed=(), origin={}, trials=table,
        table=table, levels=table,
    )  # fmt: skip

    assert results_table(record).rows == [["a", "rate", "4", "459.52", "459.31", "459.73"]]
