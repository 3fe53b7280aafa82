"""What a picture of a study is asked to show: its rows, its names, its labels, its limit. It draws nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sim.quantity.magnitude import magnitude, number
from sim.report.number import plain
from sim.report.study_record import StudyRecord

_IN_STEP = 1 - 1e-9


def chosen(table: pl.DataFrame, asked: Mapping[str, Any], record: StudyRecord) -> pl.DataFrame:
    """The rows of the arms asked for at the values of `at`, however they are spelled."""
    if asked.get("arms"):
        table = table.filter(pl.col("arm").is_in(list(asked["arms"])))
    for name, written in (asked.get("at") or {}).items():
        axis = axis_called(record, name)
        found = magnitude(written)
        table = table.filter(pl.col(axis) == (found[0] if found and table[axis].dtype.is_numeric() else str(written)))
    return table


def axis_called(record: StudyRecord, name: str) -> str:
    """The axis of this name, which may be any longer end of its path."""
    return next((axis for axis in record.axes if axis == name or name.endswith(f".{axis}")), name)


def numeric_axes(record: StudyRecord) -> list[str]:
    """The axes along which something can be drawn: numbers, more than one of them."""
    return [axis for axis in record.axes if record.table[axis].dtype.is_numeric() and record.table[axis].n_unique() > 1]


def is_logarithmic(values: pl.Series) -> bool:
    """Whether the points lie more evenly in the logarithm: over a decade or more, with the middle far down."""
    low, high, middle = (float(x) for x in (values.min(), values.max(), values.median()))  # type: ignore[arg-type]
    return low > 0 and high / low >= 10 and (middle - low) < 0.25 * (high - low)


def companions(table: pl.DataFrame, x: str, axes: list[str]) -> list[str]:
    """Of the axes those that only move along with x, as in a zip: they tell no lines apart."""
    numeric = [axis for axis in axes if axis != x and table[axis].dtype.is_numeric()]
    points = table.select(x, *numeric).unique()
    ranks = {axis: points.select(pl.corr(x, axis, method="spearman")).item() for axis in numeric}
    return [axis for axis in numeric if abs(ranks[axis]) > _IN_STEP and points.height == points[x].n_unique()]


def forms_lines(table: pl.DataFrame, x: str, others: list[str]) -> bool:
    """Whether along x, all others being equal, two points or more follow one another on average."""
    return table.select("arm", *others, x).n_unique() >= 2 * table.select("arm", *others).n_unique()


def name_of(key: tuple[Any, ...], axes: list[str]) -> str:
    """An arm, and the values of the axes that tell its rows apart."""
    more = [
        f"{axis} {plain(value) if isinstance(value, float) else value}"
        for axis, value in zip(axes, key[1:], strict=True)
    ]
    return ", ".join([str(key[0]), *more])


def not_shown(axes: Sequence[str]) -> str:
    """What is said of axes that a picture leaves out."""
    verbs = ("varies", "is") if len(axes) == 1 else ("vary", "are")
    return f"{', '.join(axes)} {verbs[0]} too, and {verbs[1]} not shown."


def question_of(record: StudyRecord, asked: Mapping[str, Any], line: str = "") -> str:
    """The second line of the headline: the question, else the study's name, then where, then the name of a line."""
    at = ", ".join(f"{name} {value}" for name, value in (asked.get("at") or {}).items())
    more = [*([f"At {at}."] if at else []), *([f"Line: {line}."] if line else [])]
    head = record.question or (f"{record.name}." if more else record.name)
    return " ".join([head, *more])


def caption_of(record: StudyRecord) -> str:
    """What the means are over."""
    if record.replications.startswith("1 "):
        return "1 replication; no interval, since one has none."
    return f"Mean of {record.replications} with its 95 % confidence interval; points are single replications."


def limit_of(record: StudyRecord, asked: Mapping[str, Any]) -> tuple[str, float] | None:
    """The limit that the picture states, else the objective for its metric, where it is a single number."""
    for name, written in (asked.get("limit") or {}).items():
        return str(name), number(written)
    for row in record.slo:
        if row["metric"] == asked["metric"] and not isinstance(row["value"], list | tuple):
            return f"objective: {row['op']} {row['value']}", number(row["value"])
    return None


def label_of(asked: Mapping[str, Any]) -> str:
    """The words of the study; else the metric's name, and seconds, which are the unit of every time in a summary."""
    metric = str(asked["metric"])
    if asked.get("label"):
        return str(asked["label"])
    in_seconds = metric.startswith(("lat_", "conn_wait_", "connect_")) or metric.endswith("_t")
    return f"{metric} (s)" if in_seconds else metric


def slug(metric: str) -> str:
    """The metric as a part of a file name."""
    return "".join(letter if letter.isalnum() else "-" for letter in metric).strip("-").lower()
