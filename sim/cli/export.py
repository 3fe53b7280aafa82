"""`sim export`: a run in the format of another tool."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from sim.cli.console import answer, document, say
from sim.cli.exits import Exit
from sim.cli.formats import EPOCH, FORMATS, Asked, Format
from sim.cli.options import Json
from sim.records.exposition import Spelling
from sim.spelling import way_out
from sim.units import InputError


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
    semconv_names: Annotated[
        bool, typer.Option("--semconv-names", help="Metrics as OpenTelemetry's conventions spell them.")
    ] = False,
    begin: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Requests from this instant on, from the start, as 10s.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Requests that begin before this instant.")] = "",
    flags: Annotated[
        str, typer.Option("--flags", metavar="F", help="Options of the tool, as -t or -ws of tcpstates.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write a run in the format of another tool.

    Example: sim export out/order-gateway --format openmetrics
    """
    from sim.export.cut import Cut
    from sim.records.folder import read_run

    if form not in FORMATS:
        raise InputError(f"--format {form}: no such format; {way_out(form, FORMATS)}")
    instant = _seconds("--at", at) if at else None
    if article_names and semconv_names:
        raise InputError("--article-names: says otherwise than --semconv-names; leave one of them out")
    cut = Cut(_seconds("--from", begin) if begin else 0.0, _seconds("--to", end) if end else inf)
    spelling: Spelling = "article" if article_names else "semconv" if semconv_names else "ours"
    asked = Asked(_epoch(epoch), _step(step), instant, debug, spelling, cut, _flags(form, flags))
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
