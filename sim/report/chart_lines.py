"""A metric against an axis: one line per arm, with the interval of its replications. It computes no interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10

from matplotlib.axes import Axes

from sim.report.figure import End, headline, label_ends, limit_line
from sim.report.palette import ORDER, look

_MOST_DIRECT_LABELS = 5
_NAMES_ACROSS = 22
"""Numbers of small type that fit along an axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One arm's metric: its means with the ends of their intervals, at the points of the axis."""

    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    raw: Sequence[tuple[float, float]] = ()
    """Single replications as (x, y), drawn where there are fewer than thirty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What the two axes are called, with their units, and which of them is logarithmic."""

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False


def chart_lines(
    ax: Axes,
    lines: Mapping[str, Line],
    axis: Axis,
    *,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Axes:
    """One line per arm with a band from low to high, named at its end; beyond five arms a legend."""
    for i, (name, line) in enumerate(lines.items()):
        _draw(ax, i, name, line)
    if limit is not None:
        limit_line(ax, *limit)
    _scale(ax, lines, axis, limit)
    headline(ax, answer)
    if len(lines) > _MOST_DIRECT_LABELS:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    else:
        label_ends(ax, [End(name, line.mean[-1], ORDER[i]) for i, (name, line) in enumerate(lines.items())])
    return ax


def _draw(ax: Axes, i: int, name: str, line: Line) -> None:
    colour, dash, marker = look(i)
    ax.plot(line.x, line.mean, linestyle=dash, marker=marker, color=colour, label=name, zorder=3)
    if line.low:
        ax.fill_between(line.x, line.low, line.high, color=colour, alpha=0.18, linewidth=0)
    if line.raw:
        xs, ys = zip(*line.raw, strict=True)
        ax.scatter(xs, ys, s=7, color=colour, alpha=0.45, linewidths=0, zorder=2)


def _scale(ax: Axes, lines: Mapping[str, Line], axis: Axis, limit: tuple[str, float] | None) -> None:
    ax.set(xlabel=axis.x + (", log scale" if axis.log_x else ""), ylabel=axis.y + (", log scale" if axis.log_y else ""))
    if axis.log_x:
        ax.set_xscale("log")
        points = sorted({x for line in lines.values() for x in line.x})
        named = _apart(points)
        ax.set_xticks(points, labels=[f"{x:,.6g}" if x in named else "" for x in points])
        ax.minorticks_off()
    if axis.log_y:
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:,.6g}")
        return
    values = [y for line in lines.values() for y in (*line.mean, *line.high)] + ([limit[1]] if limit else [])
    ax.set_ylim(min(0.0, *values), max(values) * 1.1 or 1.0)
    ax.yaxis.set_major_formatter("{x:,.6g}")


def _apart(points: Sequence[float]) -> set[float]:
    """The points of a logarithmic axis whose names do not run into one another; the first of a crowd keeps its name."""
    named: list[float] = []
    width = log10(points[-1] / points[0]) / _NAMES_ACROSS
    for point in points:
        if not named or log10(point / named[-1]) >= width:
            named.append(point)
    return set(named)
