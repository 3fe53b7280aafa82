"""The page of a study: verdicts first, then pictures, the table, and how to get it again."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sim.report.number import bounded, plain
from sim.report.page import Page, Table, Verdict
from sim.report.sensitivity_pictures import sensitivity_table
from sim.report.study_certainty import doubt, warmup_line, warmup_tables
from sim.report.study_pictures import study_pictures
from sim.report.study_record import StudyRecord
from sim.report.study_stability import stability_table
from sim.study.limits import told

_MOST_ROWS = 400
_ASSUMPTIONS = (
    "Arms see the same random inputs (common random numbers): differences are known better than levels.",
    "Intervals are Student's t over independent replications, 95 %.",
)
_ALWAYS = ("error_ratio", "lat_p50", "lat_p99")


def study_page(record: StudyRecord, command: str) -> Page:
    """Lay out what a study found; `command` is the line that gives it again."""
    tables = [_objectives(record)] if record.slo else []
    tables += [stability_table(record)] if record.stability else []
    tables += [sensitivity_table(record.indices)] if record.indices else []
    return Page(
        title=f"{record.name}: study",
        answer=study_line(record),
        setting=f"{record.question} {record.replications}, {record.trials.height:,} trials".strip(),
        warnings=[*(f"failed: {line}" for line in record.failed), *record.warnings],
        verdicts=[verdict_of(row) for row in record.claims],
        pictures=study_pictures(record),
        tables=[*tables, results_table(record, metrics_of(record)), *warmup_tables(record)],
        assumptions=[
            *_ASSUMPTIONS,
            *_together(record),
            *filter(None, [warmup_line(record)]),
            *map(told, record.limits),
        ],
        command=command,
        origin=dict(record.origin),
    )


def study_line(record: StudyRecord) -> str:
    """The answer in a line: what came out as expected, and what was missed."""
    parts = []
    if known := [row for row in record.claims if row.get("expect")]:
        good = sum(bool(row["is_expected"]) for row in known)
        parts.append(f"{good} of {len(known)} claims came out as expected")
    if asked := [row for row in record.claims if not row.get("expect")]:  # nobody said what is right
        decided = sum(row["verdict"] != "UNDECIDED" for row in asked)
        parts.append(f"{decided} of {len(asked)} {'other ' if known else ''}claims decided")
    if record.slo:
        met = sum(row["result"] == "met" for row in record.slo)
        open_ones = sum(not row.get("is_sure", True) for row in record.slo)
        doubt_of_them = f" by the mean ({open_ones} not beyond chance)" if open_ones else ""
        parts.append(f"{met} of {len(record.slo)} objectives met{doubt_of_them}")
    if record.failed:
        parts.append(f"{len(record.failed)} of {record.trials.height} trials failed")
    return f"{record.name}: " + (", ".join(parts) or f"{record.trials.height:,} trials done")


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """A printed claim as the page and the console show it."""
    unit = str(row.get("unit") or "")
    expected = bool(row.get("is_expected", True))
    value, low, high = bounded(row["value"], row.get("low"), row.get("high"))
    return Verdict(
        id=str(row["id"]),
        statement=str(row["statement"]),
        verdict=str(row["verdict"]),
        value=f"{value} {unit}".strip(),
        interval="" if row.get("low") is None else f"{low} to {high}",
        condition=str(row.get("condition") or ""),
        note="; ".join(filter(None, ["" if expected else f"expected {row.get('expect')}", doubt(row)])),
        ok=expected,
    )


def metrics_of(record: StudyRecord) -> list[str]:
    """The metrics that the study asks about, then those that any reader asks about; ``table.parquet`` has them all."""
    asked = [str(row["metric"]) for row in (*record.slo, *record.pictures, *record.claims) if "metric" in row]
    known = set(record.table["metric"].to_list())
    return [metric for metric in dict.fromkeys([*asked, *_ALWAYS]) if metric in known]


def results_table(record: StudyRecord, metrics: Sequence[str] = ()) -> Table:
    """One row per arm, point and metric: the mean and its interval."""
    table = record.table.filter(pl.col("metric").is_in(list(metrics))) if metrics else record.table
    heads = ["arm", *(f"{axis} ({unit})" if unit else axis for axis, unit in record.axes.items()), "metric"]
    numeric = frozenset(range(len(heads), len(heads) + 4)) | {
        i + 1 for i, axis in enumerate(record.axes) if table[axis].dtype.is_numeric()
    }
    rows = [_cells(row, record) for row in table.head(_MOST_ROWS).iter_rows(named=True)]
    more = "" if table.height <= _MOST_ROWS else f", first {_MOST_ROWS} of {table.height:,} rows"
    columns = (*heads, "n", "mean", "95 % low", "95 % high")
    return Table(title=f"Results{more}", columns=columns, rows=rows, numeric=numeric, grouped=len(heads) - 1)


def _together(record: StudyRecord) -> list[str]:
    if len(record.claims) < 2:
        return []
    if record.comparisons == "none":
        return [f"Each of the {len(record.claims)} claims is judged for itself, so each may be wrong with 5 %."]
    return [f"The {len(record.claims)} claims are judged together: that any of them is wrong has 5 % (Holm)."]


def _cells(row: Mapping[str, Any], record: StudyRecord) -> list[str]:
    points = [plain(row[axis]) if isinstance(row[axis], int | float) else str(row[axis]) for axis in record.axes]
    ends = [row[name] if row["n"] > 1 else None for name in ("low", "high")]  # one replication has no interval
    return [row["arm"], *points, row["metric"], plain(row["n"]), *bounded(row["mean"], *ends)]


def result_of(row: Mapping[str, Any]) -> str:
    """Whether an objective is met or MISSED by the mean; with a question mark where its interval leaves that open."""
    word = str(row["result"]).upper() if row["result"] == "missed" else str(row["result"])
    return word + ("" if row.get("is_sure", True) else "?")


def _objectives(record: StudyRecord) -> Table:
    rows = [
        (
            f"{row['metric']} {row['op']} {row['value']}",
            ", ".join([str(row["arm"]), *(f"{name} {value}" for name, value in row["at"].items())]),
            plain(row["found"]),
            result_of(row),
        )
        for row in record.slo
    ]
    columns = ("objective", "arm and point", "found", "result")
    return Table(title="Objectives", columns=columns, rows=rows, numeric=frozenset({2}))
