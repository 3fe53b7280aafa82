"""Series: declared metrics of a run as numbers on a grid of scrapes. Not how they are written down."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from sim.analysis import condition
from sim.records.exposition import Counter, Gauge, Histogram, Labels
from sim.records.folder import StoredRun
from sim.records.metric import Amount

Grid = np.ndarray
"""Instants of the scrapes, s from the start of the run, ascending."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: values at the scrapes."""

    labels: Labels
    values: np.ndarray
    """One per scrape; of a histogram a row per scrape: the buckets, cumulative, the last of them all."""
    sums: np.ndarray | None = None
    """Of a histogram: the sum of the amounts by each scrape."""


def grid_of(end: float, step: float) -> Grid:
    """Scrapes every `step` from 0 on, and one at the end of the run, which no reader has to guess."""
    regular = np.arange(int(end / step) + 1) * step
    return regular if end - regular[-1] < 1e-9 else np.append(regular, end)


def gauges(run: StoredRun, declared: Gauge, grid: Grid) -> Iterator[Series]:
    """The last sample at or before each scrape; series whose columns the run has not are left out."""
    wanted = {column for weights in declared.series.values() for column in weights}
    known = [column for column in run.scan("samples").collect_schema().names() if column in wanted]
    if known:
        samples = run.table("samples", ["t", *known])
        place = np.searchsorted(samples["t"].to_numpy(), grid + 1e-9, side="right") - 1
        for labels, weights in declared.series.items():
            if set(weights) <= set(known):
                total = sum(samples[column].to_numpy() * weight for column, weight in weights.items())
                yield Series(labels, np.asarray(total)[place])
    for labels, value in declared.constants.items():
        yield Series(labels, np.full(len(grid), value))


def counters(run: StoredRun, declared: Counter, grid: Grid) -> Iterator[Series]:
    """How many rows, or how much in them, counted by each scrape; each value of the parting columns is a series."""
    weight = [declared.weight] if declared.weight else []
    rows = _rows(run, declared, [pl.col(name) for name in weight])
    for labels, group in _groups(rows, declared):
        place = np.searchsorted(grid, group["at"].to_numpy(), side="left")
        amounts = group[declared.weight].to_numpy() - declared.less if weight else None
        yield Series(labels, np.cumsum(np.bincount(place, weights=amounts, minlength=len(grid) + 1))[: len(grid)])


def histograms(run: StoredRun, declared: Histogram, grid: Grid) -> Iterator[Series]:
    """The buckets by each scrape."""
    value = condition.value(declared.value).alias("value")
    rows = _rows(run, declared, [value]).drop_nulls("value")
    n = len(declared.bounds) + 1
    for labels, group in _groups(rows, declared):
        place, amounts = np.searchsorted(grid, group["at"].to_numpy(), side="left"), group["value"].to_numpy()
        cell = place * n + np.searchsorted(declared.bounds, amounts, side="left")
        counted = np.bincount(cell, minlength=(len(grid) + 1) * n).reshape(-1, n)
        by_then = np.cumsum(np.cumsum(counted, axis=0), axis=1)
        sums = np.cumsum(np.bincount(place, weights=amounts, minlength=len(grid) + 1))
        yield Series(labels, by_then[: len(grid)], sums[: len(grid)])


def _rows(run: StoredRun, declared: Counter | Histogram, extra: list[pl.Expr]) -> pl.DataFrame:
    """What is counted: its instant as `at`, the parting columns, and what else is asked for."""
    lazy = run.scan(declared.rows.table)
    for each in declared.rows.where:
        test = condition.test(each, _plain)
        if test is not None:
            lazy = lazy.filter(test)
    parted = [pl.col(column).cast(pl.String) for column in dict.fromkeys(declared.by.values())]
    return lazy.select(pl.col(declared.at).alias("at"), *parted, *extra).drop_nulls("at").collect()


def _groups(rows: pl.DataFrame, declared: Counter | Histogram) -> Iterator[tuple[Labels, pl.DataFrame]]:
    if not declared.by:
        yield declared.labels, rows
        return
    columns = [*declared.by.values()]
    for values, group in sorted(rows.partition_by(columns, as_dict=True).items(), key=lambda item: str(item[0])):
        own = tuple((label, str(value)) for label, value in zip(declared.by, values, strict=True) if value)
        yield (*declared.labels, *own), group


def _plain(amount: Amount) -> float | int | None:
    """A bound of a condition: what is exposed knows no numbers of the scenario."""
    return amount if isinstance(amount, int | float) else None
