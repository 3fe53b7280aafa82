"""How a metric is spread over the replications: one curve per arm through all of its values."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.palette import DASHES, LIMIT, ORDER, QUIET

_MOST_MARKED = 40


def chart_distribution(
    ax: Axes,
    values: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Axes:
    """Each arm's share of replications at or below a value (its empirical distribution), a dot per replication."""
    low = min(min(each) for each in values.values())
    high = max(max(each) for each in values.values())
    margin = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    for i, (name, each) in enumerate(values.items()):
        ordered, n = sorted(each), len(each)
        shares = [(rank + 1) / n for rank in range(n)]
        colour, dash = ORDER[i % len(ORDER)], DASHES[i // len(ORDER) % len(DASHES)]
        ax.step(
            [low - margin, *ordered, high + margin], [0, *shares, 1.0], where="post", color=colour, linestyle=dash,
            label=name, lw=1.4,
        )  # fmt: skip
        if n <= _MOST_MARKED:
            ax.scatter(ordered, shares, s=10, color=colour, linewidths=0, zorder=3)
    if limit is not None:
        ax.axvline(limit[1], color=LIMIT, lw=0.8, zorder=1)
        place: Any = ("data", "axes fraction")
        told = ax.annotate(limit[0], (limit[1], 0), xytext=(4, 4), xycoords=place, textcoords="offset points")
        told.set(color=QUIET, fontsize=SMALL)
    ax.set(xlabel=xlabel, ylabel="share of replications at or below", ylim=(0, 1.04))
    ax.set_xlim(low - margin if limit is None else min(low, limit[1]) - margin, None)
    ax.xaxis.set_major_formatter("{x:,.6g}")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    headline(ax, answer)
    return ax
