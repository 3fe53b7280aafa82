"""`sim sweep --along …`: where along one value a condition turns. The options, and what is said about the answer."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import study_file
from sim.cli.console import answer, document, interruption, progress, say, table_or_paragraphs, warn
from sim.cli.exits import Exit
from sim.cli.options import command_line, refuse_results_of_a_run
from sim.units import InputError

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from sim.search.find import FindResult
    from sim.search.question import Question
    from sim.study.study import Study

PANEL = "Search along one value, instead of a sweep"

Find = Annotated[
    str | None,
    typer.Option(
        "--find",
        metavar="CONDITION",
        help="Find where this begins, such as --find 'error_rate > 0'.",
        rich_help_panel=PANEL,
    ),
]
Capacity = Annotated[
    str | None,
    typer.Option(
        "--capacity",
        metavar="CONDITION",
        help="Find up to where this holds, such as 'p99 < 300ms'.",
        rich_help_panel=PANEL,
    ),
]
Along = Annotated[
    str | None,
    typer.Option(
        "--along",
        metavar="PATH",
        help="The value to search, such as workloads.web.arrivals.poisson.rate.",
        rich_help_panel=PANEL,
    ),
]
Between = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--between", metavar="LOW HIGH", help="Its ends, such as --between 100/s 1200/s.", rich_help_panel=PANEL
    ),
]
Within = Annotated[
    str,
    typer.Option(
        "--within", metavar="STEP", help="How near, such as --within 5/s or 2%; default a 200th.", rich_help_panel=PANEL
    ),
]
Confidence = Annotated[
    str,
    typer.Option(
        "--confidence", metavar="SHARE", help="Of the bracket, such as --confidence 99%.", rich_help_panel=PANEL
    ),
]
Most = Annotated[
    int,
    typer.Option("--most", metavar="N", help="Replications at one value, such as --most 50.", rich_help_panel=PANEL),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of a search as given."""

    find: str | None
    capacity: str | None
    along: str | None
    between: tuple[str, str] | None
    within: str
    confidence: str
    most: int

    def __bool__(self) -> bool:
        return any((self.find, self.capacity, self.along, self.between, self.within))

    def question(self, study: "Study") -> "Question":
        """The question; InputError where something is missing or said twice."""
        from sim.quantity.magnitude import magnitude
        from sim.search.question import Question, kept_objectives

        if self.find and self.capacity:
            raise InputError("--capacity: stands beside --find; keep one")
        if not self.along or not self.between:
            lacking = "--between" if self.along else "--along"
            raise InputError(f"{lacking}: is missing; write --along PATH --between LOW HIGH, such as 100/s 1200/s")
        share = magnitude(self.confidence)
        if share is None or share[1]:
            raise InputError(f"--confidence: {self.confidence} is not a share; write one such as 95%")
        condition = self.find or self.capacity or kept_objectives(study)
        return Question(
            condition=condition, along=self.along, between=self.between, within=self.within,
            is_capacity=not self.find, confidence=share[0], most=self.most,
        )  # fmt: skip

    def words(self) -> list[str]:
        """The options again, for the command that gives the same answer."""
        told = [("--find", self.find), ("--capacity", self.capacity), ("--along", self.along)]
        words = [word for option, value in told if value for word in (option, value)]
        words += ["--between", *(self.between or ())]
        words += ["--within", self.within] if self.within else []
        words += ["--confidence", self.confidence] if self.confidence != "95%" else []
        return words + (["--most", str(self.most)] if self.most != _MOST else [])


_MOST = 24


def find_cliff(  # parameters: what the command was given
    study: "Study",
    path: Path,
    asked: Asked,
    *,
    folder: Path,
    where: "AbstractContextManager[int | Executor | None]",
    retry_failed: bool,
    as_json: bool,
    command: list[str],
) -> int:
    """Search, keep what was found beside the study's results, and say it; `where` gives what trials run on."""
    from sim.report.find_record import record_of, write_find

    question = asked.question(study)
    refuse_results_of_a_run(folder)
    with where as workers:
        result, version = _search(study, path, question, folder=folder, workers=workers, retry_failed=retry_failed)
    line = command_line([*command, *asked.words()], [], None)
    record = record_of(result, {"model version": version, "seed": str(study.seed), "command": line})
    if not result.is_partial:
        write_find(record, folder)
    _say(record, folder, as_json)
    if result.is_partial:
        say(f"interrupted; the trials that were done are kept in {folder}; the same line goes on from there")
        return Exit.INTERRUPTED
    return result.exit_code


def plan_search(study: "Study", path: Path, asked: Asked, *, folder: Path, as_json: bool) -> int:
    """Say what would be searched; nothing is written."""
    from sim.search.find import plan_of
    from sim.store.store import refuse_unusable

    refuse_results_of_a_run(folder)
    lines, values = plan_of(study, asked.question(study), study_file.model_of(path))
    refuse_unusable(folder)
    if as_json:
        document({"study": study.name, "searches": lines, "values": values})
    else:
        searches = "1 search" if lines == 1 else f"{lines:,} searches, one for each arm and point,"
        answer(f"{study.name}: {searches} over {values:,} values, of which few are looked at; nothing was run")
    return Exit.FINE


def _search(  # parameters: what the command was given
    study: "Study",
    path: Path,
    question: "Question",
    *,
    folder: Path,
    workers: "int | Executor | None",
    retry_failed: bool,
) -> "tuple[FindResult, str]":
    from sim.search.find import find
    from sim.store.store import Store

    of = study_file.model_of(path)
    tell = say if sys.stderr.isatty() else None
    with progress(study.name) as show, interruption("interrupted; the trials under way are finished and kept"):
        found = find(
            study, question, of, store=lambda: Store(folder), workers=workers, progress=show, tell=tell,
            retry_failed=retry_failed,
        )  # fmt: skip
    return found, of.version


def _say(record: dict[str, Any], folder: Path, as_json: bool) -> None:
    from sim.report.find_page import find_table, notes_of
    from sim.report.find_record import headline

    path = write_report(folder, record)
    if as_json:
        document(record)
    else:
        answer(headline(record))
        answer()
        drawn = find_table(record)
        table_or_paragraphs(drawn.columns, drawn.rows, numeric=sorted(drawn.numeric))
        answer()
        for form in dict.fromkeys(_form(one, record) for line in record["lines"] for one in line["limits"]):
            answer(form)
        answer(f"next: open the report, or sim report {shlex.quote(str(folder))} to write it again")
    warn(notes_of(record))
    say(str(path))


def _form(one: dict[str, Any], record: dict[str, Any]) -> str:
    return f"{one['name']} by arithmetic: {one['value']:.4g}{record['unit']} = {one['explanation']} ({one['source']})"


def write_report(folder: Path, record: dict[str, Any]) -> Path:
    """The report of a folder with its searches; that of an interrupted one has the record alone."""
    from sim.report.find_page import find_page, with_finds
    from sim.report.find_record import read_finds
    from sim.report.page import write
    from sim.report.study_page import study_page
    from sim.report.study_record import is_study, read_study_record

    records = read_finds(folder) or [record]
    if is_study(folder):
        study = read_study_record(folder)
        page = with_finds(study_page(study, study.origin.get("command", "")), records)
    else:
        page = find_page(records)
    path = write(page, folder / "report.html")
    for picture in page.pictures:
        picture.write_png(folder / "pictures")
    return path
