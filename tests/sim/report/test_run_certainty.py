"""How sure one run is, in words."""

from typing import Any

import polars as pl

from sim.cli.words import WORDS
from sim.report.run_certainty import certainty
from sim.report.run_record import RunRecord


def a_record(summary: dict[str, Any], doubts: dict[str, str] | None) -> RunRecord:
    manifest = {"scenario": {"warmup": "5s"}} | ({} if doubts is None else {"doubts": doubts})
    return RunRecord(
        summary={"n_requests": 9} | summary, manifest=manifest, requests=pl.DataFrame(), samples=pl.DataFrame()
    )


def test_a_figure_has_its_interval_or_why_there_is_none() -> None:
    summary = {"lat_mean": 0.02, "lat_mean_low": 0.01, "lat_mean_high": 0.03, "lat_p99": 0.1, "warmup_mser": 1.5}

    rows = certainty(a_record(summary, {"lat_p99_low": "9 values are too few"}), WORDS)

    assert rows == [
        ("mean latency", "20 ms", "10 ms to 30 ms"),
        ("latency p99", "100 ms", "none: 9 values are too few"),
        ("warm-up, left out", "5 s", "MSER-5 would cut 1.5 s of this run"),
    ]


def test_a_warm_up_that_is_too_short_or_does_not_end_is_said() -> None:
    short, never = (certainty(a_record(summary, {}), WORDS)[0][2] for summary in ({"warmup_mser": 7.0}, {}))

    assert short == "MSER-5 would cut 7 s of this run, more than is left out"
    assert never.startswith("MSER-5 finds no cut before the middle")


def test_a_run_of_before_says_nothing() -> None:
    assert certainty(a_record({}, None), WORDS) == []
