"""Results as frames: one row per trial, or one per arm, point and metric."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from sim.quantity.magnitude import magnitude
from sim.study.axis import RESERVED
from sim.study.estimate import estimate
from sim.study.results import Results


def frame_of(results: Results) -> pl.DataFrame:
    """One row per trial: arm, axes (as numbers in s, /s or B where they are quantities), replication, metrics.

    A metric that is called like a column or an axis goes by ``summary.NAME``.
    """
    rows = [(found, i, outcome) for found in results.cells for i, outcome in enumerate(found.outcomes)]
    axes = _axes(results)
    columns = [
        (metric, f"summary.{metric}" if metric in {*RESERVED, *axes} else metric) for metric in results.metrics()
    ]
    return pl.DataFrame(
        [
            pl.Series("arm", [found.cell.arm for found, _, _ in rows], dtype=pl.String),
            *(axis_column(axis, [found.cell.point[axis] for found, _, _ in rows]) for axis in axes),
            pl.Series("replication", [replication for _, replication, _ in rows], dtype=pl.Int64),
            pl.Series("seconds", [outcome.seconds for _, _, outcome in rows], dtype=pl.Float64),
            pl.Series("error", [outcome.error for _, _, outcome in rows], dtype=pl.String),
            *(
                metric_column(column, [outcome.summary.get(metric) for _, _, outcome in rows])
                for metric, column in columns
            ),
        ]
    )


def table_of(results: Results) -> pl.DataFrame:
    """One row per arm, point and metric: n replications with a value, their mean, low and high."""
    keys: list[tuple[str, str, int]] = []
    points: list[dict[str, Any]] = []
    intervals: list[tuple[float, float, float]] = []
    for found in results.cells:
        for metric in results.metrics():
            if known := [value for value in found.values(metric) if value is not None]:
                interval = estimate(known)
                keys.append((found.cell.arm, metric, len(known)))
                points.append(dict(found.cell.point))
                intervals.append((interval.estimate, interval.low, interval.high))
    return pl.DataFrame(
        [
            pl.Series("arm", [arm for arm, _, _ in keys], dtype=pl.String),
            *(axis_column(axis, [point[axis] for point in points]) for axis in _axes(results)),
            pl.Series("metric", [metric for _, metric, _ in keys], dtype=pl.String),
            pl.Series("n", [n for _, _, n in keys], dtype=pl.Int64),
            *(
                pl.Series(name, [interval[i] for interval in intervals], dtype=pl.Float64)
                for i, name in enumerate(("mean", "low", "high"))
            ),
        ]
    )


def _axes(results: Results) -> list[str]:
    return list(results.cells[0].cell.point)


def axis_column(name: str, values: Sequence[Any]) -> pl.Series:
    """Values of an axis as written: numbers in s, /s or B where all are quantities; None is none."""
    given = [value for value in values if value is not None]
    if all(type(value) is int for value in given):
        return pl.Series(name, values, dtype=pl.Int64)
    found = [None if value is None else magnitude(value) for value in values]
    numbers = [None if one is None else one[0] for one in found]
    if sum(number is not None for number in numbers) == len(given):
        return pl.Series(name, numbers, dtype=pl.Float64)
    return pl.Series(
        name, [value if value is None or isinstance(value, str) else json.dumps(value) for value in values],
        dtype=pl.String,
    )  # fmt: skip


def metric_column(name: str, values: Sequence[Any]) -> pl.Series:
    """A metric over trials: whole numbers, numbers, or text where one of them is; None is none."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {int}:
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds <= {int, float}:
        return pl.Series(name, values, dtype=pl.Float64)
    return pl.Series(name, [value if value is None else str(value) for value in values], dtype=pl.String)
