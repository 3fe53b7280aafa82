"""`sim claims`: the verdict of every typed claim of every study."""

import shlex
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.console import document, say, warn
from sim.cli.exits import Exit
from sim.cli.experiments import Experiment, experiments
from sim.cli.options import Json, Workers
from sim.cli.study_file import load_study
from sim.cli.sweep import run_study, verdict_table
from sim.units import InputError

COLUMNS = ("id", "statement", "verdict", "condition", "value", "low", "high", "unit", "study", "seconds")


def claims(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Such as C04; all without any.")] = None,
    workers: Workers = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where results are kept; default out, one folder per study.")
    ] = Path("out"),
    as_json: Json = False,
) -> None:
    """Run what the claims need; print their verdicts.

    Example: sim claims C04 C07
    """
    chosen = _chosen(experiments(), ids or [])
    try:
        rows = sorted((row for found in chosen for row in _rows(found, ids or [], out, workers)), key=itemgetter("id"))
    except KeyboardInterrupt:
        say(f"interrupted; the trials that were done are kept in {out}; the same line goes on from there")
        raise typer.Exit(Exit.INTERRUPTED) from None
    if as_json:
        document([{name: row[name] for name in COLUMNS} for row in rows])
    else:
        verdict_table(rows)
    raise typer.Exit(Exit.FINE if all(row["is_expected"] for row in rows) else Exit.NO)


def wanted(claim_id: str, ids: list[str]) -> bool:
    """Whether a claim is asked for: by its id, or by the part before a point or hyphen (C04 asks for C04-ports too)."""
    return not ids or any(claim_id == asked or claim_id.startswith((f"{asked}.", f"{asked}-")) for asked in ids)


def _chosen(found: list[Experiment], ids: list[str]) -> list[Experiment]:
    """The experiments with a claim that is asked for; an id that none has is an input error."""
    from difflib import get_close_matches

    if not found:
        raise InputError("experiments: no experiments/*/study.yaml here; change to the folder that has them")
    known = {one.folder: [str(claim.get("id", "")) for claim in one.tree().get("claims") or ()] for one in found}
    every = [claim for claims in known.values() for claim in claims]
    for asked in ids:
        if not any(wanted(claim, [asked]) for claim in every):
            near = get_close_matches(asked, every, 1, cutoff=0.5)
            raise InputError(
                f"{asked}: no such claim; " + (f"did you mean {near[0]}?" if near else "`sim list` has all")
            )
    return [one for one in found if any(wanted(claim, ids) for claim in known[one.folder])]


def _rows(found: Experiment, ids: list[str], out: Path, workers: int | None) -> list[dict[str, Any]]:
    from sim.report.study_record import claim_row

    study = load_study(found.file, [])
    result = run_study(study, found.file, out / study.name, workers)
    for line in result.failed:
        say(f"{study.name}: failed: {line}")
    if result.failed:
        again = f"sim sweep {shlex.quote(str(found.folder))} --out {shlex.quote(str(out / study.name))} --retry-failed"
        say(f"{study.name}: failed trials are not run again by themselves; {again} does")
    warn([f"{study.name}: {line}" for line in result.warnings])
    rows = [{**claim_row(verdict), "study": found.folder.name} for verdict in result.claims]
    return [row for row in rows if wanted(str(row["id"]), ids)]
