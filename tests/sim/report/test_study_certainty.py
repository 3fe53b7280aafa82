"""How sure a study is, in words."""

import polars as pl
import pytest

from sim.report.study_certainty import doubt, warmup_line, warmup_tables
from sim.report.study_record import StudyRecord

MORE = "more replications would decide"


def a_record(**changes: object) -> StudyRecord:
    given = {
        "name": "s", "question": "", "claims": (), "slo": (), "pictures": (), "axes": {"rate": "/s"}, "failed": (),
        "origin": {}, "trials": pl.DataFrame(), "table": pl.DataFrame(), "levels": pl.DataFrame(),
    }  # fmt: skip
    return StudyRecord(**given | changes)  # type: ignore[arg-type]


def a_warmup(mser: float | None, stated: float = 5.0) -> dict[str, object]:
    is_enough = mser is not None and stated >= mser
    found = {"stated": stated, "mser": mser, "replications": 3, "is_enough": is_enough}
    return {"arm": "a", "at": {"rate": "5/s"}, **found}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"verdict": "SUPPORTED", "op": "<", "p": 0.01, "value": 1.0, "more": None}, ""),
        ({"verdict": "UNDECIDED", "op": "<", "p": 0.2, "value": 1.0, "more": 1}, "1 more replication would decide"),
        ({"verdict": "UNDECIDED", "op": "<", "p": 0.2, "value": 1.0, "more": 1200}, f"1,200 {MORE}"),
        ({"verdict": "UNDECIDED", "op": "<", "p": None, "value": None, "more": None}, "a replication has no value"),
        ({"verdict": "UNDECIDED", "value": 1.0}, ""),
    ],
)  # fmt: skip
def test_an_undecided_claim_says_what_would_decide_it(row: dict[str, object], said: str) -> None:
    assert doubt(row) == said


def test_a_claim_that_no_number_of_replications_decides_says_so() -> None:
    row = {"verdict": "UNDECIDED", "op": "<", "p": 1.0, "value": 1.0, "more": None}

    assert "would not decide" in doubt(row)
    assert "more than 100,000" in doubt(row | {"more": 12_000_000})


def test_equivalence_names_the_interval_that_decided() -> None:
    row = {"verdict": "SUPPORTED", "op": "within", "p": 0.01, "value": 0.0, "decides": [0.9, -0.5, 0.25]}

    assert doubt(row) == "equivalent: the 90 % interval -0.5 to 0.25 lies within the margin"


def test_the_warm_up_is_stated_and_found_in_a_sentence_and_a_table() -> None:
    record = a_record(warmups=[a_warmup(1.5), a_warmup(None), a_warmup(8.0)])

    assert warmup_line(record) == (
        "Warm-up: 5 s left out as stated; MSER-5 would cut 1.5 s to 8 s, and 1 of 3 arms and points have not settled "
        "by the middle of the run."
    )
    table = warmup_tables(record)[0]
    assert [row[-1] for row in table.rows] == ["yes", "NO", "NO"]
    assert [row[3] for row in table.rows] == ["1.5", "not settled", "8"]


def test_a_study_whose_trials_do_not_tell_says_nothing_of_warm_up() -> None:
    assert warmup_line(a_record()) == ""
    assert warmup_tables(a_record()) == []
