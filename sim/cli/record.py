"""`sim record`: a case of one's own, played for real and written down as the recorded ones are."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import answer, document, progress, say
from sim.cli.exits import Exit
from sim.cli.options import Json, file_in

if TYPE_CHECKING:
    from sim.validation.record import Assignment

MOST_REPS = 20


def record(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="An experiment file, as YAML.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where it goes; default out/reality/NAME.")
    ] = None,
    reps: Annotated[
        int, typer.Option("--reps", min=1, max=MOST_REPS, help="Repetitions of the same input, such as --reps 3.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Record a real Go client against a real Go server: sim record experiments/reality/recorder/pool-churn.yaml."""
    from sim.evidence import load_experiment
    from sim.validation.record import refuse_earlier

    assignment = load_experiment(file_in(experiment, "experiment.yaml"))
    folder = out or Path("out") / "reality" / assignment.name
    refuse_earlier(folder)
    program = _program(assignment)
    say(f"{assignment.name}: {reps} x {assignment.seconds:g} s, {assignment.input['NArrivals']:,} arrivals")
    raise typer.Exit(_record(assignment, program, folder, reps, as_json))


def _program(assignment: "Assignment") -> Path:
    """The recorder's program, where it can run."""
    from sim.validation.laboratory import require, require_tun
    from sim.validation.toolchain import build, cache_folder, find_go, source_folder

    require()
    if assignment.blueprint.link == "tun":
        require_tun()
    return build(source_folder(), find_go(), cache_folder())


def _record(  # parameters: a command's options
    assignment: "Assignment", program: Path, folder: Path, reps: int, as_json: bool
) -> int:
    from sim.validation import record as recorder

    try:
        with progress(assignment.name) as show:
            made = recorder.record(assignment, program, folder, reps=reps, progress=show)
    except KeyboardInterrupt:
        kept = len(list(folder.glob(recorder.REPETITIONS)))
        say(f"interrupted; {kept} of {reps} repetitions are kept{f' in {folder}' if kept else ''}")
        return Exit.INTERRUPTED
    late = max(recorder.lateness(path) for path in made)
    if late > recorder.LATE_S:
        say(f"warning: requests were sent up to {late * 1e3:.0f} ms late (p99); record again on a quiet machine")
    if as_json:
        document({"name": assignment.name, "folder": str(folder), "repetitions": [str(path) for path in made]})
        return Exit.FINE
    answer(f"Recorded {assignment.name}: {len(made)} repetition{'s' if len(made) > 1 else ''} in {folder}.")
    answer()
    answer(f"next: sim validate {shlex.quote(str(folder))}")
    return Exit.FINE
