"""Command tables: the commands, the exit codes, how fast the benchmarks were."""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from sim.cli import exits
from sim.cli.main import app
from tools.markdown import code, table

ROOT = Path(__file__).resolve().parents[1]
_WAYS = {
    "ours": "transport-sim, all rows recorded",
    "ours_compiled": "transport-sim, all rows recorded, with `make accelerator`",
    "ours_without_records": "transport-sim, nothing recorded",
    "idiomatic_simpy": "the same model in idiomatic SimPy",
    "bare_heapq": "the same model written out on a bare heap, nothing recorded",
}


def command_table() -> str:
    """The commands, from the help that they print."""
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    rows = []
    for name, command in _spelled_out(commands):
        told, _, example = " ".join(command.help.split()).rstrip(".").rpartition(": ")
        rows.append((code(f"sim {name}"), told.removesuffix("Example").rstrip(" ."), code(example)))
    return table(("command", "what it does", "such as"), rows)


def _spelled_out(commands: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Commands by their words: those of a group one by one."""
    for name, command in commands.items():
        within = getattr(command, "commands", None)
        if within is None:
            yield name, command
        else:
            yield from ((f"{name} {word}", one) for word, one in _spelled_out(within))


def exit_table() -> str:
    """The exit codes, each with the string below it."""
    (cls,) = ast.parse(inspect.getsource(exits.Exit)).body
    assert isinstance(cls, ast.ClassDef)
    told, last = {}, ""
    for statement in cls.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=last)]):
                told[last] = ""
            case ast.Expr(value=ast.Constant(value=str(text))) if last:
                told[last] = text
    rows = [(exit_.value, exit_.name.lower().replace("_", " "), told[exit_.name]) for exit_ in exits.Exit]
    return table(("code", "meaning", "when"), rows)


def benchmark_table(file: str) -> str:
    """Simulated requests per CPU-second, from the results that `make bench` keeps."""
    found = json.loads((ROOT / file).read_text("utf-8"))
    ways = {row["way"] for rows in found["results"].values() for row in rows}
    rate = {
        (load, row["way"]): row["requests_per_cpu_second"] for load, rows in found["results"].items() for row in rows
    }
    rows = [
        (told, *(f"{rate.get((load, way), 0):,}" for load in found["results"]))
        for way, told in _WAYS.items()
        if way in ways
    ]
    machine = found["machine"]
    where = f"{machine['cpu']}, {machine['system'].split('-')[0]}, Python {machine['versions']['python']}, one core"
    return (
        table(("simulated requests per CPU-second", *found["results"]), rows)
        + f"\n\n({where}; median of {found['rounds']} rounds)"
    )
