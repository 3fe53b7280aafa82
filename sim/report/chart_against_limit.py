"""Levels over time against the limit that they must not reach. What they are called comes with the data."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from sim.report.figure import End, headline, label_ends, limit_line
from sim.report.palette import DASHES, ORDER


def chart_against_limit(
    ax: Axes,
    seconds: Sequence[float],
    levels: Mapping[str, Sequence[float]],
    *,
    limit: tuple[str, float],
    answer: str = "",
) -> Axes:
    """One line per level, named at its end; the limit as a thin grey line that carries its own name.

    Parameters
    ----------
    seconds
        From the start, shape ``(n,)``.
    levels
        Name to counts, each of shape ``(n,)``.
    limit
        Its name and its value, in the levels' unit.
    answer
        The title; what follows its first line is the subtitle: the question and the setting.
    """
    name, value = limit
    ends = []
    for i, (level_name, level) in enumerate(levels.items()):
        colour = ORDER[i % len(ORDER)]
        ax.plot(seconds, level, linestyle=DASHES[i % len(DASHES)], color=colour)
        ends.append(End(level_name, float(level[-1]), colour))
    limit_line(ax, f"{name}: {value:,.0f}", value)
    highest = max([value, *(max(level) for level in levels.values())])
    ax.set(xlabel="time since start (s)", ylabel="count", ylim=(0, highest * 1.1))
    ax.margins(x=0)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    headline(ax, answer)
    label_ends(ax, ends)
    return ax
