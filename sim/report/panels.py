"""A figure of several panels in one scale of colour: one panel for each arm. What is in a panel: chart_*.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator

from sim.report.figure import DPI, HEADLINE, LINE_HEIGHT, SIZE, SMALL, house_style
from sim.report.palette import INK, QUIET
from sim.report.picture import Picture

COLOURS = "viridis"
"""Perceptually uniform, rising in lightness all the way: it reads in grey and to the colour-blind (Matplotlib 1.5)."""
WIDE_RANGE = 10
"""Where the largest value is so many times the smallest, colours follow the logarithm."""
_ACROSS = (1, 2, 3, 2, 3, 3, 4, 4, 3)
"""Panels beside one another where there are one, two, three ... of them: full rows where that is possible."""
_TITLE_WIDTH, _SUBTITLE_WIDTH, _TITLE_SIZE = 72, 104, 11.5
_LETTERS_ACROSS = 74
"""Letters of small type that fit across all panels together."""


def panelled(
    name: str,
    words: tuple[str, str, str],
    draw: Callable[[list[Axes], str], object],
    *,
    panels: int,
    shares_x: bool = True,
) -> Picture:
    """Draw so many panels on a figure of the house's width; `words` are answer, question and caption."""
    answer, question, caption = words
    across = _ACROSS[panels - 1] if panels <= len(_ACROSS) else _ACROSS[-1]
    rows = ceil(panels / across)
    with house_style():
        height = SIZE[1] if rows == 1 and across == 1 else 1.3 + rows * (2.6 if across < 3 else 2.0)
        figure = Figure(figsize=(SIZE[0], height), dpi=DPI, layout="constrained")
        axes = list(figure.subplots(rows, across, sharex=shares_x, sharey=True, squeeze=False).flat)
        for empty in axes[panels:]:
            empty.remove()
        draw(axes[:panels], f"{answer}\n{question}")
    told = f"{answer}. {question} {caption}"
    return Picture(name=name, answer=answer, question=question, caption=caption, alternative=told, figure=figure)


def name_panels(axes: Sequence[Axes], names: Sequence[str], answer: str) -> None:
    """Write the names above the panels, folded to their width, and the headline above the first of them."""
    width = max(8, _LETTERS_ACROSS // _across(axes) - 2)
    for ax, name in zip(axes, names, strict=True):
        if name:
            ax.set_title(_folded(name, width), pad=4, color=QUIET, fontsize=SMALL, fontweight="normal")
    figure = axes[0].get_figure()
    if isinstance(figure, Figure):
        _head(figure, answer)


def _head(figure: Figure, answer: str) -> None:
    """A headline over the whole width, in room of its own: a title of the first panel would push the second away."""
    title, _, question = answer.partition("\n")
    texts = [
        (fill(title, _TITLE_WIDTH), _TITLE_SIZE, INK, "bold"),
        (fill(question, _SUBTITLE_WIDTH), SMALL, QUIET, "normal"),
    ]
    heights = [(text.count("\n") + 1) * size * LINE_HEIGHT / 72 if text else 0.0 for text, size, _, _ in texts]
    room, top = sum(heights) + 0.12, figure.get_figheight()
    figure.set_figheight(top + room)
    share = room / (top + room)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, 1 - share))
    y = 1.0
    for (text, size, colour, weight), height in zip(texts, heights, strict=True):
        line = figure.text(0.012, y, text, fontsize=size, color=colour, fontweight=weight, va="top", gid=HEADLINE)
        line.set_linespacing(LINE_HEIGHT - 0.1)
        y -= height / (top + room)


def name_axes(axes: Sequence[Axes], x: str, y: str) -> None:
    """Name the axes once, below and to the left of all panels."""
    across = _across(axes)
    for i, ax in enumerate(axes):
        if i % across == 0:
            ax.set_ylabel(y)
        if i + across >= len(axes):  # nothing stands below it
            ax.set_xlabel(x)
            ax.tick_params(labelbottom=True)


@dataclass(frozen=True, slots=True)
class Scale:
    """The colours of all panels, from the lowest value to the highest."""

    low: float
    high: float
    is_log: bool

    @property
    def norm(self) -> Normalize:
        """The same as Matplotlib has it."""
        return LogNorm(self.low, self.high) if self.is_log else Normalize(self.low, self.high)

    def share(self, value: float) -> float:
        """Where the value stands between the lowest, 0, and the highest, 1."""
        if self.is_log:
            return log(max(value, 1e-300) / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def levels(self, n: int) -> list[float]:
        """The bounds of n steps that look alike."""
        shares = [i / n for i in range(n + 1)]
        if self.is_log:
            return [self.low * (self.high / self.low) ** share for share in shares]
        return [self.low + (self.high - self.low) * share for share in shares]


def scale_of(values: Sequence[float]) -> Scale:
    """The scale of colour for all panels: logarithmic over a wide range of values above 0."""
    low, high = min(values), max(values)
    return Scale(low, high if high > low else low + 1, low > 0 and high / low >= WIDE_RANGE)


def colour_bar(axes: Sequence[Axes], scale: Scale, label: str, *, limit: tuple[str, float] | None) -> None:
    """The scale at the right of all panels, with the limit marked on it."""
    figure = axes[0].get_figure()
    if not isinstance(figure, Figure):
        raise TypeError("a colour bar needs a figure of its own")
    is_log = scale.is_log
    bar = figure.colorbar(
        ScalarMappable(scale.norm, COLOURS),
        ax=list(axes),
        label=label + (", log scale" if is_log else ""),
        pad=0.02,
        aspect=30,
    )
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter("{x:,.6g}")
    if is_log:
        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        bar.ax.minorticks_off()
    if limit is not None and 0 <= scale.share(limit[1]) <= 1:
        bar.ax.axhline(limit[1], color="#FDFDFD", lw=2.4)
        bar.ax.axhline(limit[1], color="#111111", lw=1.2)


def _across(axes: Sequence[Axes]) -> int:
    spec = axes[0].get_subplotspec()
    return 1 if spec is None else spec.get_gridspec().ncols


def _folded(name: str, width: int) -> str:
    """The name in at most two lines; snake_case breaks after an underscore, too long a one loses its middle."""
    if len(name) <= width:
        return name
    if len(name) > 2 * width - 4:
        return f"{name[: width - 1]}…\n…{name[1 - width :]}"
    words = name.replace("_", "_\0").replace("-", "-\0").replace(" ", " \0").split("\0")
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += word
    return "\n".join(line.strip() for line in lines[:2]) + "".join(lines[2:])
