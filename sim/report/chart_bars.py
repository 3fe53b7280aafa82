"""Shares of a whole: who gets how much, arm beside arm, against the fair share."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.text import Annotation

from sim.report.figure import SMALL, headline
from sim.report.palette import GROUND, LIMIT, ORDER, QUIET

_HATCHES = ("", "///", "...", "xx", "\\\\\\", "++")
_GROUP = 0.8


def chart_bars(
    ax: Axes,
    parts: Sequence[str],
    shares: Mapping[str, Sequence[float]],
    *,
    intervals: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    answer: str = "",
) -> Axes:
    """One bar per part and arm, its value at its end, the arm's name at its bar in the first group.

    Parameters
    ----------
    parts
        Names of those who share, from top to bottom, shape ``(n,)``.
    shares
        Arm to shares between 0 and 1, each of shape ``(n,)``.
    intervals
        Arm to (low, high) between 0 and 1, each of shape ``(n, 2)``.
    answer
        The title; what follows its first line is the subtitle: the question and the setting.
    """
    for i, (arm, values) in enumerate(shares.items()):
        rows = _rows(i, len(shares), len(values))
        _bars(ax, (i, len(shares)), rows, [100 * value for value in values])
        ends = intervals[arm] if intervals and arm in intervals else ()
        if ends:
            _whiskers(ax, rows, values, ends)
        for at, (row, value) in enumerate(zip(rows, values, strict=True)):
            text = f"{100 * value:.1f} %" + (f"  {arm}" if at == 0 and arm else "")
            _write(ax, text, (100 * (ends[at][1] if ends else value), row))
    fair = 100 / len(parts)
    ax.axvline(fair, color=LIMIT, lw=0.8, zorder=4)
    _write(ax, f"fair share: {fair:.3g} %", (fair, len(parts) - 0.35)).set_color(QUIET)
    ax.set_yticks(range(len(parts)), labels=list(parts))
    ax.set(xlabel="share (%)", xlim=(0, 108), ylim=(len(parts) - 0.1, -0.6))
    headline(ax, answer)
    return ax


def _bars(ax: Axes, place: tuple[int, int], rows: Sequence[float], percent: Sequence[float]) -> None:
    i, arms = place
    for bar in ax.barh(rows, percent, height=_GROUP / arms * 0.92, color=ORDER[i % len(ORDER)], zorder=2):
        bar.set(hatch=_HATCHES[i % len(_HATCHES)], edgecolor=GROUND, linewidth=0)


def _write(ax: Axes, text: str, at: tuple[float, float]) -> Annotation:
    """Small type right of a point, on the picture's ground, so that no line runs through it."""
    label = ax.annotate(text, at, xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL, zorder=6)
    label.set_bbox({"facecolor": GROUND, "edgecolor": "none", "pad": 0.8})
    return label


def _rows(i: int, arms: int, n: int) -> list[float]:
    return [row - _GROUP / 2 + _GROUP / arms * (i + 0.5) for row in range(n)]


def _whiskers(ax: Axes, rows: Sequence[float], values: Sequence[float], ends: Sequence[tuple[float, float]]) -> None:
    below = [100 * (value - low) for value, (low, _) in zip(values, ends, strict=True)]
    above = [100 * (high - value) for value, (_, high) in zip(values, ends, strict=True)]
    means = [100 * value for value in values]
    ax.errorbar(means, rows, xerr=[below, above], fmt="none", ecolor=QUIET, elinewidth=1.0, capsize=2, zorder=5)
