"""Decomposition: where the time of a way went, phase by phase; the phases sum to the whole. Not why.

A row near a quantile of the whole stands for it by the mean of its neighbours: the quantile of a sum is not the sum of
quantiles, but means of the same rows add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sim.records.phase import Part, Phase

NEIGHBOURS = 0.005
"""Half of the share of the rows that stand for a quantile, and at most half of what lies beyond it."""


@dataclass(frozen=True, slots=True)
class Share:
    """The rows around a quantile, or all of them."""

    p: float | None
    """The quantile; None is the mean of all rows."""
    n: int
    """Rows that it is made of."""
    whole: float
    """Their mean length."""
    phases: dict[str, float]
    """Mean time in each phase and part, in the units of the columns; they sum up to the whole."""

    @property
    def largest(self) -> str:
        """Where most of it went."""
        return max(self.phases, key=lambda name: self.phases[name])


def lengths(rows: pl.DataFrame, begin: str, phases: Sequence[Phase]) -> pl.DataFrame:
    """Of each row its time in every phase and part, shape ``(n, phases and parts)``; rows without an end are left out.

    Parameters
    ----------
    begin : the column with the instant at which the way begins; the last phase's `until` is its end.
    """
    known = set(rows.columns)
    end = phases[-1].until
    ends = [phase.until for phase in phases if phase.until in known]
    rows = rows.filter(pl.col(begin).is_not_null() & pl.col(end).is_not_null())
    # an instant that never came lies at the next one that did; the last always has
    instants = {until: pl.coalesce([pl.col(later) for later in ends[i:]]) for i, until in enumerate(ends)}
    columns: list[pl.Expr] = []
    before = pl.col(begin)
    for phase in phases:
        if phase.until not in instants:
            continue
        whole = (instants[phase.until] - before).clip(0)
        parts = [part for part in phase.parts if _columns(part) <= known]
        left = whole
        for part in parts:
            length = _length(part).fill_null(0.0).clip(0)
            if phase.unless in known:
                length = pl.when(pl.col(phase.unless)).then(0.0).otherwise(length)
            taken = pl.min_horizontal(length, left)
            columns.append(taken.alias(part.name))
            left = left - taken
        columns.append(left.alias(phase.name))
        before = instants[phase.until]
    return rows.select(columns)


def decompose(times: pl.DataFrame, quantiles: Sequence[float]) -> list[Share]:
    """The mean of all rows, then the rows around each quantile of the whole.

    Parameters
    ----------
    times : of each row its time in every phase, as `lengths` gives them.
    quantiles : between 0 and 1; those beyond the last row are left out.
    """
    if times.is_empty():
        return []
    whole = times.select(pl.sum_horizontal(pl.all()).alias("whole"))["whole"]
    ordered = times.with_columns(whole).sort("whole")
    found = [_share(None, ordered)]
    n = ordered.height
    for p in quantiles:
        half = min(NEIGHBOURS, (1 - p) / 2)
        low, high = int((p - half) * n), max(int((p + half) * n), int(p * n) + 1)
        if (1 - p) * n >= 1:
            found.append(_share(p, ordered.slice(low, high - low)))
    return found


def _share(p: float | None, rows: pl.DataFrame) -> Share:
    means = rows.mean().row(0, named=True)
    whole = means.pop("whole")
    return Share(p, rows.height, float(whole), {name: float(value) for name, value in means.items()})


def _columns(part: Part) -> set[str]:
    return {part.length} if part.length else {part.later, part.earlier}


def _length(part: Part) -> pl.Expr:
    return pl.col(part.length) if part.length else pl.col(part.later) - pl.col(part.earlier)
