"""A store as one table: a row per trial of each study, with arm, axes and metrics as columns."""

import json
from typing import Any

import polars as pl

from sim.store.store import Store
from sim.study.axis import RESERVED
from sim.study.tabulate import axis_column, metric_column

_ROWS = """
SELECT study, arm, point, trials.replication, seed, version, seconds, error, key, summary
FROM trials LEFT JOIN planned USING (key) ORDER BY planned.rowid, key
"""
_HEAD = ("study", "arm")
_TAIL = ("replication", "seed", "version", "seconds", "error", "key")


def export(store: Store) -> pl.DataFrame:
    """One row per trial and study that planned it, in the order planned; without study and arm where none does.

    Axes are numbers in s, /s or B where they are quantities. A metric that is called like another column goes by
    ``summary.NAME``, an axis by ``axis.NAME``. The scenario is not in it; `Store.frame` has it.
    """
    with store.reading() as db:
        rows = db.execute(_ROWS).fetchall()
    points = [json.loads(row[2]) if row[2] else {} for row in rows]
    summaries = [json.loads(row[-1]) for row in rows]
    axes = list(dict.fromkeys(name for point in points for name in point))
    taken = {*_HEAD, *_TAIL, *RESERVED}
    heads = {name: f"axis.{name}" if name in taken else name for name in axes}
    metrics = dict.fromkeys(name for summary in summaries for name in summary)
    used = {*taken, *heads.values()}
    return pl.DataFrame(
        [
            *(pl.Series(name, [row[i] for row in rows], dtype=pl.String) for i, name in enumerate(_HEAD)),
            *(axis_column(heads[name], [point.get(name) for point in points]) for name in axes),
            *(_column(name, [row[3 + i] for row in rows]) for i, name in enumerate(_TAIL)),
            *(
                metric_column(f"summary.{name}" if name in used else name, [one.get(name) for one in summaries])
                for name in metrics
            ),
        ]
    )


def _column(name: str, values: list[Any]) -> pl.Series:
    types: dict[str, Any] = {"replication": pl.Int64, "seed": pl.Int64, "seconds": pl.Float64}
    return pl.Series(name, values, dtype=types.get(name, pl.String))
