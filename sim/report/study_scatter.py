"""A study's points that form no lines, as those of a Latin hypercube: the metric over each of their axes."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import polars as pl
from scipy import stats

from sim.analysis.student import Sample
from sim.report.chart_scatter import Cloud, Grounds, chart_scatter
from sim.report.number import plain
from sim.report.panels import panelled
from sim.report.picture import Picture
from sim.report.study_asked import (
    axis_called,
    caption_of,
    chosen,
    is_logarithmic,
    label_of,
    limit_of,
    not_shown,
    numeric_axes,
    question_of,
    slug,
)
from sim.report.study_record import StudyRecord

MOST_PANELS = 4
ALPHA = 0.05
"""How often a title names a trend where there is none, at most, over all axes together."""
FEWEST = 7
"""Points below which their order along an axis says nothing: of five, one in sixty is in order by chance."""


def scatter(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """One panel for each of the first four numeric axes that vary, or for the one that is asked for."""
    table = chosen(record.table, asked, record).filter(pl.col("metric") == asked["metric"])
    numeric = [axis for axis in numeric_axes(record) if table[axis].n_unique() > 1]
    axes = [axis_called(record, asked["x"])] if asked.get("x") else numeric[:MOST_PANELS]
    if table.is_empty() or not axes or not set(axes) <= set(numeric):
        return None
    clouds = {str(arm): _cloud(part, axes) for (arm,), part in _by_arm(table).items()}
    grounds = Grounds(
        x={axis: f"{axis} ({record.axes[axis]})" if record.axes[axis] else axis for axis in axes},
        log=frozenset(axis for axis in axes if is_logarithmic(table[axis])), y=label_of(asked),
    )  # fmt: skip
    hidden = [axis for axis in numeric if axis not in axes]
    more = f" {not_shown(hidden)}" if hidden else ""
    caption = caption_of(record).replace("; points are single replications", ", a point each")
    told = (
        asked.get("title") or _answer(record, _known(record, asked), asked["metric"], axes),
        question_of(record, asked),
        f"Every panel has all points; the other axes vary from point to point.{more} {caption}",
    )
    limit = limit_of(record, asked)
    return panelled(
        f"{i + 1}-{slug(asked['metric'])}", told,
        lambda panels, text: chart_scatter(panels, clouds, grounds, limit=limit, answer=text),
        panels=len(axes), shares_x=False,
    )  # fmt: skip


def _known(record: StudyRecord, asked: Mapping[str, Any]) -> pl.DataFrame:
    return chosen(record.trials, asked, record).drop_nulls(asked["metric"])


def _by_arm(table: pl.DataFrame) -> dict[tuple[Any, ...], pl.DataFrame]:
    return table.partition_by("arm", as_dict=True, maintain_order=True)


def _cloud(part: pl.DataFrame, axes: Sequence[str]) -> Cloud:
    return Cloud(
        at={axis: part[axis].cast(pl.Float64).to_list() for axis in axes},
        mean=part["mean"].to_list(), low=part["low"].to_list(), high=part["high"].to_list(),
    )  # fmt: skip


def _answer(record: StudyRecord, trials: pl.DataFrame, metric: str, axes: Sequence[str]) -> str:
    """Along which axes the metric rises or falls for sure: Spearman's rank correlation, Bonferroni over the axes.

    The points have to tell it from chance, as axes of a sample lean on one another, and the replications as well: all
    points share their random inputs, so those of one replication may rise together by chance. Arms count as one.
    """
    values = pl.col(metric).cast(pl.Float64).mean()
    points = trials.group_by(axes, maintain_order=True).agg(values)
    means = points[metric]
    if trials["replication"].n_unique() < 2:
        return f"{metric} in {record.replications}"
    if plain(means.min()) == plain(means.max()):  # type: ignore[arg-type]  # a column of floats
        return f"{metric} is {plain(means[0])} everywhere"
    each = list(trials.group_by("replication", *axes, maintain_order=True).agg(values).partition_by("replication"))
    leans = {axis: _lean(points, each, axis, metric) for axis in axes} if points.height >= FEWEST else {}
    sure = sorted((axis for axis in leans if leans[axis][1] < ALPHA / len(axes)), key=lambda axis: -abs(leans[axis][0]))
    if not sure:
        return f"{metric} shows no trend beyond chance over {points.height} points"
    ways = [f"{'rises' if leans[axis][0] > 0 else 'falls'} with {axis}" for axis in sure]
    return f"{metric} {' and '.join(ways)}, over {points.height} points"


def _lean(points: pl.DataFrame, each: Sequence[pl.DataFrame], axis: str, metric: str) -> tuple[float, float]:
    """The rank correlation of the means, and the p value of the less certain of the two tests."""
    found = _ranked(points, axis, metric)
    alone = Sample.of([rho for part in each if part.height > 1 and isfinite(rho := _ranked(part, axis, metric)[0])])
    return found[0], max(found[1], 2 * min(alone.p_above(0.0), alone.p_below(0.0)))


def _ranked(points: pl.DataFrame, axis: str, metric: str) -> tuple[float, float]:
    found = stats.spearmanr(points[axis].cast(pl.Float64), points[metric])
    return float(found.statistic), float(found.pvalue)
