"""How sure a study is, in words: what an undecided claim lacks, and whether the warm-up was long enough."""

from collections.abc import Mapping
from typing import Any

from sim.report.number import bounded, plain, seconds
from sim.report.page import Table
from sim.report.study_record import StudyRecord
from sim.study.precision import MOST_REPLICATIONS


def doubt(row: Mapping[str, Any]) -> str:
    """What there is to say of how a claim was decided, or what it would take; empty for a plain interval that did.

    Examples
    --------
    >>> doubt({"verdict": "UNDECIDED", "value": 1.0, "low": 0.9, "high": 1.2, "p": 0.2, "more": 7})
    '7 more replications would decide'
    """
    if row.get("op") == "within" and row["verdict"] == "SUPPORTED":
        confidence, low, high = row["decides"]
        _, *ends = bounded(row["value"], low, high)
        return f"equivalent: the {100 * confidence:.3g} % interval {' to '.join(ends)} lies within the margin"
    if row["verdict"] != "UNDECIDED":
        return ""
    if row.get("value") is None:
        return "a replication has no value"
    if row.get("p") is None:
        return ""  # of a result that knows nothing of this
    more = row.get("more")
    if more is None:
        return "more replications would not decide: the mean is the value itself"
    if more > MOST_REPLICATIONS:
        return f"more than {MOST_REPLICATIONS:,} more replications would decide: the mean is all but the value itself"
    word = "replication" if more == 1 else "replications"
    return f"{more:,} more {word} would decide"


def warmup_line(record: StudyRecord) -> str:
    """The stated warm-up and what MSER-5 would have cut, in a sentence; empty where the trials do not tell."""
    if not record.warmups:
        return ""
    stated = _range([row["stated"] for row in record.warmups])
    found = [row["mser"] for row in record.warmups if row["mser"] is not None]
    told = [_range(found)] if found else []
    if beyond := len(record.warmups) - len(found):
        told.append(f"nothing before the middle of the run for {beyond} of {len(record.warmups)} arms and points")
    parts = [f"Warm-up: {stated} left out as stated", f"MSER-5 would cut {', and '.join(told)}", *_weight(record)]
    return "; ".join(parts) + "."


def warmup_tables(record: StudyRecord) -> list[Table]:
    """The warm-up of each arm and point; none where the trials do not tell."""
    if not record.warmups:
        return []
    heads = ("arm and point", "stated (s)", "MSER-5 (s)", "replications", "enough")
    rows = [
        (
            ", ".join([str(row["arm"]), *(f"{axis} {value}" for axis, value in row["at"].items())]),
            plain(row["stated"]),
            "beyond the middle" if row["mser"] is None else plain(row["mser"]),
            plain(row["replications"]),
            {True: "yes", False: "NO", None: "not known"}[row["is_enough"]],
        )
        for row in record.warmups
    ]
    return [Table(title="Warm-up", columns=heads, rows=rows, numeric=frozenset({1, 2, 3}), grouped=1)]


def _weight(record: StudyRecord) -> list[str]:
    """Whether cuts that are later than what is stated matter; nothing where none is."""
    late = [row for row in record.warmups if row["mser"] is None or row["mser"] > row["stated"]]
    judged = [row["is_enough"] for row in late if row["is_enough"] is not None]
    if not late:
        return []
    if not judged:
        return ["replications are too few to tell whether that matters"]
    if short := judged.count(False):
        return [f"that moves the mean of {short} of {len(judged)} by more than chance"]
    return ["no mean moves with that by more than chance"]


def _range(values: list[float]) -> str:
    least, most = min(values), max(values)
    return seconds(least) if least == most else f"{seconds(least)} to {seconds(most)}"
