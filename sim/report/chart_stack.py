"""What wholes are made of: a bar for each, cut into parts, with the length of the whole at its end."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.palette import GROUND, ORDER

_HATCHES = ("", "///", "...", "xx")
_NAMED_FROM = 0.06
"""Share of the longest bar from which on a part has its figure written into it."""


def chart_stack(
    ax: Axes, bars: Mapping[str, Mapping[str, float]], *, unit: str, ends: Sequence[str], answer: str = ""
) -> Axes:
    """Bars from top to bottom, of parts from left to right; parts of which no bar has anything are left out.

    Parameters
    ----------
    bars : name of each bar to its parts and their lengths.
    ends : what stands at the end of each bar, in the order of the bars.
    """
    names = [part for part in next(iter(bars.values())) if any(bar[part] > 0 for bar in bars.values())]
    longest = max(sum(bar.values()) for bar in bars.values()) or 1.0
    for i, part in enumerate(names):
        colour, hatch = ORDER[i % len(ORDER)], _HATCHES[i // len(ORDER) % len(_HATCHES)]
        starts = [sum(bar[before] for before in names[:i]) for bar in bars.values()]
        widths = [bar[part] for bar in bars.values()]
        ax.barh(range(len(bars)), widths, left=starts, height=0.62, color=colour, hatch=hatch, edgecolor=GROUND,
                linewidth=0, label=part, zorder=2)  # fmt: skip
        for row, (start, width) in enumerate(zip(starts, widths, strict=True)):
            if width >= _NAMED_FROM * longest and not hatch:
                ax.text(start + width / 2, row, f"{width:.3g}", color=GROUND, fontsize=SMALL, ha="center", va="center")
    for row, (bar, text) in enumerate(zip(bars.values(), ends, strict=True)):
        ax.annotate(text, (sum(bar.values()), row), xytext=(5, 0), textcoords="offset points", va="center",
                    fontsize=SMALL)  # fmt: skip
    ax.set_yticks(range(len(bars)), labels=list(bars))
    ax.set(xlabel=unit, xlim=(0, 1.18 * longest), ylim=(len(bars) - 0.5, -0.5))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    headline(ax, answer)
    return ax
