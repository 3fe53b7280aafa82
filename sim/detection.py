"""Detection: a run or a text given to the detectors; with wiring.py and evidence.py the only importer of models."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from models.detect.finding import Finding, Thresholds
from models.detect.judge import Label, Score, judge, together
from models.detect.labels import LabelsConfig
from models.detect.lists import listed_findings
from models.detect.sockets import HALF_OPEN, SocketWatch
from models.detecting import level_findings, retransmissions, thresholds_of
from models.scenario import Scenario
from models.sockets import NAMES, view_of
from sim.export.socket_lines import SocketLines, rows_of
from sim.export.socket_text import Reading, SocketText
from sim.records.folder import StoredRun
from sim.scenario import Loader, read_text

__all__ = [
    "Detected", "Finding", "Label", "Score", "detect_run", "detect_text", "judge", "read_labels", "text_of", "together",
    "watched_counts",
]  # fmt: skip

SYN_SENT = NAMES.index("SYN_SENT")


@dataclass(slots=True)
class Detected:
    """What was found, and in how much."""

    source: str
    form: str
    """run, tcpstates, tracefs or ss."""
    n_records: int = 0
    findings: list[Finding] = field(default_factory=list)
    forgotten: dict[str, int] = field(default_factory=dict)
    """Sockets that the watcher's map had no room for, by the state in which they were."""
    reading: Reading | None = None
    """How the text was read."""
    seconds: float = 0.0
    """What the records span."""


def detect_run(run: StoredRun, entries: int) -> Detected:
    """All detectors over a run on the disk: its sockets, where it recorded them, and its levels."""
    scenario: Scenario = Loader(Scenario).load_tree(run.manifest["scenario"], "scenario")
    limits = thresholds_of(scenario, entries)
    found = Detected(str(run.path), "run", seconds=run.manifest["simulated_seconds"])
    if "sockets" in run.names:
        _take(_watch(scenario, rows_of(run), limits, found.seconds), found)
    columns, rates = (_columns(run.table(table)) for table in ("samples", "windows"))
    found.findings += level_findings(scenario, columns, rates, limits=limits)
    found.findings += retransmissions(scenario, run.summary, limits)
    return found


def detect_text(text: SocketText, entries: int, ports: int) -> Detected:
    """The detectors of sockets over what a tool printed."""
    limits = Thresholds(entries=entries, ports=ports)
    watch = SocketWatch(limits)
    watch.see(text.changes())
    watch.ends(watch.now)
    found = Detected(text.reading.source, text.reading.form, reading=text.reading)
    _take(watch, found)
    found.findings += listed_findings(text.snapshots, limits)
    found.seconds = max(watch.now - watch.began, 0.0)
    return found


def text_of(lines: Iterable[str], source: str) -> SocketText:
    """A text of which the format is not known yet."""
    return SocketText(lines, source, NAMES)


def watched_counts(scenario: Scenario, rows: pl.DataFrame, end: float) -> dict[str, float]:
    """How a watcher with `records.watch` entries does in a run that has ended: half-open dials found, and all of them.

    The dials without an answer for 3 s are counted in the rows themselves, which no map has room problems with.
    """
    limits = thresholds_of(scenario, scenario.records.watch)
    past = rows.lazy().filter(pl.col("t") <= end)
    watch = _watch(scenario, past, limits, end)
    found = sum(one.n for one in watch.findings() if one.detector == HALF_OPEN)
    key = ["client", "address", "lport", "remote"]
    dials = past.filter(~pl.col("server"), pl.col("lport") > 0).sort("t", maintain_order=True)
    lasted = dials.with_columns(left=pl.col("t").shift(-1).over(key).fill_null(end)).filter(pl.col("new") == SYN_SENT)
    true = lasted.filter(pl.col("left") - pl.col("t") >= limits.half_open).select(pl.len()).collect().item()
    counts = {"half_open": found, "half_open_true": true, "forgotten": sum(watch.forgotten.values())}
    recall = {"detect.half_open_recall": found / true} if true else {}
    return {f"detect.{name}": float(n) for name, n in counts.items()} | recall


def read_labels(path: Path) -> LabelsConfig:
    """The faults of runs, from a YAML file.

    Raises
    ------
    InputError
        With the line and column of what is wrong.
    """
    labels: LabelsConfig = Loader(LabelsConfig).load(read_text(path), str(path))
    return labels


def _watch(scenario: Scenario, rows: pl.LazyFrame, limits: Thresholds, end: float) -> SocketWatch:
    watch, lines = SocketWatch(limits), SocketLines(rows, view_of(scenario))
    for window in lines.windows():
        watch.see(lines.changes(window))
    watch.ends(end)
    return watch


def _columns(frame: pl.DataFrame) -> Mapping[str, Any]:
    return {name: frame[name].cast(pl.Float64).fill_null(0).to_numpy() for name in frame.columns}


def _take(watch: SocketWatch, found: Detected) -> None:
    found.n_records, found.forgotten = watch.n_records, watch.forgotten
    found.findings += watch.findings()
