"""The tables of a study's report."""

import polars as pl

from sim.report.study_page import results_table
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
