"""What a search found as plain rows: printed, kept beside the study's results, and drawn from."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.records.disk import write_whole
from sim.report.number import plain
from sim.search.find import FindResult, Line
from sim.units import InputError

FILE = "find.json"

Record = Mapping[str, Any]
"""One search: question, axis and lines, as `record_of` makes it."""


def record_of(result: FindResult, origin: Mapping[str, str]) -> dict[str, Any]:
    """The search as one JSON document; bounds and estimates in s, /s or B."""
    question = result.question
    return {
        "study": result.study.name,
        "condition": question.condition,
        "kind": "capacity" if question.is_capacity else "find",
        "along": question.along,
        "axis": result.axis,
        "unit": result.unit,
        "between": list(question.between),
        "step": step_of(result),
        "confidence": question.confidence,
        "is_partial": result.is_partial,
        "idle_axes": list(result.idle_axes),
        "lines": [_line(line, result) for line in result.lines],
        "origin": dict(origin),
    }


def answer_of(record: Record, line: Mapping[str, Any]) -> str:
    """The answer of a line in words."""
    unit, axis = record["unit"], record["axis"]
    low, high = (f"{plain(value)}{unit}" for value in line["ends"])
    good, bad = (f"{plain(line[key])}{unit}" if line[key] is not None else "" for key in ("good", "bad"))
    told = told_of(record)
    match line["found"]:
        case "bad at low":
            return f"{told[0]} already at {axis} {low}; widen --between"
        case "good at high":
            return f"{told[1]} up to {axis} {high}; widen --between"
        case "bracket" if record["kind"] == "capacity":
            return f"{told[1]} up to {axis} {good}, and no longer at {bad}"
        case "bracket":
            return f"{record['condition']} begins between {axis} {good} and {bad}"
    sides = f"above {good}" if good else f"below {bad}" if bad else f"between {low} and {high}"
    return f"{told[0]} {sides}; the other side stays unclear, as runs differ: widen --between or raise --most"


def told_of(record: Record) -> tuple[str, str]:
    """The condition in words: what is bad, and what is good."""
    condition = record["condition"]
    return (f"{condition} fails", f"{condition} holds") if record["kind"] == "capacity" else (
        f"{condition} holds", f"{condition} does not hold"
    )  # fmt: skip


def headline(record: Record) -> str:
    """The answer of the whole search in a line."""
    lines = record["lines"]
    parts = [f"{name_of(line)}: {answer_of(record, line)}" for line in lines[:_MOST_SAID]]
    more = f"; {len(lines) - _MOST_SAID} more in the report" if len(lines) > _MOST_SAID else ""
    head = parts[0].partition(": ")[2] if len(lines) == 1 else "; ".join(parts)
    return ("interrupted; so far: " if record["is_partial"] else "") + head + more


def name_of(line: Mapping[str, Any]) -> str:
    """Arm and point in words."""
    return ", ".join([line["arm"], *(f"{axis} {value}" for axis, value in line["at"].items())])


def write_find(record: Record, folder: Path) -> None:
    """Keep the search beside those with other questions; one with the same question is replaced."""
    kept = [one for one in read_finds(folder) if _question(one) != _question(record)]
    write_whole(folder / FILE, json.dumps([*kept, record], indent=2, default=str).encode())


def read_finds(folder: Path) -> list[dict[str, Any]]:
    """The searches that a folder keeps, oldest first.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({str(error).splitlines()[0]}); remove it and search again") from None


def step_of(result: FindResult) -> str:
    """How near the search could come."""
    of = result.question.range
    return f"{(of.step - 1) * 100:g}%" if of.is_log else f"{of.step:g}{of.unit}"


def _line(line: Line, result: FindResult) -> dict[str, Any]:
    cliff, estimate = line.cliff, line.estimate
    of = line.range
    return {
        "arm": line.arm,
        "at": dict(line.point),
        "found": cliff.kind,
        "good": line.good,
        "bad": line.bad,
        "estimate": estimate and {"value": estimate.estimate, "low": estimate.low, "high": estimate.high},
        "ends": [of.value(0), of.value(of.n)],
        "looks": [
            {"at": of.value(level), "written": of.written(level), "n": len(looks), "bad": sum(looks)}
            for level, looks in cliff.looks.items()
        ],
        "against": [of.written(level) for level in cliff.against],
        "trials": cliff.total,
        "seconds": line.seconds,
        "limits": [
            {"name": one.name, "value": one.value, "explanation": one.explanation, "source": one.source}
            for one in line.limits
        ],
    }


def _question(record: Record) -> Sequence[Any]:
    return [record[key] for key in ("condition", "kind", "along", "between", "step", "confidence")]


_MOST_SAID = 4
