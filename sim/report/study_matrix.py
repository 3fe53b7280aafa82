"""A matrix of a study: a metric for every arm at every value of one axis, such as remedies against troubles."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sim.report.chart_matrix import MOST_COLUMNS, MOST_ROWS, chart_matrix
from sim.report.panels import panelled
from sim.report.picture import Picture
from sim.report.study_asked import axis_called, chosen, label_of, question_of, slug
from sim.report.study_record import StudyRecord


def matrix(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """Arms down, the values of `x` across, in the order in which the study has them; the mean over what else varies."""
    table = chosen(record.table, asked, record).filter(pl.col("metric") == asked["metric"])
    axis = axis_called(record, asked.get("x") or next(iter(record.axes), ""))
    if table.is_empty() or axis not in table.columns:
        return None
    arms = table["arm"].unique(maintain_order=True).to_list()[:MOST_ROWS]
    values = table[axis].unique(maintain_order=True).to_list()[:MOST_COLUMNS]
    grid = np.full((len(arms), len(values)), np.nan)
    means = table.group_by("arm", axis, maintain_order=True).agg(pl.col("mean").mean())
    for arm, value, mean in means.iter_rows():
        if arm in arms and value in values and mean is not None:
            grid[arms.index(arm), values.index(value)] = mean
    answer = asked.get("title") or label_of(asked)
    names = (arms, [str(value) for value in values])
    return panelled(
        f"{i + 1}-{slug(asked['metric'])}", (answer, question_of(record, asked), _caption(record)),
        lambda panels, text: chart_matrix(panels[0], grid, names, label=label_of(asked), answer=text), panels=1,
    )  # fmt: skip


def _caption(record: StudyRecord) -> str:
    return f"Mean of {record.replications}." if not record.replications.startswith("1 ") else "1 replication."
