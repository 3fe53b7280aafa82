"""`sim export`: a run in the format of another tool."""

import io
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from sim.cli.console import answer, document, say
from sim.cli.exits import Exit
from sim.cli.options import Json
from sim.cli.socket_formats import BCC_FLAGS, SS_FLAGS, write_ss, write_tcplife, write_tcpstates, write_tracefs
from sim.spelling import way_out
from sim.units import InputError

if TYPE_CHECKING:
    from sim.records.folder import StoredRun

EPOCH = "2024-01-01T00:00:00Z"
"""A past date at the border of Prometheus' blocks, which are two hours long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say."""

    epoch: datetime
    step: float
    at: float | None
    debug: int
    article_names: bool
    flags: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the name of its file, and what writes it; the sentence that comes back is the answer."""

    file: str
    write: "Callable[[StoredRun, Asked, BinaryIO], str]"
    flags: str = ""
    """Options of the tool that --flags may name."""


def _openmetrics(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.openmetrics import Scraping, write_openmetrics

    exposed = wiring.exposed(run.manifest["scenario"], article_names=asked.article_names)
    scraping = Scraping(epoch=asked.epoch, step=asked.step)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=False)
    written = write_openmetrics(run, exposed, scraping, out=text)
    text.detach()
    return f"{written:,} samples"


def _pprof(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.pprof import counts_text, doings, dump_text, profile
    from sim.export.snapshot import snapshot

    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    at, levels = snapshot(run, tuple(stacks), asked.at)
    doing = doings(levels, stacks)
    if asked.debug:
        lines = (counts_text if asked.debug == 1 else dump_text)(doing, place_of=place_of)
        out.writelines(line.encode() for line in lines)
    else:
        out.write(profile(doing, at_ns=int((asked.epoch.timestamp() + at) * 1e9), place_of=place_of))
    return f"{sum(one.n for one in doing):,} goroutines at {at:g} s"


FORMATS = {
    "openmetrics": Format("metrics.om", _openmetrics),
    "pprof": Format("goroutine.pb.gz", _pprof),
    "tcpstates": Format("tcpstates.txt", write_tcpstates, BCC_FLAGS),
    "tcplife": Format("tcplife.txt", write_tcplife, BCC_FLAGS),
    "tracefs": Format("trace.txt", write_tracefs),
    "ss": Format("ss.txt", write_ss, SS_FLAGS),
}


def export(  # parameters: the options of an export
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that sim run wrote.")],
    form: Annotated[str, typer.Option("--format", metavar="F", help=f"One of {', '.join(FORMATS)}.")],
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Where to write, - for standard output; default in DIR.")
    ] = "",
    *,
    epoch: Annotated[
        str, typer.Option("--epoch", metavar="TIME", help="When the run began, as a date or Unix seconds.")
    ] = EPOCH,
    step: Annotated[str, typer.Option("--step", metavar="TIME", help="Between two scrapes of metrics.")] = "1s",
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="TIME", help="The instant of a profile (default its peak) or list (default the end)."
        ),
    ] = "",
    debug: Annotated[int, typer.Option("--debug", metavar="N", min=0, max=2, help="1 and 2: a profile as text.")] = 0,
    article_names: Annotated[bool, typer.Option("--article-names", help="Metrics as the article spells them.")] = False,
    flags: Annotated[
        str, typer.Option("--flags", metavar="F", help="Options of the tool, as -t or -ws of tcpstates.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write a run in the format of another tool.

    Example: sim export out/order-gateway --format openmetrics
    """
    from sim.records.folder import read_run

    if form not in FORMATS:
        raise InputError(f"--format {form}: no such format; {way_out(form, FORMATS)}")
    instant = _seconds("--at", at) if at else None
    asked = Asked(_epoch(epoch), _step(step), instant, debug, article_names, _flags(form, flags))
    run, chosen = read_run(folder), FORMATS[form]
    if out == "-":
        said = chosen.write(run, asked, sys.stdout.buffer)
        say(said)
        raise typer.Exit(Exit.FINE)
    path = Path(out) if out else folder / _file(chosen, asked)
    said = _to_file(path, lambda file: chosen.write(run, asked, file))
    if as_json:
        document({"format": form, "file": str(path), "written": said})
    else:
        answer(f"{form}: {said}")
    say(str(path))
    raise typer.Exit(Exit.FINE)


def _file(chosen: Format, asked: Asked) -> str:
    return f"goroutine.debug{asked.debug}.txt" if asked.debug and chosen is FORMATS["pprof"] else chosen.file


def _to_file(path: Path, write: Callable[[BinaryIO], str]) -> str:
    """Through a file beside it, so that nothing half written has the name."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            said = write(file)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; name another with --out") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return said


def _epoch(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--epoch {text}: is no date; write one as {EPOCH}, or Unix seconds") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _flags(form: str, text: str) -> str:
    flags, known = text.replace("-", "").replace(" ", ""), FORMATS[form].flags
    unknown = sorted(set(flags) - set(known))
    if unknown:
        there = f"those of {form} are {', '.join(known)}" if known else f"{form} has none"
        raise InputError(f"--flags {text}: {unknown[0]} is no option here; {there}")
    return flags


def _step(text: str) -> float:
    step = _seconds("--step", text)
    if step <= 0:
        raise InputError(f"--step {text}: has to be more than nothing, as 1s")
    return step


def _seconds(option: str, text: str) -> float:
    from sim.units import SECOND, parse_duration

    try:
        return parse_duration(text) / SECOND
    except ValueError as error:
        raise InputError(f"{option} {text}: {error}") from None
