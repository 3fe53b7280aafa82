"""Several counts over time as panels above one another, with what happened marked across all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.report.figure import LINE_HEIGHT, SMALL, End, headline, label_ends
from sim.report.palette import DASHES, LIMIT, ORDER, QUIET, SHADE

_LETTERS_ACROSS = 105
"""Letters of small type that fit across a panel, to see which names of events would overlap."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at an instant or over a span, in seconds from the start."""

    name: str
    at: float
    until: float | None = None


def chart_timeline(
    axes: Sequence[Axes],
    seconds: Sequence[float],
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    events: Sequence[Event] = (),
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per entry of `panels` (its vertical label), one line per count in it; `axes` has one per panel."""
    for ax, (label, counts) in zip(axes, panels.items(), strict=True):
        _panel(ax, seconds, label, counts)
        for event in events:
            _mark(ax, event)
    lift = name_events(axes[0], events, max(seconds))
    headline(axes[0], answer, lift=lift)
    axes[-1].set_xlabel("time since start (s)")
    return axes


def _panel(ax: Axes, seconds: Sequence[float], label: str, counts: Mapping[str, Sequence[float]]) -> None:
    ends = []
    for i, (name, values) in enumerate(counts.items()):
        colour = ORDER[i % len(ORDER)]
        ax.plot(seconds, values, linestyle=DASHES[i % len(DASHES)], color=colour, lw=1.2)
        ends.append(End(name, float(values[-1]), colour))
    highest = max((max(values) for values in counts.values()), default=0)
    ax.set(ylabel=label, ylim=(0, highest * 1.1 or 1), xlim=(0, max(seconds)))
    ax.yaxis.set_major_formatter("{x:,.6g}")
    ax.yaxis.get_major_locator().set_params(nbins=4, integer=True)  # type: ignore[call-arg]
    label_ends(ax, ends)


def _mark(ax: Axes, event: Event) -> None:
    if event.until is not None:
        ax.axvspan(event.at, event.until, color=SHADE, alpha=0.5, linewidth=0, zorder=0)
    ax.axvline(event.at, color=LIMIT, lw=0.8, linestyle=(0, (2, 2)), zorder=1)


def name_events(ax: Axes, events: Sequence[Event], end: float) -> float:
    """Write the names above the panel, in as many rows as keep them apart; the points of height that they take."""
    free_from: list[float] = []
    places = ("data", "axes fraction")
    for event in sorted(events, key=lambda event: event.at):
        width = end * (len(event.name) + 2) / _LETTERS_ACROSS
        at = min(event.at, max(0.0, end - width))  # a name near the right edge moves left, its line stays
        row = next((i for i, free in enumerate(free_from) if free <= at), len(free_from))
        free_from[row : row + 1] = [at + width]
        above = (0, 3 + row * SMALL * LINE_HEIGHT)
        text = ax.annotate(event.name, (at, 1), xytext=above, xycoords=places, textcoords="offset points")
        text.set(color=QUIET, fontsize=SMALL, annotation_clip=False)
    return len(free_from) * SMALL * LINE_HEIGHT + 3 if free_from else 0.0
