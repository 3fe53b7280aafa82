"""Frames: packed rows and levels as polars frames with texts, nulls and seconds; only here nanoseconds end."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.records.levels import Levels
from sim.records.rows import ABSENT, Field, Kind


def frame_of(chunks: Sequence[NDArray[Any]], fields: tuple[Field, ...], words: Sequence[str]) -> pl.DataFrame:
    """One frame from the chunks of a table, in order of recording."""
    rows = np.concatenate(chunks) if chunks else None
    return pl.DataFrame([_column(field, rows, words) for field in fields])


def _column(field: Field, rows: NDArray[Any] | None, words: Sequence[str]) -> pl.Series:
    values = np.empty(0, np.int64) if rows is None else np.ascontiguousarray(rows[field.name])
    match field.kind:
        case Kind.INSTANT | Kind.DURATION:
            whole = pl.Series(field.name, values.astype(np.int64))
            return whole.set(whole == ABSENT, None).cast(pl.Float64) / 1e9
        case Kind.FLAG:
            return pl.Series(field.name, values.astype(bool))
        case Kind.LABEL:
            return pl.Series(field.name, np.asarray(words, dtype=object)[values].tolist(), dtype=pl.String)
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
