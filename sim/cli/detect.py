"""`sim detect`: what is wrong with the sockets of a run, or of a host whose kernel was watched."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import answer, document, say, table, table_or_paragraphs
from sim.cli.exits import Exit
from sim.cli.options import Json
from sim.units import InputError

if TYPE_CHECKING:
    from sim.detection import Detected, Score


def detect(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Folders of runs; files of tcpstates, ss, ftrace; - is a pipe."),
    ],
    entries: Annotated[int, typer.Option("--map", metavar="N", min=1, help="Sockets that are remembered.")] = 65_536,
    ports: Annotated[int, typer.Option("--ports", metavar="N", min=1, help="Local ports of a watched host.")] = 28_232,
    *,
    labels: Annotated[
        Path | None, typer.Option("--judge", metavar="FILE", help="Faults that were put in: precision and recall.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong: half-open dials, flash disconnects, leaks, storms, ports that run out.

    Example: sim detect out/order-gateway
    """
    found = [_detect(source, entries, ports) for source in sources]
    scores = _judge(found, labels) if labels is not None else []
    if as_json:
        document([_document(one) for one in found] if labels is None else _judged(found, scores))
    else:
        for one in found:
            _show(one)
        if labels is not None:
            _show_scores(scores, sum(one.seconds for one in found))
    raise typer.Exit(Exit.FINE)


def _detect(source: str, entries: int, ports: int) -> "Detected":
    from sim.detection import detect_run, detect_text, text_of
    from sim.records.folder import read_run

    if source != "-" and Path(source).is_dir():
        run = read_run(source)
        if "sockets" not in run.names:
            say(f"{source}: recorded no sockets, so only its levels are looked at; --set records.sockets=true does")
        return detect_run(run, entries)
    with _opened(source) as lines:
        return detect_text(text_of(lines, source), entries, ports)


@contextmanager
def _opened(source: str) -> Iterator[IO[str]]:
    if source == "-":
        yield sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8", errors="replace") as file:
            yield file
    except OSError as error:
        raise InputError(f"{source}: {(error.strerror or str(error)).lower()}; give a run's folder or a text") from None


def _show(found: "Detected") -> None:
    if found.reading is not None:
        for line in found.reading.broken:
            say(f"skipped {line}")
        if found.reading.n_broken:
            say(f"{found.reading.n_broken:,} of {found.reading.n_lines:,} lines are broken and were skipped")
        if not found.reading.has_time:
            say(f"{found.source}: without times, rates and what does not end are not looked at; {_TIMES[found.form]}")
    n = len(found.findings)
    answer(f"{found.source}: {n or 'no'} finding{'s' * (n != 1)} in {found.n_records:,} changes of state")
    if found.findings:
        rows = [(one.detector, _span(one.start, one.end), one.text, one.cure) for one in found.findings]
        table_or_paragraphs(("detector", "when (s)", "what", "cure"), rows)
    if found.forgotten:
        told = ", ".join(f"{n:,} in {state}" for state, n in found.forgotten.items())
        answer(f"Blind for {sum(found.forgotten.values()):,} sockets that had to make room: {told}; see --map")


_TIMES = {"tcpstates": "run it with -t", "ss": "put the output of date +%s between its lists", "tracefs": "", "run": ""}


def _span(start: float, end: float) -> str:
    if math.isnan(start):
        return "?"
    return f"{start:.1f}" if end - start < 0.05 else f"{start:.1f} to {end:.1f}"


def _document(found: "Detected") -> dict[str, Any]:
    reading = found.reading
    return {
        "source": found.source, "format": found.form, "records": found.n_records,
        "findings": [asdict(one) for one in found.findings], "forgotten": found.forgotten,
        "broken_lines": 0 if reading is None else reading.n_broken,
    }  # fmt: skip


# against labels


def _judge(found: Sequence["Detected"], path: Path) -> list["Score"]:
    from sim.detection import judge, read_labels, together

    labels = read_labels(path)
    unknown = [one.source for one in found if Path(one.source).name not in labels.runs]
    if unknown:
        raise InputError(f"{path}: runs.{Path(unknown[0]).name}: missing; write [] where nothing was put in")
    return together([score for one in found for score in judge(one.findings, labels.of(Path(one.source).name))])


def _judged(found: Sequence["Detected"], scores: Sequence["Score"]) -> dict[str, Any]:
    return {
        "sources": [_document(one) for one in found],
        "scores": [{**asdict(one), "precision": one.precision, "recall": one.recall} for one in scores],
    }


def _show_scores(scores: Sequence["Score"], seconds: float) -> None:
    answer()
    rows = [
        (
            one.detector, str(one.hits), str(one.false_alarms), str(one.missed),
            _share(one.precision), _share(one.recall),
            "" if not one.delays else f"{median(one.delays):.1f} / {max(one.delays):.1f}",
            f"{one.false_alarms / seconds * 3600:.2g}" if seconds else "",
        )
        for one in scores
    ]  # fmt: skip
    heads = ("detector", "right", "false", "missed", "precision", "recall", "delay median / most (s)", "false per hour")
    table(heads, rows, numeric=range(1, 8))


def _share(share: tuple[float, float, float]) -> str:
    return "" if math.isnan(share[0]) else f"{share[0]:.2f} ({share[1]:.2f}-{share[2]:.2f})"
