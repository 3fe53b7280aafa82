"""`sim theory`: the simulated queues against the closed forms, as a table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.console import answer, document, progress, table
from sim.cli.exits import Exit
from sim.cli.options import Json, Workers, file_in

FOLDER = Path("experiments/theory")
_FILE = typer.Argument(metavar="FILE", help="Comparisons as YAML, or a folder with a theory.yaml.")
_SEEDS = typer.Option("--seeds", min=2, help="Seeds, one interval each, such as --seeds 20.")
_ID = typer.Option("--only", metavar="ID", help="One comparison, such as --only mm1.")


def theory(
    file: Annotated[Path, _FILE] = FOLDER,
    seeds: Annotated[int, _SEEDS] = 100,
    only: Annotated[str, _ID] = "",
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Hold simulated queues against closed forms.

    By the coverage of their 95 % intervals. Example: sim theory --only mm1 --seeds 20
    """
    from sim.units import InputError
    from sim.validation.theory import compare, read_theory
    from sim.wiring import load, observe

    path = file_in(file, "theory.yaml")
    benches = [bench for bench in read_theory(path, load) if only in ("", bench.comparison.id)]
    if not benches:
        raise InputError(f"--only {only}: no comparison of {path} has this id")
    with progress("theory") as show:
        results = list(compare(benches, observe, seeds, workers=workers, progress=show))
    rows = [result.row() for result in results]
    if as_json:
        document(rows)
    else:
        _print(rows, seeds)
    raise typer.Exit(Exit.FINE if all(row["ok"] for row in rows) else Exit.NO)


def _print(rows: list[dict[str, Any]], seeds: int) -> None:
    from sim.validation.theory import coverage_bounds

    low, high = coverage_bounds(seeds)
    agree = sum(row["ok"] for row in rows)
    answer(f"{agree} of {len(rows)} comparisons agree with theory: {low} to {high} of {seeds} intervals hold the truth")
    answer()
    heads = ("model", "quantity", "theory", "simulated", "95 % interval", "covered", "verdict")
    table(heads, [_cells(row) for row in rows], numeric=(2, 3, 5))


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    unit = f" {row['unit']}" if row["unit"] else ""
    numbers = [f"{row[name]:.5g}" for name in ("theory", "simulated", "low", "high")]
    return (
        row["model"],
        row["quantity"],
        numbers[0] + unit,
        numbers[1] + unit,
        f"{numbers[2]} to {numbers[3]}",
        f"{row['covered']} of {row['seeds']}",
        "agrees" if row["ok"] else "DIFFERS",
    )
