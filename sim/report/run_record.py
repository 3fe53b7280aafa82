"""RunRecord: a run as its report needs it, from memory or read back from its folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sim.report.words import Limit
from sim.units import InputError

REQUEST_COLUMNS = ("workload", "t_arrival", "t_done", "err", "backend")
"""What the pictures read of the requests: a large run's other columns stay on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run left behind."""

    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    requests: pl.DataFrame
    samples: pl.DataFrame
    windows: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Rates and latencies over time; empty where none were kept."""
    events: pl.DataFrame = field(default_factory=pl.DataFrame)
    """What the timeline did; empty where the run has none, or it is not kept."""
    warnings: Sequence[str] = ()

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario with every default filled in, as plain values."""
        found = self.manifest.get("scenario")
        return found if isinstance(found, Mapping) else {}

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.scenario.get("name") or "run")

    @property
    def partial_until(self) -> float | None:
        """The simulated second at which the run was interrupted; None where it was not, or it is not known."""
        reached = self.manifest.get("simulated_seconds")
        return float(reached) if self.manifest.get("partial") and reached is not None else None

    @property
    def end(self) -> float:
        """The last instant of the samples, s; 0 where there are none."""
        return float(self.samples["t"][-1]) if "t" in self.samples.columns and self.samples.height else 0.0

    def limit(self, limit: Limit) -> int | None:
        """How many values the range has; None where the scenario has no such range, or several different ones."""
        sizes = {high - low + 1 for low, high in _ranges(self.scenario, limit.path)}
        return sizes.pop() if len(sizes) == 1 else None

    def level(self, columns: Sequence[str]) -> pl.Series | None:
        """The sum of those of the columns that the samples have."""
        known = [column for column in columns if column in self.samples.columns]
        return self.samples.select(pl.sum_horizontal(known)).to_series() if known and self.samples.height else None


def read_run(folder: Path) -> RunRecord:
    """Read a run's folder.

    Raises
    ------
    InputError
        Where it is not one, or one of its files cannot be read.
    """
    for name in ("manifest.json", "summary.json"):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: has no {name}; name the folder that `sim run` or `sim sweep` wrote")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return RunRecord(
            summary=json.loads((folder / "summary.json").read_text(encoding="utf-8")),
            manifest=manifest,
            requests=_table(folder / "requests.parquet", REQUEST_COLUMNS),
            samples=_table(folder / "samples.parquet"),
            windows=_table(folder / "windows.parquet"),
            events=_table(folder / "events.parquet"),
            warnings=manifest.get("warnings", ()),
        )
    except (ValueError, pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{folder}: cannot be read ({str(error).splitlines()[0]}); run it again") from None


def _table(path: Path, columns: Sequence[str] = ()) -> pl.DataFrame:
    if not path.is_file():
        return pl.DataFrame()
    return pl.read_parquet(path, columns=[name for name in columns if name in pl.read_parquet_schema(path)] or None)


def _ranges(tree: Any, path: Sequence[str]) -> Iterator[tuple[int, int]]:
    if not path:
        if isinstance(tree, list | tuple) and len(tree) == 2:
            yield int(tree[0]), int(tree[1])
        return
    if isinstance(tree, Mapping):
        entries = list(tree.values()) if path[0] == "*" else [tree.get(path[0])]
        if path[0] == "*" and len(entries) != 1:
            return  # the samples add up what several of them use, so no single limit applies
        for entry in entries:
            yield from _ranges(entry, path[1:])
