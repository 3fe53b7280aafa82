"""A tornado: how far a quantity goes from its base when one setting at a time goes to its ends; the widest on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.number import plain
from sim.report.palette import ALARM, GROUND, INK, LIMIT, OURS, QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """The change that one value of a setting makes, with the ends of its interval."""

    at: str
    """The value, as written."""
    change: float
    low: float
    high: float


def chart_tornado(
    ax: Axes, swings: Mapping[str, Sequence[Swing]], base: float, *, xlabel: str, answer: str = ""
) -> Axes:
    """One row per setting from top to bottom, its bars starting at the base line, each with its value at its end."""
    reach = [base]
    for row, (_, both) in enumerate(swings.items()):
        for i, swing in enumerate(both):
            reach += _swing(ax, (row, i, len(both)), swing, base)
    ax.axvline(base, color=LIMIT, lw=1.0, zorder=3)
    name = ax.annotate(f"base: {plain(base)}", (base, -0.62), xytext=(4, 0), textcoords="offset points")
    name.set(color=QUIET, fontsize=SMALL)
    width = max(reach) - min(reach) or abs(base) or 1.0
    ax.set_yticks(range(len(swings)), labels=list(swings))
    ax.set(xlabel=xlabel, ylim=(len(swings) - 0.4, -0.8), xlim=(min(reach) - 0.16 * width, max(reach) + 0.16 * width))
    ax.xaxis.set_major_formatter("{x:,.6g}")
    headline(ax, answer)
    return ax


def _swing(ax: Axes, place: tuple[int, int, int], swing: Swing, base: float) -> list[float]:
    """Draw one and return how far it reaches; several values of a setting share its row."""
    row, i, n = place
    at, height = row + (i - (n - 1) / 2) * 0.76 / n, 0.7 / n
    is_up = swing.change > 0
    bar = ax.barh(at, swing.change, left=base, height=height, color=ALARM if is_up else OURS, zorder=2)[0]
    bar.set(hatch="" if is_up else "///", edgecolor=GROUND, linewidth=0)
    ends = [[swing.change - swing.low], [swing.high - swing.change]]
    ax.errorbar([base + swing.change], [at], xerr=ends, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2, zorder=4)
    end = base + (max(swing.high, 0.0) if swing.change >= 0 else min(swing.low, 0.0))
    text = ax.annotate(swing.at, (end, at), xytext=(6 if swing.change >= 0 else -6, 0), textcoords="offset points")
    text.set(va="center", ha="left" if swing.change >= 0 else "right", fontsize=SMALL, zorder=6)
    return [base + swing.low, base + swing.high]
