"""How much each setting matters: bars of two indices per setting, the strongest on top, with their intervals."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from sim.report.chart_arms import Bar
from sim.report.figure import SMALL, headline
from sim.report.number import plain
from sim.report.palette import ALARM, GROUND, INK, OURS, SKY

_COLOURS = (OURS, SKY)
_HATCHES = ("", "///")


def chart_effects(
    ax: Axes,
    bars: Mapping[str, Sequence[Bar]],
    names: Sequence[str],
    *,
    xlabel: str,
    answer: str = "",
) -> Axes:
    """One group per setting from top to bottom, one bar per index, its value at its end; a legend names the indices.

    Parameters
    ----------
    bars
        Setting to its indices; where one has `raw`, that is a diamond beside the bar.
    names
        Of the indices, in the order of each setting's bars; one more names the diamond.
    """
    n = len(next(iter(bars.values())))
    reach = [0.0]
    for row, group in enumerate(bars.values()):
        for i, bar in enumerate(group):
            at = row + (i - (n - 1) / 2) * 0.4
            reach += _bar(ax, at, bar, (i, 0.36 if n > 1 else 0.55))
    for i, name in enumerate(names[:n]):
        ax.barh([0], [0], color=_COLOURS[i], hatch=_HATCHES[i], edgecolor=GROUND, linewidth=0, label=name)
    if len(names) > n:
        ax.scatter([], [], marker="D", s=22, color=ALARM, label=names[n])
    ax.set_yticks(range(len(bars)), labels=list(bars))
    ax.set(xlabel=xlabel, ylim=(len(bars) - 0.4, -0.6), xlim=(min(reach) * 1.1, max(reach) * 1.12 or 1.0))
    ax.xaxis.set_major_formatter("{x:,.6g}")
    if len(names) > 1:
        ax.legend(loc="lower right")
    headline(ax, answer)
    return ax


def _bar(ax: Axes, at: float, bar: Bar, kind: tuple[int, float]) -> list[float]:
    """Draw one and return how far it reaches."""
    i, height = kind
    drawn = ax.barh(at, bar.mean, height=height, color=_COLOURS[i], zorder=2)[0]
    drawn.set(hatch=_HATCHES[i], edgecolor=GROUND, linewidth=0)
    ends = [[bar.mean - bar.low], [bar.high - bar.mean]]
    ax.errorbar([bar.mean], [at], xerr=ends, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2, zorder=4)
    ax.scatter(bar.raw, [at] * len(bar.raw), marker="D", s=22, color=ALARM, linewidths=0, zorder=5)
    end = max(bar.mean, bar.high, 0.0, *bar.raw)
    text = ax.annotate(plain(bar.mean), (end, at), xytext=(6, 0), textcoords="offset points", va="center")
    text.set(fontsize=SMALL, zorder=6)
    return [bar.mean, bar.low, bar.high, *bar.raw]
