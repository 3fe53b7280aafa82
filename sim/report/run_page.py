"""The page of one run: its digest, its pictures, and how to get it again."""

from collections.abc import Mapping
from typing import Any

from sim.report import run_events
from sim.report.number import seconds
from sim.report.page import Page, Table
from sim.report.run_certainty import COLUMNS, certainty
from sim.report.run_digest import first_line, rows
from sim.report.run_pictures import run_pictures
from sim.report.run_record import RunRecord
from sim.report.run_recovery import recovery
from sim.report.words import Words

_ORIGIN = ("seed", "replication", "fingerprint", "versions", "commit", "engine_events", "wall_seconds", "cpu_seconds")


def run_page(record: RunRecord, words: Words, command: str) -> Page:
    """Lay out what a run found; `command` is the line that gives it again."""
    digest = Table(title="Digest", columns=("quantity", "value"), rows=rows(record, words), numeric=frozenset({1}))
    sure = certainty(record, words)
    happened = run_events.rows(record.events, record.end, words.steps)
    told = [Table(title="What happened", columns=run_events.COLUMNS, rows=happened)] if happened else []
    doubts = [Table(title="How sure", columns=COLUMNS, rows=sure, numeric=frozenset({1}))] if sure else []
    return Page(
        title=f"{record.name}: one run",
        answer=first_line(record, words),
        statements=recovery(record, words),
        setting=f"seed {record.manifest.get('seed', 'unknown')}",
        warnings=[*_interruption(record), *record.warnings],
        pictures=run_pictures(record, words),
        tables=[digest, *told, *doubts],
        assumptions=words.assumptions,
        command=command,
        origin=origin_of(record.manifest),
    )


def _interruption(record: RunRecord) -> list[str]:
    if not record.manifest.get("partial"):
        return []
    at = "" if record.partial_until is None else f" at {seconds(record.partial_until)}"
    return [f"The run was interrupted{at}; the numbers cover what was done until then."]


def origin_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What a manifest says about where its numbers come from, as text."""
    known = {name: value for name in _ORIGIN if (value := manifest.get(name)) is not None}
    return {name.replace("_", " "): text for name, value in known.items() if (text := _text(value))}


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return f"{value:.3g}" if isinstance(value, float) else str(value)
