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


def a_warmup(mser: float | None, is_enough: bool | None) -> dict[str, object]:
    found = {"stated": 5.0, "mser": mser, "replications": 7, "is_enough": is_enough}
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
    record = a_record(warmups=[a_warmup(1.5, True), a_warmup(None, False), a_warmup(8.0, False), a_warmup(9.0, None)])

    assert warmup_line(record) == (
        "Warm-up: 5 s left out as stated; MSER-5 would cut 1.5 s to 9 s, and nothing before the middle of the run "
        "for 1 of 4 arms and points; that moves the mean of 2 of 2 by more than chance."
    )
    table = warmup_tables(record)[0]
    assert [row[-1] for row in table.rows] == ["yes", "NO", "NO", "not known"]
    assert [row[2] for row in table.rows] == ["1.5", "beyond the middle", "8", "9"]


@pytest.mark.parametrize(
    ("is_enough", "said"),
    [
        (True, "no mean moves with that by more than chance"),
        (None, "replications are too few to tell whether that matters"),
    ],
)
def test_a_cut_that_matters_to_nothing_is_not_told_as_if_it_did(is_enough: bool | None, said: str) -> None:
    line = warmup_line(a_record(warmups=[a_warmup(8.0, is_enough)]))

    assert line == f"Warm-up: 5 s left out as stated; MSER-5 would cut 8 s; {said}."
    assert warmup_line(a_record(warmups=[a_warmup(5.0, is_enough)])).endswith("MSER-5 would cut 5 s.")


def test_a_study_whose_trials_do_not_tell_says_nothing_of_warm_up() -> None:
    assert warmup_line(a_record()) == ""
    assert warmup_tables(a_record()) == []
