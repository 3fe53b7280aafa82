"""A metric per arm: one bar each, with its interval and the raw points where they are few."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.number import plain
from sim.report.palette import GROUND, INK, LIMIT, ORDER, QUIET

_LETTERS = 36
"""Of a name in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One arm's mean, the ends of its interval, and its replications."""

    mean: float
    low: float
    high: float
    raw: Sequence[float] = ()


def folded(name: str) -> str:
    """A name in lines that leave the bars most of the width."""
    return fill(name, _LETTERS)


def height_of(names: Iterable[str]) -> float:
    """The height in inches of a figure with a bar for each name."""
    lines = [folded(name).count("\n") + 1 for name in names]
    return max(2.2, 1.3 + max(0.42, 0.12 + 0.16 * max(lines)) * len(lines))


def chart_arms(
    ax: Axes, bars: Mapping[str, Bar], *, xlabel: str, limit: tuple[str, float] | None = None, answer: str = ""
) -> Axes:
    """One bar per arm from top to bottom, its value at its end; a limit as a thin grey line with its name."""
    for row, bar in enumerate(bars.values()):
        ax.barh(row, bar.mean, height=0.55, color=ORDER[0], zorder=2)
        ends = [[bar.mean - bar.low], [bar.high - bar.mean]]
        if bar.low < bar.high:  # a single replication has none
            ax.errorbar([bar.mean], [row], xerr=ends, fmt="none", ecolor=INK, elinewidth=1.0, capsize=3, zorder=4)
        ax.scatter(bar.raw, [row] * len(bar.raw), s=8, color=QUIET, linewidths=0, zorder=3)
        end = max([bar.mean, bar.high, *bar.raw, 0.0])
        value = ax.annotate(plain(bar.mean), (end, row), xytext=(6, 0), textcoords="offset points", va="center")
        value.set(fontsize=SMALL, zorder=6)
        value.set_bbox({"facecolor": GROUND, "edgecolor": "none", "pad": 0.8})
    if limit is not None:
        ax.axvline(limit[1], color=LIMIT, lw=0.8, zorder=1)
        name = ax.annotate(limit[0], (limit[1], -0.55), xytext=(4, 0), textcoords="offset points")
        name.set(color=QUIET, fontsize=SMALL)
    ax.set_yticks(range(len(bars)), labels=[folded(name) for name in bars])
    reach = [value for bar in bars.values() for value in (bar.mean, bar.high, *bar.raw)] + ([limit[1]] if limit else [])
    ax.set(xlabel=xlabel, ylim=(len(bars) - 0.4, -0.7), xlim=(min(0.0, *reach) * 1.1, max([*reach, 0.0]) * 1.1 or 1.0))
    ax.xaxis.set_major_formatter("{x:,.6g}")
    headline(ax, answer)
    return ax
