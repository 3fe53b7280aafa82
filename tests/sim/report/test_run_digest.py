"""What a level is made of, at its peak and at the end."""

import polars as pl

from sim.report.run_digest import states
from sim.report.run_record import RunRecord
from sim.report.words import Words

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
