"""Pictures that a study asks for; what they look like is the report's business."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sim.quantity.magnitude import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One chart of the study's results."""

    chart: Literal["line", "bars", "timeline", "heatmap", "surface", "distribution", "scatter"]
    """line: a metric along an axis, one line per arm; bars: a metric per arm; timeline: samples of one point; heatmap:
    two axes of a grid, a panel per arm; surface: the same between sampled points; distribution: by percentile, or over
    the replications; scatter: points that form no lines, a panel per axis."""
    metric: str
    """Key of the summary; of a timeline a column of the samples."""
    x: str = ""
    """Horizontal axis of a line, heatmap or surface, by its short name; the first numeric one where it is left out.
    Of a scatter its only one; without it the first four."""
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
        for name, written in self.limit.items():
            try:
                number(written)
            except ValueError as error:
                raise ValueError(f"limit.{name}: {error}") from None
