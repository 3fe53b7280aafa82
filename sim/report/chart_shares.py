"""Shares of many: from the fullest to the emptiest, against the fair share. Of a few, chart_bars.py names each."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.report.figure import headline, limit_line
from sim.report.palette import OURS


def chart_shares(ax: Axes, shares: Sequence[float], many: str, *, answer: str = "") -> Axes:
    """A step for each of the shares (between 0 and 1, of all together), the largest first; `many` is what they are."""
    sorted_ones = sorted((100 * share for share in shares), reverse=True)
    n = len(sorted_ones)
    ax.stairs(sorted_ones, [i + 0.5 for i in range(n + 1)], fill=True, color=OURS)
    limit_line(ax, f"fair share: {100 / n:.3g} %", 100 / n)
    ax.set(xlabel=f"{many}, the fullest first", ylabel="share (%)", xlim=(0.5, n + 0.5))
    ax.set_ylim(0, 1.1 * max(*sorted_ones, 100 / n))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    headline(ax, answer)
    return ax
