"""`sim new`: a commented scenario to start from."""

import re
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import answer, say
from sim.cli.exits import Exit
from sim.records.disk import write_whole
from sim.units import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; the file is NAME/scenario.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder instead of NAME.")] = None,
) -> None:
    """Write a commented scenario to start from.

    Example: sim new order-gateway
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name}: is not a name; write letters, digits, points and hyphens")
    path = (out or Path(name)) / "scenario.yaml"
    if path.exists():
        raise InputError(f"{path}: is there already and was left alone; take another name, or --out DIR")
    text = _text(name)
    write_whole(path, text.encode())
    answer(str(path))
    say(f"next: sim run {path.parent}")
    raise typer.Exit(Exit.FINE)


def _text(name: str) -> str:
    from sim import wiring
    from sim.scenario import template
    from sim.scenario.source import read

    starter = Path(__file__).with_name("starter.yaml")
    tree = read(starter.read_text(encoding="utf-8"), starter.name, object).tree  # its keys stay as written
    return template(wiring.Scenario, tree, name)
