"""How long the slow ones take: a quantity by percentile, the tail drawn as wide as the middle."""

from collections.abc import Mapping, Sequence
from math import log10

from matplotlib.axes import Axes

from sim.report.figure import End, headline, label_ends, limit_line
from sim.report.palette import look

NINES = (0.5, 0.9, 0.99, 0.999, 0.9999)


def chart_percentiles(
    ax: Axes,
    curves: Mapping[str, Sequence[tuple[float, float]]],
    *,
    ylabel: str,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Axes:
    """One curve per name through its (share below, value) points; each nine takes the same width.

    Parameters
    ----------
    curves
        Name to points, the share in [0, 1), the value in the unit that `ylabel` says.
    """
    ends, reached = [], 0.0
    for i, (name, points) in enumerate(curves.items()):
        colour, dash, marker = look(i)
        xs = [nines(share) for share, _ in points]
        ys = [value for _, value in points]
        ax.plot(xs, ys, linestyle=dash, marker=marker, color=colour)
        ends.append(End(name, ys[-1], colour))
        reached = max(reached, *xs)
    if limit is not None:
        limit_line(ax, *limit)
    highest = max([end.y for end in ends] + ([limit[1]] if limit else []))
    shown = [share for share in NINES if nines(share) <= reached + 1e-9]
    ax.set_xticks([nines(share) for share in shown], labels=[f"{100 * share:.6g}" for share in shown])
    ax.set(xlabel="percentile (each nine takes the same width)", ylabel=ylabel, ylim=(0, highest * 1.1 or 1))
    ax.yaxis.set_major_formatter("{x:,.6g}")
    headline(ax, answer)
    label_ends(ax, ends)
    return ax


def nines(share: float) -> float:
    """How many nines a share has: 0.9 has one, 0.99 two, 0.5 a third of one."""
    return -log10(1 - share)
