"""Several counts over time as panels above one another, with what happened marked across all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from sim.report.figure import LINE_HEIGHT, SMALL, End, headline, label_ends, limit_line
from sim.report.palette import DASHES, INK, LIMIT, ORDER, QUIET, SHADE

_LETTERS_ACROSS = 74
"""Letters of small type that fit across a panel, to see which names of events would overlap."""

_LETTERS_UP = 20
"""Letters of a label that fit beside one of several panels."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at an instant or over a span, in seconds from the start; without a name, just a mark."""

    name: str
    at: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A value that somebody measured or wishes, at an instant in seconds from the start."""

    name: str
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the lines of a timeline."""

    events: Sequence[Event] = ()
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    """To compare with, by the label of their panel."""
    limits: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    """A line with its name, by the label of its panel."""
    clock: int | None = None
    """The time of day at the start, in seconds; None counts from 0."""


NOTHING = Beside()


def chart_timeline(
    axes: Sequence[Axes],
    seconds: Sequence[float],
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    beside: Beside = NOTHING,
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per entry of `panels` (its vertical label), one line per count in it; `axes` has one per panel."""
    end = max(seconds)
    for ax, (label, counts) in zip(axes, panels.items(), strict=True):
        told = _in_two_lines(label) if len(panels) > 1 else label
        _panel(ax, seconds, told, counts, limit=beside.limits.get(label))
        for event in beside.events:
            _mark(ax, event)
        for point in beside.points.get(label, ()):
            _point(ax, point, end)
    lift = name_events(axes[0], beside.events, end)
    headline(axes[0], answer, lift=lift)
    axes[-1].set_xlabel("time since start (s)")
    if beside.clock is not None:
        _show_clock(axes[-1], beside.clock, end)
    return axes


def _show_clock(ax: Axes, start: int, end: float) -> None:
    ax.set_xlabel("time of day")
    ax.xaxis.set_major_locator(MultipleLocator(_step_of_clock(end)))
    ax.xaxis.set_major_formatter(lambda at, _: _time_of_day(start + at))


def _point(ax: Axes, point: Point, end: float) -> None:
    """A diamond with its name on the side where there is room."""
    ax.plot([point.at], [point.value], marker="D", markersize=5, color=INK, zorder=5, clip_on=False, linestyle="")
    ax.set_ylim(top=max(ax.get_ylim()[1], point.value * 1.15))
    is_late = point.at > 0.7 * end
    text = ax.annotate(
        point.name, (point.at, point.value), xytext=(-7 if is_late else 7, 0), textcoords="offset points",
        ha="right" if is_late else "left", va="center",
    )  # fmt: skip
    text.set(fontsize=SMALL, color=INK)


def _step_of_clock(seconds: float) -> float:
    return next((step for step in (10.0, 30.0, 60.0, 120.0, 300.0, 900.0) if seconds <= 8 * step), 3600.0)


def _time_of_day(seconds: float) -> str:
    whole = round(seconds) % 86_400
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _panel(
    ax: Axes,
    seconds: Sequence[float],
    label: str,
    counts: Mapping[str, Sequence[float]],
    *,
    limit: tuple[str, float] | None = None,
) -> None:
    ends = []
    for i, (name, values) in enumerate(counts.items()):
        colour = ORDER[i % len(ORDER)]
        ax.plot(seconds, values, linestyle=DASHES[i % len(DASHES)], color=colour, lw=1.2)
        known = [value for value in values if not isnan(value)]
        if known:
            ends.append(End(name, float(known[-1]), colour))
    highest = max((value for values in counts.values() for value in values if not isnan(value)), default=0)
    if limit is not None:
        limit_line(ax, *limit)
        highest = max(highest, 1.1 * limit[1])
    ax.set(ylabel=label, ylim=(0, highest * 1.1 or 1), xlim=(0, max(seconds)))
    ax.yaxis.set_major_formatter("{x:,.7g}")
    ax.yaxis.get_major_locator().set_params(nbins=4, integer=highest > 4)  # type: ignore[call-arg]
    label_ends(ax, ends)


def _in_two_lines(label: str) -> str:
    """A label that is longer than a panel is high, cut where a word ends nearest to its middle."""
    ends = [i + 1 for i, letter in enumerate(label) if letter in " _"]
    if len(label) <= _LETTERS_UP or not ends:
        return label
    cut = min(ends, key=lambda end: abs(end - len(label) / 2))
    return f"{label[:cut].rstrip()}\n{label[cut:]}"


def _mark(ax: Axes, event: Event) -> None:
    if event.until is not None:
        ax.axvspan(event.at, event.until, color=SHADE, alpha=0.5, linewidth=0, zorder=0)
    ax.axvline(event.at, color=LIMIT, lw=0.8, linestyle=(0, (2, 2)), zorder=1)


def name_events(ax: Axes, events: Sequence[Event], end: float) -> float:
    """Write the names above the panel, in as many rows as keep them apart; the points of height that they take."""
    free_from: list[float] = []
    places = ("data", "axes fraction")
    for event in sorted((event for event in events if event.name), key=lambda event: event.at):
        width = end * (len(event.name) + 2) / _LETTERS_ACROSS
        at = min(event.at, max(0.0, end - width))  # a name near the right edge moves left, its line stays
        row = next((i for i, free in enumerate(free_from) if free <= at), len(free_from))
        free_from[row : row + 1] = [at + width]
        above = (0, 3 + row * SMALL * LINE_HEIGHT)
        text = ax.annotate(event.name, (at, 1), xytext=above, xycoords=places, textcoords="offset points")
        text.set(color=QUIET, fontsize=SMALL, annotation_clip=False)
    return len(free_from) * SMALL * LINE_HEIGHT + 3 if free_from else 0.0
