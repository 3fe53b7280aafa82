"""`sim sweep`: a study, with as many trials as its results still lack."""

import shlex
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import study_file
from sim.cli.console import (
    TABLE_FROM,
    answer,
    columns_wide,
    document,
    interruption,
    paragraph,
    say,
    table,
    table_or_paragraphs,
    warn,
    watching,
)
from sim.cli.dry_run import dry_run as dry_run_of
from sim.cli.exits import Exit
from sim.cli.find import Along, Asked, Between, Capacity, Confidence, Find, Most, Within, find_cliff, plan_search
from sim.cli.options import (
    ExecutorName,
    Json,
    Out,
    RetryFailed,
    Scheduler,
    Seed,
    Set,
    Workers,
    command_line,
    file_in,
    is_scenario,
    refuse_a_scenario,
    refuse_results_of_a_run,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from sim.execution.sweep import SweepResult
    from sim.report.study_record import StudyRecord
    from sim.study.study import Study

MOST_ROWS = 10
MOST_INDICES = 30


def sweep(  # parameters: the options of a command
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file, or a folder with a study.yaml.")],
    overrides: Set = None,
    seed: Seed = None,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    executor: ExecutorName = None,
    scheduler: Scheduler = None,
    retry_failed: RetryFailed = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and run nothing.")] = False,
    find: Find = None,
    capacity: Capacity = None,
    along: Along = None,
    between: Between = None,
    within: Within = "",
    confidence: Confidence = "95%",
    most: Most = 24,
) -> None:
    """Run what a study still lacks and print its verdicts; with --along, find where a condition turns.

    Example: sim sweep experiments/port-exhaustion --workers 4
    """
    asked = Asked(
        find=find, capacity=capacity, along=along, between=between, within=within, confidence=confidence, most=most
    )  # fmt: skip
    from sim.execution.execute import workers_of

    where = workers_of(executor, scheduler, workers)
    command = command_line(["sim", "sweep", str(study)], overrides or [], seed)
    if asked:
        loaded = study_file.load_study(_study_or_scenario(study), overrides or [], seed)
        code = _search(
            loaded, study, asked, out=out, where=where, retry_failed=retry_failed, dry_run=dry_run, as_json=as_json,
            command=command,
        )  # fmt: skip
        raise typer.Exit(code)
    path = file_in(study, "study.yaml")
    refuse_a_scenario(path, "sim run")
    from sim.report.study_record import record_of, write_study

    loaded = study_file.load_study(path, overrides or [], seed)
    folder = out or Path("out") / loaded.name
    if dry_run:
        dry_run_of(loaded, study_file.model_of(path), folder, workers=workers, as_json=as_json)
        return
    refuse_results_of_a_run(folder)
    try:
        with where as on:
            result = run_study(loaded, path, folder, on, retry_failed=retry_failed)
    except KeyboardInterrupt:
        say(f"interrupted; the trials that were done are kept in {folder}; the same line goes on from there")
        raise typer.Exit(Exit.INTERRUPTED) from None
    record = record_of(result, {"model version": study_file.model_of(path).version, "command": command})
    write_study(record, folder)
    if result.had:
        say(f"{f'{result.ran:,} trials were' if result.ran else 'nothing was'} run; {result.had:,} were in {folder}")
    print_study(record, folder, as_json)
    if record.failed:
        again = command if out is None else f"{command} --out {shlex.quote(str(out))}"
        say(f"{len(record.failed):,} failed trials are not run again by themselves; {again} --retry-failed does")
    raise typer.Exit(result.exit_code)


def _search(  # parameters: what a sweep and a search have in common
    loaded: "Study",
    study: Path,
    asked: Asked,
    *,
    out: Path | None,
    where: "AbstractContextManager[int | Executor | None]",
    retry_failed: bool,
    dry_run: bool,
    as_json: bool,
    command: str,
) -> int:
    """Look for the value at which a condition turns, or say what that would look at."""
    path = _study_or_scenario(study)
    # a run of the scenario has out/NAME
    folder = out or Path("out") / (f"{loaded.name}-cliff" if is_scenario(path) else loaded.name)
    if dry_run:
        return plan_search(loaded, path, asked, folder=folder, as_json=as_json)
    begins = shlex.split(command)
    return find_cliff(
        loaded, path, asked, folder=folder, where=where, retry_failed=retry_failed, as_json=as_json, command=begins
    )


def _study_or_scenario(given: Path) -> Path:
    """The file; of a folder with both, the study."""
    if given.is_dir() and not (given / "study.yaml").is_file():
        return file_in(given, "scenario.yaml")
    return file_in(given, "study.yaml")


def run_study(  # parameters: the options of a sweep
    study: "Study", file: Path, folder: Path, workers: "int | Executor | None", *, retry_failed: bool = False
) -> "SweepResult":
    """Run the missing trials of the study of a file with a bar; the store is the folder."""
    from sim.execution.sweep import sweep as run_missing
    from sim.store.store import Store
    from sim.study.plan import plan

    refuse_results_of_a_run(folder)
    of = study_file.model_of(file)
    plan(study, of)  # where the study is wrong, before the first byte of a store
    with watching(study.name) as show, interruption("interrupted; the trials under way are finished and kept"):
        return run_missing(study, of, Store(folder), workers=workers, progress=show, retry_failed=retry_failed)


def print_study(record: "StudyRecord", folder: Path, as_json: bool) -> None:
    """Verdicts, objectives and a short table on standard output; pictures and report on disk."""
    from sim.report.find_page import with_finds
    from sim.report.find_record import read_finds
    from sim.report.page import write
    from sim.report.study_page import study_line, study_page

    # The page before the files: a figure that was drawn at another resolution keeps traces of it in its layout.
    # Both before the first word: whoever reads may stop after a few lines.
    page = with_finds(study_page(record, record.origin.get("command", "")), read_finds(folder))
    path = write(page, folder / "report.html")
    _write_pictures(page.pictures, folder / "pictures")
    if as_json:
        rows = record.table.to_dicts()
        document(
            {
                "study": record.name, "claims": record.claims, "slo": record.slo, "table": rows,
                "stability": record.stability, "indices": record.indices, "limits": record.limits,
                "failed": record.failed, "warnings": record.warnings,
            }
        )  # fmt: skip
    else:
        answer(study_line(record))
        _tables(record)
        answer(f"next: open the report, or sim report {shlex.quote(str(folder))} to write it again")
    warn(record.warnings)
    for line in record.failed[:MOST_ROWS]:
        say(f"failed: {line}")
    say(f"results in {folder}, pictures in {folder / 'pictures'}")
    say(str(path))


def _write_pictures(pictures: Any, folder: Path) -> None:
    """Write the pictures of the report, and remove those of an earlier one that had others."""
    written = {picture.write_png(folder) for picture in pictures}
    for earlier in (*folder.glob("[0-9]*-*.png"), *folder.glob("sensitivity-*.png")):
        if earlier not in written:
            earlier.unlink()


def verdict_table(rows: Any) -> None:
    """Print claims, one row each."""
    from sim.report.study_page import verdict_of

    found = [verdict_of(row) for row in rows]
    if columns_wide() < TABLE_FROM:
        for v in found:
            told = [v.statement, *filter(None, [v.condition and f"if {v.condition}", v.note])]
            paragraph(f"{v.id}  {v.verdict}  {v.value}  ({v.interval})", told)
        return
    cells = [
        (v.id, v.verdict, v.value, v.interval, "; ".join(filter(None, [v.condition, v.note])), v.statement)
        for v in found
    ]
    table(("claim", "verdict", "value", "95 % interval", "condition", "statement"), cells, numeric=(2, 3))


def _tables(record: "StudyRecord") -> None:
    from sim.report.study_certainty import warmup_line
    from sim.report.study_page import metrics_of, result_of, results_table
    from sim.report.study_stability import stability_table
    from sim.study.limits import told

    if record.claims:
        answer()
        verdict_table(record.claims)
    if missed := [row for row in record.slo if row["result"] == "missed"]:
        answer()
        cells = [(result_of(r), f"{r['metric']} {r['op']} {r['value']}", _at(r), _found(r)) for r in missed[:MOST_ROWS]]
        table(("result", "objective", "where", "found"), cells, numeric=(3,))
    if record.stability:
        found = stability_table(record)
        answer()
        answer(f"{found.title}:")
        table_or_paragraphs(found.columns, found.rows, numeric=sorted(found.numeric))
    if record.limits:
        answer()
        for form in record.limits:
            answer(told(form))
    if line := warmup_line(record):
        answer()
        answer(line)
    if record.indices:
        _indices(record)
        return
    results = results_table(record, metrics_of(record))
    if results.rows:
        answer()
        shown = results.rows[:MOST_ROWS]
        if columns_wide() < TABLE_FROM:
            _metric_paragraphs(results.columns, shown)
        else:
            table(results.columns, shown, numeric=sorted(results.numeric))
        if len(results.rows) > MOST_ROWS:
            answer(f"{len(results.rows) - MOST_ROWS} more rows in the report")
    answer()


def _indices(record: "StudyRecord") -> None:
    """How much each setting matters, in place of the sample's many points."""
    from sim.report.sensitivity_pictures import sensitivity_table

    found = sensitivity_table(record.indices)
    answer()
    table_or_paragraphs(found.columns, found.rows[:MOST_INDICES], numeric=sorted(found.numeric))
    if len(found.rows) > MOST_INDICES:
        answer(f"{len(found.rows) - MOST_INDICES} more rows in the report")
    answer()


def _metric_paragraphs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """What a table of metric, n, mean, low and high says, for a narrow terminal: a paragraph per arm and point."""
    for point, found in groupby(rows, key=lambda row: tuple(row[:-_TOLD])):
        where = ", ".join([point[0], *(f"{name} {value}" for name, value in zip(columns[1:], point[1:], strict=False))])
        paragraph(
            where, [f"{metric} {mean} ({low} to {high})" for metric, _, mean, low, high in (r[-_TOLD:] for r in found)]
        )


_TOLD = 5
"""Columns of a results table behind those that name the arm and the point."""


def _at(row: Any) -> str:
    return ", ".join([str(row["arm"]), *(f"{name} {value}" for name, value in row["at"].items())])


def _found(row: Any) -> str:
    from sim.report.number import plain

    return plain(row["found"])
