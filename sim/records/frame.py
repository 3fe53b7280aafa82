"""Frames: packed rows and levels as polars frames with texts, nulls and seconds; only here nanoseconds end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.records.levels import Levels
from sim.records.rows import ABSENT, Field, Kind


class Source(Protocol):
    """Where the tables of a run are: in memory, or in files."""

    def table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A table, all columns or some."""


class Frames(Mapping[str, pl.DataFrame]):
    """The tables of a run by name, each read when it is first asked for; those `made` are there already."""

    def __init__(self, names: Sequence[str], source: Source, made: Mapping[str, pl.DataFrame]) -> None:
        self._names, self._source = (*names, *made), source
        self._made = dict(made)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._made and name in self._names:
            self._made[name] = self._source.table(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names  # the Mapping's own way reads the table

    def columns(self, name: str, wanted: Sequence[str]) -> pl.DataFrame:
        """Some columns of a table, without the cost of the others."""
        made = self._made.get(name)
        return self._source.table(name, wanted) if made is None else made.select(wanted)


class Chunk(Protocol):
    """Rows of a table by column: a structured array, or what is kept of one."""

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column, shape (n_rows,)."""


def frame_of(chunks: Sequence[Chunk | NDArray[Any]], fields: Sequence[Field], words: Sequence[str]) -> pl.DataFrame:
    """One frame from the chunks of a table, in order of recording."""
    return pl.DataFrame([_column(field, chunks, words) for field in fields])


def _column(field: Field, chunks: Sequence[Chunk | NDArray[Any]], words: Sequence[str]) -> pl.Series:
    # column by column: the rows of all chunks side by side would be a second copy of the table
    kept = [chunk[field.name] for chunk in chunks]
    values = np.concatenate(kept) if kept else np.empty(0, field.dtype)
    match field.kind:
        case Kind.INSTANT | Kind.DURATION:
            # numpy divides, polars multiplies by 1e-9: only the former gives the nearest number to the decimal instant
            seconds = values / 1e9
            seconds[values == ABSENT] = np.nan
            return pl.Series(field.name, seconds, nan_to_null=True)
        case Kind.FLAG:
            return pl.Series(field.name, values.astype(bool))
        case Kind.LABEL:
            return pl.Series(field.name, words, dtype=pl.String).gather(values.astype(np.uint32))
    return pl.Series(field.name, values)


def samples_of(levels: Levels, columns: Mapping[str, tuple[Mapping[str, int], int]]) -> pl.DataFrame:
    """The levels on their grid, combined into columns: weights by level, and a constant."""
    instants, counts = levels.on_grid()
    index = {name: i for i, name in enumerate(levels.series)}
    frame: dict[str, NDArray[Any]] = {"t": instants / 1e9}
    for name, (weights, constant) in columns.items():
        total = np.full(len(instants), constant, np.int64)
        for level, weight in weights.items():
            total += weight * counts[index[level]]
        frame[name] = total
    return pl.DataFrame(frame)
