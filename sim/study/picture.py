"""Pictures that a study asks for; what they look like is the report's business."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.quantity.magnitude import number
from sim.units import Duration

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What somebody else measured, or wishes: a point beside the lines of a timeline."""

    at: Duration
    """When, from the start of the run."""
    value: Any
    """In the column's unit, or with a unit: 80, 4.8s, 37%."""
    metric: str = ""
    """The column that it belongs to; empty means the picture's `metric`."""
    label: str = ""
    """A few words beside the point; empty prints the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One chart of the study's results."""

    chart: Literal["line", "bars", "timeline", "heatmap", "surface", "distribution", "scatter", "matrix"]
    """line: a metric along an axis, one line per arm; bars: a metric per arm; timeline: samples of one point; heatmap:
    two axes of a grid, a panel per arm; surface: the same between sampled points; distribution: by percentile, or over
    the replications; scatter: points that form no lines, a panel per axis; matrix: a number for each arm at each value
    of an axis."""
    metric: str
    """Key of the summary; of a timeline a column of the samples or of the windows."""
    also: tuple[str, ...] = ()
    """Of a timeline: further columns, a panel each below the first."""
    marks: tuple[Mark, ...] = ()
    """Of a timeline: points to compare with, such as what was measured."""
    clock: str = ""
    """Of a timeline: what a clock showed when the run began, as 02:13:26; empty counts from 0."""
    x: str = ""
    """Horizontal axis of a line, heatmap, surface or matrix, by its short name; the first numeric one where it is left
    out, of a matrix the first. Of a scatter its only one; without it the first four."""
    y: str = ""
    """Vertical axis of a heatmap or surface, by its short name; the second numeric one where it is left out."""
    at: dict[str, Any] = field(default_factory=dict)
    """Axis to value: the points that are drawn; empty draws all."""
    arms: tuple[str, ...] = ()
    """The arms that are drawn; empty draws all."""
    label: str = ""
    """The quantity in words, with its unit, for its axis; empty leaves the metric's name."""
    limit: dict[str, Any] = field(default_factory=dict)
    """Name to value, at most one: a thin line at what bounds the quantity, such as {28,232 ports: 28232}."""
    title: str = ""
    """The answer that the picture gives; empty leaves the metric's name."""

    def __post_init__(self) -> None:
        if len(self.limit) > 1:
            raise ValueError(f"limit: has {len(self.limit)} names; keep one")
        if self.clock and not _CLOCK.fullmatch(self.clock):
            raise ValueError(f"clock: {self.clock} is no time of day; write it as 02:13:26")
        self._check_marks()
        for name, written in self.limit.items():
            try:
                number(written)
            except ValueError as error:
                raise ValueError(f"limit.{name}: {error}") from None

    def _check_marks(self) -> None:
        if self.chart != "timeline" and (self.also or self.marks or self.clock):
            raise ValueError("chart: also, marks and clock belong to a timeline; write chart: timeline")
        for i, mark in enumerate(self.marks):
            if mark.metric not in ("", self.metric, *self.also):
                raise ValueError(f"marks.{i}.metric: {mark.metric} is not drawn; add it to also")
            try:
                number(mark.value)
            except ValueError as error:
                raise ValueError(f"marks.{i}.value: {error}") from None
