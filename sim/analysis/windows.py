"""Windows: figures of a run over stretches of equal length, so that one sees when something happened.

Which figures, models declare (`sim.records.window`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.analysis import condition
from sim.analysis.metric import Run
from sim.records import metric as m
from sim.records.window import Held, Percentile, Rate, Share, Windowed

WIDTHS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
"""Lengths that a person reads off an axis, in seconds."""
MOST = 120
"""Windows of a run: more would be a line of noise."""


def width_of(seconds: float) -> float:
    """The shortest of `WIDTHS` that cuts a run of `seconds` into at most `MOST` windows."""
    return next((width for width in WIDTHS if seconds <= MOST * width), WIDTHS[-1])


def windows_of(declared: Mapping[str, Windowed], run: Run, until: float) -> pl.DataFrame:
    """A row for each window from 0 to `until` (s): its start `t`, and a column for each declared figure.

    A column is missing where the tables lack what it is made of. The last window may be shorter than the others.
    """
    width = width_of(until)
    starts = np.arange(max(int(np.ceil(until / width - 1e-9)), 1)) * width
    lengths = np.minimum(width, until - starts) if until > 0 else np.full(1, width)
    columns = {name: _column(one, run, width, lengths) for name, one in declared.items()}
    return pl.DataFrame({"t": starts, **{name: one for name, one in columns.items() if one is not None}})


def _column(one: Windowed, run: Run, width: float, lengths: NDArray[np.float64]) -> pl.Series | None:
    match one:
        case Rate():
            counts = _counts(run, one.rows, one.at, width, len(lengths))
            return None if counts is None else pl.Series(counts / lengths)
        case Share():
            whole = _counts(run, one.rows, one.at, width, len(lengths))
            part = _counts(run, one.those, one.at, width, len(lengths))
            if whole is None or part is None:
                return None
            with np.errstate(invalid="ignore"):
                return pl.Series(part / whole, nan_to_null=True)
        case Percentile():
            place_of = (pl.len() * one.p).floor().cast(pl.Int64).clip(0, pl.len() - 1)
            return _by_window(run, one, pl.col("value").sort().get(place_of), width, len(lengths))
        case Held():
            held = _by_window(run, one, pl.col("value").mean(), width, len(lengths))
            return None if held is None else held.forward_fill()


def _counts(run: Run, rows: m.Selection, at: str, width: float, n: int) -> NDArray[np.float64] | None:
    found = run.values(rows, at)
    if found is None:
        return None
    return np.bincount(_place(found.to_numpy(), width, n), minlength=n).astype(np.float64)


def _by_window(  # parameters: the figure, and where its windows are
    run: Run, one: Percentile | Held, figure: pl.Expr, width: float, n: int
) -> pl.Series | None:
    says = condition.value(one.value).alias("value")
    found = run.rows(one.rows, {*says.meta.root_names(), one.at})
    if found is None:
        return None
    known = found.select(says, pl.col(one.at).alias("at")).drop_nulls()
    places = pl.Series("place", _place(known["at"].to_numpy(), width, n))
    by_window = known.with_columns(places).group_by("place").agg(figure)
    return pl.DataFrame({"place": np.arange(n)}).join(by_window, on="place", how="left")["value"]


def _place(instants: NDArray[np.float64], width: float, n: int) -> NDArray[np.int64]:
    return np.clip((instants / width).astype(np.int64), 0, n - 1)
