"""The options that commands share, written once, so that they are called the same everywhere."""

import re
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
_WHERE = "On a cluster"

ExecutorName = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="WHERE",
        help="processes of this machine, or dask, a cluster with --scheduler.",
        rich_help_panel=_WHERE,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Of a Dask cluster, such as --scheduler tcp://10.0.0.1:8786.",
        rich_help_panel=_WHERE,
    ),
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Run trials again that failed in earlier sweeps.")]


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


def refuse_a_study(path: Path, words: str) -> None:
    """Say which command takes the study that was given where a scenario belongs; `words` is the right one's begin."""
    if _begins(path, "base") or _begins(path, "arms"):
        raise InputError(f"{path}: is a study, not a scenario; run it with {words} {shlex.quote(str(path))}")


def refuse_a_scenario(path: Path, words: str) -> None:
    """Say which command takes the scenario that was given where a study belongs."""
    if is_scenario(path):
        raise InputError(f"{path}: is a scenario, not a study; run it with {words} {shlex.quote(str(path))}")


def is_scenario(path: Path) -> bool:
    """Whether a file has workloads and no base."""
    return _begins(path, "workloads") and not _begins(path, "base")


def refuse_results_of_a_study(folder: Path) -> None:
    """A run replaces every table of its folder: it must not do so to the trials of a sweep."""
    if (folder / "results.sqlite").exists():
        raise InputError(f"{folder}: holds the results of a study; take another folder, such as --out {folder}-run")


def refuse_results_of_a_run(folder: Path) -> None:
    """A study beside the tables of a run would make a folder of which a report tells only the one."""
    if (folder / "manifest.json").exists():
        raise InputError(f"{folder}: holds the results of a run; take another folder with --out, or remove this one")


def _begins(path: Path, key: str) -> bool:
    """Whether a key stands at the root of a YAML text; a file that cannot be read is the loader's business."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return re.search(rf"^{key}\s*:", text, re.MULTILINE) is not None
