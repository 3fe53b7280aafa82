"""Detection: a run or a text given to the detectors; with wiring.py and evidence.py the only importer of models."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from models.detect.finding import Finding, Thresholds
from models.detect.judge import Label, Score, judge, together
from models.detect.labels import LabelsConfig
from models.detect.lists import listed_findings
from models.detect.sockets import SocketWatch
from models.detecting import level_findings, retransmissions, thresholds_of
from models.sockets import NAMES
from sim import wiring
from sim.export.socket_lines import SocketLines
from sim.export.socket_text import Reading, SocketText
from sim.records.folder import StoredRun
from sim.scenario import Loader, read_text

__all__ = ["Detected", "Finding", "Label", "Score", "detect_run", "detect_text", "judge", "read_labels", "text_of", "together"]


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
    tree = run.manifest["scenario"]
    scenario = wiring.load_tree(tree)
    limits = thresholds_of(scenario, entries)
    found = Detected(str(run.path), "run", seconds=run.manifest["simulated_seconds"])
    if "sockets" in run.names:
        watch, lines = SocketWatch(limits), SocketLines(run, wiring.sockets_of(tree))
        for window in lines.windows():
            watch.see(lines.changes(window))
        watch.ends(found.seconds)
        _take(watch, found)
    columns, rates = (
        {name: run.table(table)[name].cast(pl.Float64).fill_null(0).to_numpy() for name in run.table(table).columns}
        for table in ("samples", "windows")
    )
    found.findings += level_findings(scenario, columns, rates, limits)
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


def text_of(lines: Any, source: str) -> SocketText:
    """A text of which the format is not known yet."""
    return SocketText(lines, source, NAMES)


def read_labels(path: Path) -> LabelsConfig:
    """The faults of runs, from a YAML file.

    Raises
    ------
    InputError
        With the line and column of what is wrong.
    """
    labels: LabelsConfig = Loader(LabelsConfig).load(read_text(path), str(path))
    return labels


def _take(watch: SocketWatch, found: Detected) -> None:
    found.n_records, found.forgotten = watch.n_records, watch.forgotten
    found.findings += watch.findings()
