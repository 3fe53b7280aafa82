"""`sim run`: one scenario, once."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import answer, document, progress, say, table, warn
from sim.cli.exits import Exit
from sim.cli.options import Json, Out, Set, command_line, file_in, refuse_a_study, refuse_results_of_a_study
from sim.units import InputError

if TYPE_CHECKING:
    from sim.report.run_record import RunRecord


def run(
    scenario: Annotated[
        Path, typer.Argument(metavar="SCENARIO", help="A scenario file, or a folder with a scenario.yaml.")
    ],
    overrides: Set = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Root seed, such as --seed 7.")] = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Run a scenario once and write its report.

    Example: sim run experiments/order-gateway --seed 7
    """
    path = file_in(scenario, "scenario.yaml")
    refuse_a_study(path, "sim sweep")
    from sim import wiring

    loaded = wiring.load(path, overrides=overrides or ())
    folder = out or Path("out") / loaded.name
    refuse_results_of_a_study(folder)
    try:
        with progress(loaded.name) as show:
            done = wiring.run(loaded, out=folder, progress=show, seed=seed)
    except InputError as error:  # what only the run could show
        raise (wiring.locate(error, path, overrides or ()) if error.at else error) from None
    record = _record(done)
    command = command_line(["sim", "run", str(scenario)], overrides or [], seed)
    raise typer.Exit(_print(record, folder, command, as_json))


def _record(done: Any) -> "RunRecord":
    """A Run as the report takes it; `Any` because only the wiring knows its class."""
    import polars as pl

    from sim.report.run_record import REQUEST_COLUMNS, RunRecord

    requests = done.columns("requests", REQUEST_COLUMNS)
    return RunRecord(
        summary=done.summary, manifest=done.manifest, requests=requests, samples=done.samples, windows=done.windows,
        events=getattr(done, "events", pl.DataFrame()), warnings=tuple(getattr(done, "warnings", ())),
    )  # fmt: skip


def _print(record: "RunRecord", folder: Path, command: str, as_json: bool) -> int:
    from sim.cli.words import WORDS
    from sim.report import run_events
    from sim.report.page import write
    from sim.report.run_balance import balance
    from sim.report.run_certainty import COLUMNS, certainty
    from sim.report.run_digest import first_line, rows, states
    from sim.report.run_page import run_page
    from sim.report.run_recovery import recovery

    warn(record.warnings)
    report = write(run_page(record, WORDS, command), folder / "report.html")
    if as_json:
        document(dict(record.summary))
    else:
        answer(first_line(record, WORDS))
        for line in (*recovery(record, WORDS), *balance(record, WORDS)):
            answer(line)
        answer()
        table(("quantity", "value"), rows(record, WORDS), numeric=(1,))
        answer()
        if happened := run_events.rows(record.events, record.end, WORDS.steps):
            table(run_events.COLUMNS, happened)
            answer()
        if sure := certainty(record, WORDS):
            table(COLUMNS, sure, numeric=(1,))
            answer()
        if made_of := states(record, WORDS):
            table((f"{WORDS.states[0]} by state", "at the peak", "at the end"), made_of, numeric=(1, 2))
            answer()
        answer(f"next: sim explain {shlex.quote(str(folder))}" if _has("explain") else f"next: sim report {folder}")
    partial = bool(record.manifest.get("partial"))
    if partial:
        say(f"interrupted; what was done is kept in {folder}, marked partial; run the same line to do it all")
    say(f"results in {folder}")
    say(str(report))
    return Exit.INTERRUPTED if partial else Exit.FINE


def _has(command: str) -> bool:
    from importlib.util import find_spec

    return find_spec(f"sim.cli.{command}") is not None
