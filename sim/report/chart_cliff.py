"""Shares of bad runs along an axis, with the bracket that parts good from bad and the closed forms beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.report.chart_lines import Axis
from sim.report.figure import SMALL, End, headline, label_ends
from sim.report.palette import DASHES, LIMIT, MARKERS, ORDER, QUIET

_MOST_DIRECT_LABELS = 5
_MOST_NAMED = 12
"""Names beside a picture; more of them would leave no room for it."""
_ZOOM = 6.0
"""The drawn stretch in widths of what is found, so that a bracket of 5 in 1,100 is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """One arm's looks."""

    x: Sequence[float]
    share: Sequence[float]
    n: Sequence[int]
    good: float | None
    bad: float | None
    estimate: tuple[float, float, float] | None = None
    """Where half are bad, and the ends of its interval."""


def chart_cliff(
    ax: Axes, shares: Mapping[str, Shares], axis: Axis, *, limits: Mapping[str, float], answer: str
) -> Axes:
    """Points for the shares, larger for more runs; a band for each bracket; a thin line for each closed form."""
    left, right = _stretch(shares, limits)
    for i, (name, one) in enumerate(shares.items()):
        _draw(ax, (i, name), one)
    ax.set_xlim(left, right)
    ax.set_ylim(-0.04, 1.12)
    ax.set(xlabel=axis.x, ylabel=axis.y)
    ax.xaxis.set_major_formatter("{x:,.6g}")
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    _limits(ax, limits, (left, right))
    headline(ax, answer)
    if len(shares) > _MOST_DIRECT_LABELS:
        named, names = ax.get_legend_handles_labels()
        more = f"and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        legend = ax.legend(named[:_MOST_NAMED], names[:_MOST_NAMED], loc="center left", bbox_to_anchor=(1.0, 0.5))
        legend.set_title(more)
    elif len(shares) > 1:
        ends = [End(name, _last(one, right), ORDER[i % len(ORDER)]) for i, (name, one) in enumerate(shares.items())]
        label_ends(ax, ends)
    return ax


def _draw(ax: Axes, arm: tuple[int, str], one: Shares) -> None:
    i, name = arm
    colour, dash, marker = ORDER[i % len(ORDER)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)]
    ax.plot(one.x, one.share, linestyle=dash, color=colour, lw=1.0, alpha=0.7, zorder=3, label=name)
    ax.scatter(one.x, one.share, s=[10 + 4 * n for n in one.n], color=colour, marker=marker, zorder=4)
    if one.good is not None and one.bad is not None:
        ax.axvspan(one.good, one.bad, color=colour, alpha=0.18, linewidth=0, zorder=1)
    if one.estimate is not None:
        middle, low, high = one.estimate
        ax.plot([low, high], [0.5, 0.5], color=colour, lw=2.4, solid_capstyle="butt", zorder=5)
        ax.plot([middle], [0.5], marker="|", markersize=11, color=colour, zorder=5)


def _limits(ax: Axes, limits: Mapping[str, float], stretch: tuple[float, float]) -> None:
    """A thin line with its name for each closed form; one that lies outside has its name at the edge, with an arrow."""
    left, right = stretch
    ordered = sorted(limits.items(), key=lambda item: item[1])
    inside = [(name, value) for name, value in ordered if left <= value <= right]
    for i, (name, value) in enumerate(inside):
        ax.axvline(value, color=LIMIT, lw=0.8, zorder=2)
        # names stand outside the outermost lines, so that none lies on another's
        is_left = i < len(inside) // 2 or (len(inside) == 1 and value > (left + right) / 2)
        _name(ax, name, ((value - left) / (right - left), 0.97 - 0.15 * (i // 2 % 3)), is_left=is_left)
    for i, (name, value) in enumerate(one for one in ordered if one not in inside):
        # a name as far outside as its value would leave no room for the axes
        text, edge = (f"← {name}", 0.0) if value < left else (f"{name} →", 1.0)
        _name(ax, text, (edge, 0.62 - 0.08 * (i % 6)), is_left=value > right)


def _name(ax: Axes, text: str, at: tuple[float, float], *, is_left: bool) -> None:
    label = ax.annotate(
        text, at, xytext=(-4 if is_left else 4, 0), xycoords="axes fraction", textcoords="offset points"
    )
    label.set(color=QUIET, fontsize=SMALL, ha="right" if is_left else "left", va="center")


def _stretch(shares: Mapping[str, Shares], limits: Mapping[str, float]) -> tuple[float, float]:
    """What is drawn: all looks, or their neighbourhood where what is found is narrow beside them."""
    points = [x for one in shares.values() for x in one.x]
    ends = [x for one in shares.values() for x in (one.good, one.bad) if x is not None]
    found = [*ends, *(limits.values() if ends else ())]
    low, high = min(points), max(points)
    if len(found) > 1:
        middle, width = (min(found) + max(found)) / 2, max(found) - min(found)
        mixed = [x for one in shares.values() for x, share in zip(one.x, one.share, strict=True) if 0 < share < 1]
        reach = max(_ZOOM * width / 2, *(abs(x - middle) * 1.2 for x in mixed), 0.0)
        low, high = max(low, middle - reach), min(high, middle + reach)
    margin = (high - low) * 0.04 or 1.0
    return low - margin, high + margin


def _last(one: Shares, right: float) -> float:
    inside = [share for x, share in zip(one.x, one.share, strict=True) if x <= right]
    return inside[-1] if inside else one.share[-1]
