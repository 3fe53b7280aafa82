"""The options that commands share, written once, so that they are called the same everywhere."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sim.units import InputError

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a key, such as --set duration=30s; repeatable."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", min=0, help="Root seed, such as --seed 7.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where results go, such as out/tuesday; default out/NAME.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, help="Processes, such as --workers 4; default one per core."),
]


def command_line(words: Sequence[str], overrides: Sequence[str], seed: int | None) -> str:
    """The line that gives the same results again."""
    sets = [part for override in overrides for part in ("--set", override)]
    return shlex.join([*words, *sets, *([] if seed is None else ["--seed", str(seed)])])


def file_in(path: Path, name: str) -> Path:
    """The file itself, or the one of that name where a folder stands for it.

    Raises
    ------
    InputError
        Where there is neither.
    """
    if path.is_dir():
        if not (path / name).is_file():
            raise InputError(f"{path}: there is no {name} in this folder; name the file")
        return path / name
    if not path.is_file():
        raise InputError(f"{path}: no such file; `sim list` shows what there is, `sim new NAME` writes one")
    return path
