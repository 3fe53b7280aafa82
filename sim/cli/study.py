"""`sim study`: the results of studies that are kept: how far they are, out as a table, away with some."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.cli import study_file
from sim.cli.console import answer, document, table
from sim.cli.exits import Exit
from sim.cli.options import Json, file_in, refuse_a_scenario
from sim.units import InputError

if TYPE_CHECKING:
    from sim.store.standing import Planned, Standing
    from sim.store.status import Status
    from sim.store.store import Store
    from sim.study.study import Study

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where results are kept, such as out/port-exhaustion.")]
MOST_ROWS = 40


def status(
    place: Annotated[
        Path, typer.Argument(metavar="DIR|STUDY", help="Where results are kept, or the study that they are of.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Of a study: its results, by default out/NAME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how far studies are, by arm and point.

    Example: sim study status out/port-exhaustion
    """
    from sim.store.status import status_of

    if place.is_dir() and (place / _index()).is_file():
        if out is not None:
            raise InputError(f"{place}: is a folder of results, --out {out} another; name one of them")
        found = status_of(_store(place))
    else:
        found = _of_study(place, out)
    if as_json:
        document(_told(found))
    else:
        _print(found)
    raise typer.Exit(Exit.FINE)


def export(
    folder: Folder,
    form: Annotated[
        Literal["parquet", "csv", "json"] | None,
        typer.Option("--format", help="parquet (default), csv or json, which is printed."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Such as trials.csv; default DIR/export.FORMAT.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write all trials as one table: arm, axes and metrics as columns.

    Example: sim study export out/port-exhaustion --format csv
    """
    import io

    from sim.records.disk import write_whole
    from sim.store.export import export as table_of

    if as_json and form not in {None, "json"}:
        raise InputError(f"--format {form}: --json is --format json; leave out one of the two")
    found = table_of(_store(folder))
    form = "json" if as_json else form or "parquet"
    if form == "json" and out is None:
        document(found.to_dicts())
        raise typer.Exit(Exit.FINE)
    path = out or folder / f"export.{form}"
    content = io.BytesIO()
    write: Any = getattr(found, f"write_{form}")  # each takes a sink
    write(content)
    write_whole(path, content.getvalue())
    answer(f"{found.height:,} trials with {found.width} columns in {path}")
    raise typer.Exit(Exit.FINE)


def prune(
    folder: Folder,
    failed: Annotated[bool, typer.Option("--failed", help="Delete trials that failed.")] = False,
    other_versions: Annotated[
        bool, typer.Option("--other-versions", help="Delete results of other model versions than this one's.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="STUDY", help="Delete what this study does not need; repeatable: any of them."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Delete some of the results that are kept.

    Example: sim study prune out/port-exhaustion --failed
    """
    from sim.version import MODEL_VERSION

    if not (failed or other_versions or keep):
        raise InputError(f"{folder}: name what to delete: --failed, --other-versions or all but --keep STUDY")
    store = _store(folder)
    kept = None if keep is None else [key for name in keep for key in _keys_of(store, name)]
    before = store.size()
    n = store.prune(kept, failed=failed, other_than=str(MODEL_VERSION) if other_versions else None)
    left, freed = store.frame().height, max(before - store.size(), 0)
    if as_json:
        document({"folder": str(folder), "deleted": n, "left": left, "freed_bytes": freed})
    else:
        answer(f"{n:,} trials deleted, {left:,} left; {_bytes(freed)} are free again")
    raise typer.Exit(Exit.FINE)


def _index() -> str:
    from sim.store.store import FILE

    return FILE


def _store(folder: Path) -> "Store":
    from sim.store.store import Store

    if not (folder / _index()).is_file():
        raise InputError(f"{folder}: holds no results of a study; `sim sweep STUDY --out {folder}` makes some")
    return Store(folder)


def _of_study(place: Path, out: Path | None) -> "Status":
    """The status of a study as its file is now, whatever was planned when it was swept."""
    from sim.store.status import Status, status_of

    path = file_in(place, "study.yaml")
    refuse_a_scenario(path, "sim run")
    study, rows = _rows_of(path, out)
    folder = out or Path("out") / study.name
    fixed = frozenset(() if study.replications.until else (study.name,))
    if (folder / _index()).is_file():
        found = status_of(_store(folder), rows)
        return replace(found, settled=found.settled | fixed)
    return Status(
        folder=folder, standings=_untouched(rows), settled=fixed, versions=(), trials=0, size=0, processes=(),
        rate=None,
    )  # fmt: skip


def _rows_of(path: Path, out: Path | None) -> "tuple[Study, list[Planned]]":
    """A study, and what it is known to need: of one that goes by precision, also what its results have."""
    from sim.execution.partial import kept
    from sim.store.standing import rows_of
    from sim.study.plan import plan

    study, of = study_file.load_study(path, []), study_file.model_of(path)
    folder = out or Path("out") / study.name
    if not (folder / _index()).is_file():
        return study, rows_of(study.name, plan(study, of))
    cells = kept(study, of, _store(folder)).results.cells
    return study, rows_of(study.name, (found.cell.trial(i) for found in cells for i in range(len(found.outcomes))))


def _untouched(rows: "Sequence[Planned]") -> "list[Standing]":
    import sqlite3
    from contextlib import closing

    from sim.store.index import TABLES
    from sim.store.standing import standings

    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES)
        return standings(db, rows)


def _keys_of(store: "Store", study: str) -> list[str]:
    """What a study needs: of a name that the store knows, else of a file."""
    if found := store.planned(study):
        return found
    path = Path(study)
    if not path.exists():
        with store.reading() as db:
            known = [name for (name,) in db.execute("SELECT name FROM studies ORDER BY name")]
        raise InputError(f"--keep {study}: neither a study of {store.folder} ({', '.join(known) or 'none'}) nor a file")
    return [row[-1] for row in _rows_of(file_in(path, "study.yaml"), store.folder)[1]]


def _told(found: "Status") -> dict[str, Any]:
    """The document of ``--json``."""
    return {
        "folder": str(found.folder), "versions": list(found.versions), "trials": found.trials, "bytes": found.size,
        "processes": list(found.processes), "work_left_seconds": found.work_left, "seconds_left": found.seconds_left,
        "points": [{**asdict(one), "settled": one.study in found.settled} for one in found.standings],
    }  # fmt: skip


def _print(found: "Status") -> None:
    rows = found.standings
    answer(_first_line(found))
    answer()
    shown = [
        (one.study, one.arm, _at(one), f"{one.done:,} of {one.planned:,}", f"{one.failed:,}", f"{one.running:,}")
        for one in rows[:MOST_ROWS]
    ]
    table(("study", "arm", "point", "done", "failed", "running"), shown, numeric=(3, 4, 5))
    if len(rows) > MOST_ROWS:
        answer(f"{len(rows) - MOST_ROWS:,} more arms and points; --json has all")
    answer()
    for one in [one for one in rows if one.failed][:5]:
        answer(f"failed: {', '.join(filter(None, [one.arm, _at(one)]))}: {one.failed:,} trials, such as {one.error}")
    if found.versions:
        version = f"model version {', '.join(found.versions)}"
        answer(f"{found.trials:,} results of {version} in {shlex.quote(str(found.folder))}, {_bytes(found.size)}")
    else:
        answer(f"no results yet; they go to {shlex.quote(str(found.folder))}")


def _first_line(found: "Status") -> str:
    done, planned, failed, left = (
        sum(getattr(one, name) for one in found.standings) for name in ("done", "planned", "failed", "left")
    )
    words = [f"{done:,} of {planned:,} trials are done"]
    words += [f"{failed:,} failed"] if failed else []
    if found.processes:
        words.append(f"at work: process {', '.join(map(str, found.processes))}")
    if left and found.seconds_left is not None:
        words.append(f"{_duration(found.seconds_left)} left")
    elif left and found.work_left is not None:
        words.append(f"{_duration(found.work_left)} of work on one core left")
    open_ended = {one.study for one in found.standings} - found.settled
    words += ["more where precision asks for them"] if open_ended else []
    return ", ".join(words)


def _at(one: "Standing") -> str:
    return ", ".join(f"{name} {value}" for name, value in one.at.items())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _bytes(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 100_000 else f"{n / 1e3:.0f} kB"
