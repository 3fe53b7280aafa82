"""The sentence that says whether a run is back after something temporary."""

import polars as pl

from sim.report.run_record import RunRecord
from sim.report.run_recovery import recovery
from sim.report.words import Recovery, Words

WORDS = Words(
    noun="jobs", one="job", total="n", failed="bad", tail="lat_p99", rows=(), panels={},
    recovery=Recovery(recovered="is_back", time="back_t", before="before", after="after", share="share"),
)  # fmt: skip


def said(**summary: float) -> list[str]:
    record = RunRecord(summary=summary, manifest={}, requests=pl.DataFrame(), samples=pl.DataFrame())
    return recovery(record, WORDS)


def test_what_is_back_is_stable_after_this_trigger() -> None:
    (line,) = said(is_back=1, back_t=23.0, before=60.0, after=59.0, share=1.0)

    assert line.startswith("stable after this trigger: back 23 s after its end, 60 per second before it and 59 per")


def test_what_is_not_back_is_metastable_or_drains() -> None:
    (line,) = said(is_back=0, back_t=90.0, before=60.0, after=3.0, share=0.05)

    assert line.startswith("metastable: the trigger is over, and 5.00 % of what arrives is answered well (3 per second")


def test_a_run_without_a_trigger_has_no_verdict() -> None:
    assert said(n=5) == []
