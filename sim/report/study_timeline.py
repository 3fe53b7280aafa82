"""The timelines of a study: columns of one point's samples and windows, a panel each, beside what was measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from sim.quantity.magnitude import number
from sim.report.chart_timeline import Beside, Point, chart_timeline
from sim.report.figure import SIZE, limit_line
from sim.report.number import plain
from sim.report.picture import Picture
from sim.report.run_pictures import PANEL_INCHES, drawn
from sim.report.study_asked import label_of, limit_of, question_of, slug
from sim.report.study_record import StudyRecord

Lines = dict[str, list[float]]


def timeline(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """Picture number `i` of the study; None where no arm of it has samples."""
    mine = record.levels.filter(pl.col("picture") == i)
    if asked.get("arms"):
        mine = mine.filter(pl.col("arm").is_in(list(asked["arms"])))
    if mine.is_empty():
        return None
    metrics = (asked["metric"], *asked.get("also", ()))
    labels = {metric: label_of({**asked, "metric": metric, "label": ""}) for metric in metrics}
    labels[asked["metric"]] = label_of(asked)
    times, panels = _panels(mine.filter(pl.col("metric").is_in(metrics)), labels)
    peaks = sorted(_peak(levels) for levels in panels[labels[asked["metric"]]].values())
    reach = " to ".join(dict.fromkeys(plain(peak) for peak in (peaks[0], peaks[-1])))
    answer = asked.get("title") or f"{asked['metric']} peaks at {reach} in the first replication"
    told = (answer, question_of(record, asked), "The first replication of each arm.")
    limit = limit_of(record, asked)
    beside = Beside(points=_points(asked, labels), clock=_clock(asked.get("clock") or ""))

    def draw(axes: Sequence[Axes], text: str) -> None:
        chart_timeline(axes, times, panels, beside=beside, answer=text)
        if limit is not None:
            limit_line(axes[0], *limit)

    height = SIZE[1] if len(panels) == 1 else 1.1 + PANEL_INCHES * len(panels)
    return drawn(f"{i + 1}-{slug(asked['metric'])}", told, draw, rows=len(panels), height=height)


def _panels(levels: pl.DataFrame, labels: Mapping[str, str]) -> tuple[list[float], dict[str, Lines]]:
    """The instants, and by label and arm the values at them, NaN where there is none."""
    parts = levels.partition_by("metric", "arm", as_dict=True, maintain_order=True)
    n = min(part.height for part in parts.values())
    panels: dict[str, Lines] = {}
    for (metric, arm), part in parts.items():
        values = part["value"][:n].fill_null(float("nan")).to_list()
        panels.setdefault(labels[str(metric)], {})[str(arm)] = values
    return next(iter(parts.values()))["t"][:n].to_list(), panels


def _peak(values: Sequence[float]) -> float:
    return max((value for value in values if value == value), default=0.0)  # noqa: PLR0124 (NaN alone is not itself)


def _points(asked: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, list[Point]]:
    points: dict[str, list[Point]] = {}
    for mark in asked.get("marks", ()):
        name = mark.get("label") or str(mark["value"])
        point = Point(name=name, at=mark["at"] / 1e9, value=number(mark["value"]))
        points.setdefault(labels[mark.get("metric") or asked["metric"]], []).append(point)
    return points


def _clock(written: str) -> int | None:
    if not written:
        return None
    hours, minutes, seconds = map(int, written.split(":"))
    return 3600 * hours + 60 * minutes + seconds
