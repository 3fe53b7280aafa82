"""Maps of a study: a metric over two numeric axes, as cells where all were run, as a surface between points."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.report.chart_heatmap import Cells, chart_heatmap
from sim.report.chart_surface import FEWEST, Ground, Points, chart_surface
from sim.report.panels import panelled
from sim.report.picture import Picture
from sim.report.study_answer import levels_of, stretch
from sim.report.study_asked import (
    axis_called,
    caption_of,
    chosen,
    is_logarithmic,
    label_of,
    limit_of,
    name_of,
    not_shown,
    numeric_axes,
    question_of,
    slug,
)
from sim.report.study_record import StudyRecord

_MOST_PANELS = 9
_FULL = 0.5
"""A grid from which constraints left at least this share of the cells is drawn as one."""


def map_kind(record: StudyRecord) -> Literal["", "heatmap", "surface"]:
    """The chart that fits the points: heatmap, surface, or none where two axes do not span a plane."""
    axes = numeric_axes(record)
    if len(axes) < 2:
        return ""
    x, y = axes[:2]
    pairs = record.table.select(x, y).unique()
    full = pairs[x].n_unique() * pairs[y].n_unique()
    if pairs.height >= _FULL * full:
        return "heatmap"
    if len(axes) > 2:  # a surface over two of them would take what the others do for a shape
        return ""
    ranks = pairs.select(pl.corr(x, y, method="spearman")).item()
    return "surface" if pairs.height >= FEWEST and abs(ranks) < 0.95 else ""


def heatmap(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """One panel per arm, and per value of what else varies."""
    axes, parts = _parts(record, asked)
    if not parts:
        return None
    x, y = axes
    every = pl.concat(parts.values())
    xs, ys = (every[axis].unique().sort().cast(pl.Float64).to_list() for axis in (x, y))
    grids = {name: _grid(part, axes, xs, ys) for name, part in parts.items()}
    cells = Cells(x=xs, y=ys, x_label=_unit(record, x), y_label=_unit(record, y), label=label_of(asked))
    limit = _crossed(record, asked, every)
    told = (
        _answer(record, asked, every, axes),
        _asks(record, asked, limit),
        _caption(record, limit),
    )
    return panelled(
        f"{i + 1}-{slug(asked['metric'])}", told,
        lambda panels, text: chart_heatmap(panels, grids, cells, limit=limit, answer=text), panels=len(grids),
    )  # fmt: skip


def surface(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """One panel per arm; axes beside the two vary from point to point and are not shown."""
    axes, parts = _parts(record, asked, others=False)
    if not parts:
        return None
    x, y = axes
    every = pl.concat(parts.values())
    points: dict[str, Points] = {
        name: part.select(x, y, "mean").cast(pl.Float64).to_numpy() for name, part in parts.items()
    }
    ground = Ground(
        x_label=_unit(record, x), y_label=_unit(record, y), label=label_of(asked),
        log=(is_logarithmic(every[x]), is_logarithmic(every[y])),
    )  # fmt: skip
    limit = _crossed(record, asked, every)
    n = max(map(len, points.values()))
    beside = [axis for axis in record.axes if axis not in axes and every[axis].n_unique() > 1]
    between = f"Interpolated between the {n} points by a thin-plate spline; only at the points was it run."
    more = f" {not_shown(beside)}" if beside else ""
    told = (
        _answer(record, asked, every, axes),
        f"{_ended(_asks(record, asked, limit))} Interpolated between points.",
        f"{between}{more} {_caption(record, limit)}",
    )  # fmt: skip
    return panelled(
        f"{i + 1}-{slug(asked['metric'])}", told,
        lambda panels, text: chart_surface(panels, points, ground, limit=limit, answer=text), panels=len(points),
    )  # fmt: skip


def _parts(
    record: StudyRecord, asked: Mapping[str, Any], *, others: bool = True
) -> tuple[tuple[str, str], dict[str, pl.DataFrame]]:
    """The two axes, and the rows of each panel by its name; none where there are not two axes."""
    table = chosen(record.table, asked, record).filter(pl.col("metric") == asked["metric"])
    numeric = [axis for axis in numeric_axes(record) if table[axis].n_unique() > 1]
    x = axis_called(record, asked.get("x") or next((axis for axis in numeric if axis != asked.get("y")), ""))
    y = axis_called(record, asked.get("y") or next((axis for axis in numeric if axis != x), ""))
    if table.is_empty() or x not in numeric or y not in numeric or x == y:
        return (x, y), {}
    varied = [axis for axis in record.axes if axis not in {x, y} and table[axis].n_unique() > 1] if others else []
    parts = table.partition_by("arm", *varied, as_dict=True, maintain_order=True)
    named = {name_of(key, varied): part for key, part in parts.items()}
    return (x, y), dict(list(named.items())[:_MOST_PANELS])


def _grid(part: pl.DataFrame, axes: tuple[str, str], xs: list[float], ys: list[float]) -> NDArray[np.float64]:
    grid = np.full((len(ys), len(xs)), np.nan)
    for x, y, mean in part.select(*axes, "mean").iter_rows():
        grid[ys.index(float(y)), xs.index(float(x))] = mean
    return grid


def _answer(record: StudyRecord, asked: Mapping[str, Any], table: pl.DataFrame, axes: tuple[str, str]) -> str:
    """The title that was asked for, else where the metric is highest."""
    levels = levels_of(record, table, [""] * table.height)
    return asked.get("title") or stretch(levels, asked["metric"], record, axes=axes)


def _unit(record: StudyRecord, axis: str) -> str:
    return f"{axis} ({record.axes[axis]})" if record.axes[axis] else axis


def _crossed(record: StudyRecord, asked: Mapping[str, Any], table: pl.DataFrame) -> tuple[str, float] | None:
    """The limit, where some values lie on either side of it."""
    limit = limit_of(record, asked)
    means = table["mean"].to_list()
    return limit if limit is not None and min(means) <= limit[1] < max(means) else None


def _asks(record: StudyRecord, asked: Mapping[str, Any], limit: tuple[str, float] | None) -> str:
    return question_of(record, asked, limit[0].replace(": ", " ") if limit else "")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _caption(record: StudyRecord, limit: tuple[str, float] | None) -> str:
    mean = caption_of(record).removesuffix("; points are single replications.").replace(
        " with its 95 % confidence interval", ", without its interval"
    )  # fmt: skip
    line = f" The line parts what lies on either side of the {limit[0].replace(': ', ' ')}." if limit else ""
    return mean.removesuffix(".") + "." + line
