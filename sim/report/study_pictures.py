"""The pictures of a study: those that it asks for, or those that its claims and objectives need."""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from sim.report.chart_arms import Bar, chart_arms, height_of
from sim.report.chart_lines import Axis, Line, chart_lines
from sim.report.picture import Picture
from sim.report.run_pictures import drawn
from sim.report.sensitivity_pictures import sensitivity_pictures
from sim.report.study_answer import highest, levels_of, trend
from sim.report.study_asked import (
    axis_called,
    caption_of,
    chosen,
    companions,
    forms_lines,
    label_of,
    limit_of,
    name_of,
    numeric_axes,
    question_of,
    slug,
)
from sim.report.study_distributions import MOST_CURVES, distribution, quantiles_of
from sim.report.study_maps import heatmap, map_kind, surface
from sim.report.study_matrix import matrix
from sim.report.study_record import StudyRecord
from sim.report.study_scatter import scatter
from sim.report.study_timeline import timeline
from sim.study.arm import ONLY_ARM

FEW = 30
"""Below so many replications the single ones are drawn as well."""
_MOST_OF_ITS_OWN = 4


def study_pictures(record: StudyRecord) -> list[Picture]:
    """One picture for each that the study declares and for which there are values."""
    indices = sensitivity_pictures(record.indices, record.question or record.name, record.replications)
    declared = list(enumerate(record.pictures)) or ([] if indices else list(enumerate(_own(record))))
    makers = {
        "line": _line, "bars": _bars, "timeline": timeline,
        "heatmap": heatmap, "surface": surface, "distribution": distribution, "scatter": scatter,
        "matrix": matrix,
    }  # fmt: skip
    made = [makers[asked["chart"]](record, i, asked) for i, asked in declared]
    return [*indices, *(picture for picture in made if picture is not None)]


def _own(record: StudyRecord) -> list[Mapping[str, Any]]:
    known = set(record.table["metric"].to_list())
    asked = [row["metric"] for row in (*record.slo, *record.claims) if row.get("metric") in known]
    asked += sorted(known & _DEFAULTS)
    fits = list(dict.fromkeys(asked))[:_MOST_OF_ITS_OWN]
    return [{"chart": chart, "metric": metric} for metric in fits if (chart := fitting_chart(record, metric))]


def fitting_chart(
    record: StudyRecord, metric: str
) -> Literal["", "line", "bars", "heatmap", "surface", "distribution", "scatter"]:
    """The chart that fits a metric of this study: a map, lines, how it is spread, or bars; none for a single cell."""
    if axes := numeric_axes(record):
        varied = [axis for axis in record.axes if axis != axes[0] and record.table[axis].n_unique() > 1]
        others = [axis for axis in varied if axis not in companions(record.table, axes[0], varied)]
        return map_kind(record) or ("line" if forms_lines(record.table, axes[0], others) else "scatter")
    if len(record.arms) < 2 and not record.axes:
        return ""
    is_spread = len(quantiles_of(metric, record.trials.columns)) > 2 or record.trials.height > 2 * record.cells
    return "distribution" if is_spread and record.cells <= MOST_CURVES else "bars"


_DEFAULTS = {"lat_p99", "error_ratio", "throughput"}
"""What a study without pictures draws besides what its objectives and claims ask for."""


def _line(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    called = asked.get("x") or next(iter(numeric_axes(record)), "")
    x = axis_called(record, called)
    table = chosen(record.table, asked, record).filter(pl.col("metric") == asked["metric"])
    if not x or table.is_empty():
        return _bars(record, i, asked)
    along = companions(table, x, list(record.axes))
    others = [axis for axis in record.axes if axis not in {x, *along} and table[axis].n_unique() > 1]
    if not forms_lines(table, x, others):
        return scatter(record, i, asked) or _bars(record, i, asked)
    parts = {
        name_of(key, others): part.sort(x)
        for key, part in table.partition_by("arm", *others, as_dict=True, maintain_order=True).items()
    }
    if list(parts) == [ONLY_ARM]:
        parts = {"": parts[ONLY_ARM]}  # nobody gave it a name
    lines = {name: _one_line(part, record, x, asked["metric"]) for name, part in parts.items()}
    levels = [levels_of(record, part, [name] * part.height) for name, part in parts.items()]
    values = sorted({value for line in lines.values() for value in line.x})
    log = len(values) > 2 and values[0] > 0 and values[-1] / values[0] >= 10
    axis = Axis(x=f"{called} ({record.axes[x] or '1'})", y=label_of(asked), log_x=log)
    answer = asked.get("title") or trend(levels, asked["metric"], record, x=x)
    more = f" {', '.join(along)} goes along with {x}." if along else ""
    told = (answer, question_of(record, asked), caption_of(record) + more)
    limit = limit_of(record, asked)
    return drawn(
        f"{i + 1}-{slug(asked['metric'])}", told,
        lambda axes, text: chart_lines(axes[0], lines, axis, limit=limit, answer=text),
    )  # fmt: skip


def _one_line(part: pl.DataFrame, record: StudyRecord, x: str, metric: str) -> Line:
    keys = ["arm", *record.axes]
    mine = record.trials.join(part.select(keys), on=keys, how="semi")
    raw = mine.filter(pl.col(metric).is_not_null()).select(pl.col(x).cast(pl.Float64), pl.col(metric).cast(pl.Float64))
    few = raw.height < FEW * part.height and raw.height > part.height
    return Line(
        x=part[x].cast(pl.Float64).to_list(), mean=part["mean"].to_list(), low=part["low"].to_list(),
        high=part["high"].to_list(), raw=raw.rows() if few else (),
    )  # fmt: skip


def _bars(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    metric = asked["metric"]
    table = chosen(record.table, asked, record).filter(pl.col("metric") == metric)
    if table.is_empty():
        return None
    varied = [axis for axis in record.axes if table[axis].n_unique() > 1]
    bars = {}
    for row in table.iter_rows(named=True):
        keys = {"arm": row["arm"], **{axis: row[axis] for axis in record.axes}}
        raw = record.trials.filter(**keys)[metric].drop_nulls().cast(pl.Float64).to_list()
        name = name_of((row["arm"], *(row[axis] for axis in varied)), varied)
        bars[name] = Bar(mean=row["mean"], low=row["low"], high=row["high"], raw=raw if 1 < len(raw) < FEW else ())
    answer = asked.get("title") or highest(levels_of(record, table, list(bars)), metric, record)
    told = (answer, question_of(record, asked), caption_of(record))
    limit = limit_of(record, asked)
    return drawn(
        f"{i + 1}-{slug(metric)}", told,
        lambda axes, text: chart_arms(axes[0], bars, xlabel=label_of(asked), limit=limit, answer=text),
        height=height_of(bars),
    )  # fmt: skip
