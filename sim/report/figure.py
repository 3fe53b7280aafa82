"""The house style of a figure: size, type, headline, names at the ends of lines. What is drawn is in chart_*.py."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Final

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.palette import INK, LIMIT, QUIET

SIZE: Final = (7.0, 4.0)
"""Width and height in inches; at 150 dpi 1050 x 600 pixels."""
DPI: Final = 150
HEADLINE: Final = "headline"
"""The group id of title and subtitle: a page says them in its own type and leaves them out of the drawing."""
SMALL: Final = 8.5
LINE_HEIGHT: Final = 1.3
_TITLE_WIDTH, _SUBTITLE_WIDTH = 72, 104

_STYLE: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],  # comes with Matplotlib; a page adds Verdana, of the same widths
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.0,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "axes.formatter.useoffset": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "transport-sim",
}


@dataclass(frozen=True, slots=True)
class End:
    """The end of a line and the name that is written there, in data coordinates."""

    name: str
    y: float
    colour: str


@contextmanager
def house_style() -> Iterator[None]:
    """Everything drawn or saved inside has the house's type and colours; outside nothing changes."""
    with style.context(["default", _STYLE]):  # "default" first, so that a user's own style cannot leak in
        yield


def blank(rows: int = 1, height: float = SIZE[1]) -> tuple[Figure, list[Axes]]:
    """An empty figure of the house's size, with `rows` panels above one another that share the horizontal axis."""
    figure = Figure(figsize=(SIZE[0], height), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    return figure, list(axes)


def headline(ax: Axes, text: str, *, lift: float = 0.0) -> None:
    """Write the first line of the text as the title, the rest below it; `lift` in points keeps room above the axes."""
    answer, _, question = text.partition("\n")
    subtitle = fill(question, _SUBTITLE_WIDTH)
    room = (subtitle.count("\n") + 1) * SMALL * LINE_HEIGHT if subtitle else 0.0
    title = ax.set_title(fill(answer, _TITLE_WIDTH), loc="left", pad=8 + lift + room)
    title.set_gid(HEADLINE)
    if subtitle:
        below = ax.annotate(
            subtitle, (0, 1), xytext=(0, 5 + lift), xycoords="axes fraction", textcoords="offset points"
        )
        below.set(color=QUIET, fontsize=SMALL, gid=HEADLINE, annotation_clip=False)


def label_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Name each line at the right edge, moved apart where two would overlap.

    Call it last: it needs the axis limits as they stay.
    """
    if not ends:
        return
    to_fraction = ax.transData + ax.transAxes.inverted()
    left = ax.get_xlim()[0]
    wanted = [float(to_fraction.transform((left, end.y))[1]) for end in ends]
    for end, y, placed in zip(ends, wanted, spread(wanted, _gap(ax)), strict=True):
        arrow = {"arrowstyle": "-", "color": end.colour, "lw": 0.6, "shrinkA": 2, "shrinkB": 0, "relpos": (0, 0.5)}
        moved = abs(placed - y) > 0.01
        label = ax.annotate(
            end.name, (1, y), xytext=(1.025, placed), xycoords="axes fraction", textcoords="axes fraction",
            arrowprops=arrow if moved else None, annotation_clip=False,
        )  # fmt: skip
        label.set(color=end.colour, va="center", fontsize=SMALL)


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions in [0, 1] as near as may be to those wanted, at least `gap` apart, in the same order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(wanted[i], placed[-1] + gap) if placed else max(wanted[i], 0.0))
    ceiling = 1.0
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], ceiling)
        ceiling = placed[at] - gap
    result = [0.0] * len(wanted)
    for i, position in zip(order, placed, strict=True):
        result[i] = position
    return result


def limit_line(ax: Axes, name: str, value: float) -> None:
    """A thin grey line across the axes that carries its own name."""
    ax.axhline(value, color=LIMIT, lw=0.8, zorder=1)
    label = ax.annotate(name, (0, value), xytext=(4, 3), xycoords=("axes fraction", "data"), textcoords="offset points")
    label.set(color=QUIET, fontsize=SMALL)


def _gap(ax: Axes) -> float:
    """The height of one line of small type as a fraction of the axes'."""
    figure = ax.get_figure()
    height_inches = figure.get_size_inches()[1] if isinstance(figure, Figure) else SIZE[1]
    # Constrained layout has not run yet: about 70 % of the height is left to a single panel.
    rows = max(1, ax.get_subplotspec().get_gridspec().nrows if ax.get_subplotspec() else 1)  # type: ignore[union-attr]
    return SMALL * LINE_HEIGHT / (72 * height_inches * 0.7 / rows)
