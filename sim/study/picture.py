"""Pictures that a study asks for; what they look like is the report's business."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One chart of the study's results."""

    chart: Literal["line", "bars", "timeline"]
    """line: a metric along an axis, one line per arm; bars: a metric per arm; timeline: samples of one point."""
    metric: str
    """Key of the summary; of a timeline a column of the samples."""
    x: str = ""
    """Axis of a line chart, by its short name; may be left out where the study has one axis."""
    at: dict[str, Any] = field(default_factory=dict)
    """Axis to value: the points that are drawn; empty draws all."""
    arms: tuple[str, ...] = ()
    """The arms that are drawn; empty draws all."""
    title: str = ""
    """The answer that the picture gives; empty leaves the metric's name."""
