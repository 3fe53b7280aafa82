"""Load over time on each of many places: a row for each place, a colour for each step. Not what the places are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.report.chart_timeline import Event, name_events
from sim.report.figure import headline
from sim.report.palette import GROUND
from sim.report.panels import COLOURS

_INCHES_BY_ROW, _LEAST_INCHES, _MOST_INCHES = 0.04, 1.5, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The length of a step in seconds, and what places and colours are called, with the unit of the latter."""

    seconds: float
    place: str
    label: str
    first: Mapping[str, int] = field(default_factory=dict)
    """Panel to the number of its first place; 0 where it is not said."""


def height_of(places: int) -> float:
    """Inches of a panel with so many places: a row stays some pixels high up to 150 of them."""
    return min(max(_LEAST_INCHES, places * _INCHES_BY_ROW), _MOST_INCHES)


def chart_load(
    axes: Sequence[Axes],
    panels: Mapping[str, NDArray[np.float64]],
    steps: Steps,
    *,
    events: Sequence[Event] = (),
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per name, its loads as (places, steps), the first place on top. Colours begin at 0, the same in all."""
    most = max(float(grid.max()) for grid in panels.values())
    scale = Normalize(0, most or 1)
    end = max(grid.shape[1] for grid in panels.values()) * steps.seconds
    for ax, (name, grid) in zip(axes, panels.items(), strict=True):
        places, number = grid.shape
        top = steps.first.get(name, 0) - 0.5
        # "nearest" makes an image as sharp as the page: a browser would blur one of a pixel per cell
        ax.imshow(
            grid, cmap=COLOURS, norm=scale, aspect="auto", interpolation="nearest",
            extent=(0, number * steps.seconds, top + places, top),
        )  # fmt: skip
        for instant in (instant for event in events for instant in (event.at, event.until) if instant is not None):
            ax.axvline(instant, color=GROUND, lw=1.2, linestyle=(0, (3, 2)))
        ax.set(ylabel=f"{name} {steps.place}".strip(), xlim=(0, end))
        ax.yaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=(1, 2, 5, 10)))
        ax.spines[:].set_visible(False)
    headline(axes[0], answer, lift=name_events(axes[0], events, end))
    axes[-1].set_xlabel("time since start (s)")
    _bar(axes, scale, steps.label)
    return axes


def _bar(axes: Sequence[Axes], scale: Normalize, label: str) -> None:
    figure = axes[0].figure
    bar = figure.colorbar(ScalarMappable(scale, COLOURS), ax=list(axes), label=label, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter("{x:,.6g}")
