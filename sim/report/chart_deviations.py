"""How far off: a point for each comparison, by how many of its tolerances it lies beside what was measured."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.palette import ALARM, OURS, QUIET, SHADE

MOST = 3.0
"""Deviations beyond are drawn here, as arrows."""
_STEPS = 7
_STEP = 0.09


def chart_deviations(ax: Axes, groups: Mapping[str, Sequence[float]], *, answer: str = "") -> Axes:
    """A row of points per group, the tolerance as a band.

    Parameters
    ----------
    groups
        Name of a group to its deviations, in tolerances: 1 is just within.
    answer
        The title; what follows its first line is the subtitle.
    """
    ax.axvspan(-1, 1, color=SHADE, alpha=0.6, linewidth=0, zorder=0)
    ax.axvline(0, color=QUIET, lw=0.8, zorder=1)
    for row, deviations in enumerate(groups.values()):
        for i, deviation in enumerate(sorted(deviations)):
            _point(ax, deviation, row + _STEP * (i % _STEPS - _STEPS // 2))
    ax.set_yticks(range(len(groups)), labels=list(groups), fontsize=SMALL)
    ax.set(
        xlabel="(simulated - measured) / tolerance", xlim=(-MOST - 0.15, MOST + 0.15), ylim=(len(groups) - 0.4, -0.6)
    )
    headline(ax, answer)
    return ax


def _point(ax: Axes, deviation: float, row: float) -> None:
    shown = max(-MOST, min(MOST, deviation))
    is_beyond = shown != deviation
    marker = ("<" if deviation < 0 else ">") if is_beyond else "o"
    ax.plot([shown], [row], marker, color=OURS if abs(deviation) <= 1 else ALARM, ms=3.2, alpha=0.75, mew=0, zorder=3)
