"""`sim tune`: the cheapest settings that keep the objectives, and whether the difference is real."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import study_file
from sim.cli.console import answer, document, interruption, jsonable, progress, say, table_or_paragraphs, warn
from sim.cli.exits import Exit
from sim.cli.options import (
    Json,
    Out,
    Seed,
    Set,
    Workers,
    command_line,
    file_in,
    refuse_a_scenario,
    refuse_results_of_a_run,
)

if TYPE_CHECKING:
    from sim.report.page import Page
    from sim.search.tuned import Tuned
    from sim.study.study import Study


def tune(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study file with a `tune`, or its folder.")],
    overrides: Set = None,
    seed: Seed = None,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and run nothing.")] = False,
) -> None:
    """Search the settings that cost least within the objectives; compare the best few.

    Example: sim tune experiments/tune-gateway --workers 4
    """
    path = file_in(study, "study.yaml")
    refuse_a_scenario(path, "sim run")
    loaded = study_file.load_study(path, overrides or [], seed)
    folder = out or Path("out") / loaded.name
    if dry_run:
        raise typer.Exit(_plan(loaded, path, folder, as_json))
    found = _search(loaded, path, folder, workers)
    if found.is_partial:
        say(f"interrupted; the trials that were done are kept in {folder}; the same line goes on from there")
        raise typer.Exit(Exit.INTERRUPTED)
    _write(found, folder, command_line(["sim", "tune", str(study)], overrides or [], seed), as_json)
    raise typer.Exit(found.exit_code)


def _search(study: "Study", file: Path, folder: Path, workers: int | None) -> "Tuned":
    from sim.search.tune import check_tuning
    from sim.search.tune import tune as search
    from sim.store.store import Store

    refuse_results_of_a_run(folder)
    of = study_file.model_of(file)
    check_tuning(study, of)  # where the study is wrong, before the first byte of a store
    with progress(study.name) as show, interruption("interrupted; the trials under way are finished and kept"):
        return search(study, of, Store(folder), workers=workers, progress=show)


def _plan(study: "Study", file: Path, folder: Path, as_json: bool) -> int:
    """Say what would run; nothing is written. Which settings are tried shows only as the search goes on."""
    from sim.search.tune import check_tuning
    from sim.store.store import refuse_unusable

    refuse_results_of_a_run(folder)
    tuning = check_tuning(study, study_file.model_of(file))
    refuse_unusable(folder)
    if as_json:
        document({"study": study.name, "settings": tuning.trials, "trials": tuning.planned})
    else:
        answer(f"{study.name}: {tuning.trials:,} settings, {tuning.planned:,} trials at most; nothing was run")
    return Exit.FINE


def _write(found: "Tuned", folder: Path, command: str, as_json: bool) -> None:
    """The page and the record on disk, then the answer."""
    from sim.records.disk import write_whole
    from sim.report.page import write
    from sim.report.tune_page import tune_page
    from sim.report.tune_record import tune_record
    from sim.version import MODEL_VERSION

    origin = {"seed": str(found.study.seed), "model version": str(MODEL_VERSION)}
    page = tune_page(found, command, origin)
    path = write(page, folder / "report.html")
    for picture in page.pictures:
        picture.write_png(folder / "pictures")
    told = jsonable(tune_record(found))
    write_whole(folder / "tune.json", json.dumps(told, indent=2, ensure_ascii=False).encode())
    if as_json:
        document(told)
    else:
        _print(found, page)
    warn(found.warnings)
    say(f"results in {folder}, pictures in {folder / 'pictures'}")
    say(str(path))


def _print(found: "Tuned", page: "Page") -> None:
    from sim.report.tune_page import finalists_table, objectives_table, set_lines

    answer(page.answer)
    if found.finalists:
        answer()
        for line in set_lines(found.finalists[0].settings):
            answer(line)
    for shown in (finalists_table(found), objectives_table(found)):
        if shown.rows:
            answer()
            table_or_paragraphs(shown.columns, shown.rows, numeric=sorted(shown.numeric))
    answer()
    answer("next: open the report, or sim run SCENARIO with the --set lines")
