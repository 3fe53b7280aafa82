"""Cut: a piece of a run's time, and the rows that lie in it. Not what is made of them."""

from dataclasses import dataclass
from math import inf

import polars as pl

from sim.records.folder import StoredRun
from sim.records.span import Way
from sim.units import InputError


@dataclass(frozen=True, slots=True)
class Cut:
    """From an instant on, up to another, s from the start of the run."""

    begin: float = 0.0
    end: float = inf

    def __post_init__(self) -> None:
        if self.end <= self.begin:
            raise InputError(f"--to {self.end:g}s: has to lie behind --from {self.begin:g}s")

    def begun(self, run: StoredRun, way: Way) -> pl.DataFrame:
        """The ways that begin in it, ended or not, in the order of their begins; instants in ns."""
        lazy = run.scan(way.table).filter(pl.col(way.begin).is_between(self.begin, self.end, closed="left"))
        instants = _instants(way)
        there = set(lazy.collect_schema().names())
        wanted = [pl.col(name) for name in way.columns if name in there]
        return in_ns(lazy.select(wanted).sort(way.begin, way.id), instants).collect()

    def n_begun(self, run: StoredRun, way: Way) -> int:
        """How many begin in it."""
        if way.table not in run.names:
            return 0
        inside = pl.col(way.begin).is_between(self.begin, self.end, closed="left")
        return int(run.scan(way.table).select(inside.sum()).collect().item())

    def check(self, run: StoredRun, ways: tuple[Way, ...], most: int) -> None:
        """Refuse more ways than a reader would bear, and none at all."""
        found = sum(self.n_begun(run, way) for way in ways)
        what = f"{ways[0].noun}s"
        if found > most:
            end = min(self.end, float(run.scan("samples").select(pl.col("t").max()).collect().item()))
            enough = self.begin + (end - self.begin) * most / found
            raise InputError(
                f"{run.path}: {found:,} {what} are more than the {most:,} that this format is read with; cut them with "
                f"--from {self.begin:g}s --to {enough:.3g}s"
            )
        if not found and (self.begin, self.end) == (0.0, inf):
            raise InputError(f"{run.path}: no {ways[0].noun} was made in this run; there is nothing to trace")
        if not found:
            raise InputError(f"{run.path}: no {ways[0].noun} begins between --from and --to; name other instants")


def in_ns(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """The same with these columns as whole nanoseconds; those that the rows have not are passed over."""
    there = [name for name in columns if name in rows.collect_schema().names()]
    return rows.with_columns((pl.col(name) * 1e9).round().cast(pl.Int64) for name in there)


def _instants(way: Way) -> list[str]:
    ends = [name for step in way.steps for name in (step.begin, step.end)]
    return list(dict.fromkeys([way.begin, way.end, *ends, way.visit.waited, way.visit.served]))
