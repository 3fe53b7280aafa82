"""`sim report`: the report of a folder, written again from what is on disk."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import answer, document, say
from sim.cli.exits import Exit
from sim.cli.options import Json
from sim.units import InputError


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that sim run or sim sweep wrote.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where report.html goes; default the folder itself.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a folder's report.html again; nothing is run.

    Example: sim report out/order-gateway
    """
    from sim.report.find_page import find_page, with_finds
    from sim.report.find_record import headline, read_finds
    from sim.report.page import write
    from sim.report.study_record import is_study

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one that `sim run` or `sim sweep` wrote")
    finds = read_finds(folder)
    if (folder / "tune.json").is_file() and not is_study(folder) and not finds:
        raise InputError(f"{folder}: holds a search; sim tune writes its report again, and runs nothing that is there")
    if is_study(folder):
        line, page = _study(folder)
        page = with_finds(page, finds)
    elif finds:
        line, page = headline(finds[-1]), find_page(finds)
    else:
        line, page = _run(folder)
    path = write(page, (out or folder) / "report.html")
    if as_json:
        document({"answer": line, "report": str(path)})
    else:
        answer(line)
    say(str(path))
    raise typer.Exit(Exit.FINE)


def _run(folder: Path):  # type: ignore[no-untyped-def]  # Page, whose module draws and is slow to import
    from sim.cli.words import WORDS
    from sim.report.run_digest import first_line
    from sim.report.run_page import run_page
    from sim.report.run_record import read_run

    record = read_run(folder)
    return first_line(record, WORDS), run_page(record, WORDS, f"sim report {folder}")


def _study(folder: Path):  # type: ignore[no-untyped-def]
    from sim.report.study_page import study_line, study_page
    from sim.report.study_record import read_study_record

    record = read_study_record(folder)
    return study_line(record), study_page(record, record.origin.get("command", ""))
