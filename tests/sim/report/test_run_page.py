"""The page of one run: what stands under its first line."""

import polars as pl

from sim.report.page import render
from sim.report.run_page import run_page
from sim.report.run_record import RunRecord
from sim.report.words import Recovery, Words

WORDS = Words(
    noun="jobs", one="job", total="n", failed="bad", tail="lat_p99", rows=(), panels={},
    recovery=Recovery(recovered="is_back", time="back_t", before="before", after="after", share="share"),
)  # fmt: skip


def a_page(**summary: float) -> str:
    frame = pl.DataFrame({"t": [0.0]})
    record = RunRecord(summary={"n": 5, **summary}, manifest={}, requests=pl.DataFrame(), samples=frame)
    return render(run_page(record, WORDS, "sim run it"))


def test_the_verdict_on_a_trigger_stands_under_the_answer() -> None:
    html = a_page(is_back=0, before=60.0, after=3.0, share=0.05)

    assert "<p>metastable: the trigger is over, and 5.00 % of what arrives is answered well" in html
    assert html.index("5 jobs in") < html.index("metastable:")


def test_a_run_without_a_trigger_has_none() -> None:
    assert "the trigger is over" not in a_page()
