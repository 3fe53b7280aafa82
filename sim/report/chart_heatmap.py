"""A metric over two axes whose every combination was run: a cell each, one panel per arm. It interpolates nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.report.number import plain
from sim.report.palette import QUIET
from sim.report.panels import COLOURS, Scale, colour_bar, name_axes, name_panels, scale_of

_MOST_NUMBERS_ACROSS = 14
"""Cells beside one another, over all panels of a row, that still hold a number of six characters."""
_MOST_NUMBERS_DOWN = 10
_LETTERS_ACROSS = 72
_NAMES_DOWN = 12
LIGHT, DARK = "#FDFDFD", "#111111"
"""On colours that no theme changes; hence not the palette's ground and ink, which a dark page turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The points of both axes in ascending order, and the unit-bearing names of axes and colour."""

    x: Sequence[float]
    y: Sequence[float]
    x_label: str
    y_label: str
    label: str


def chart_heatmap(
    axes: Sequence[Axes],
    panels: Mapping[str, NDArray[np.float64]],
    cells: Cells,
    *,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per name, its values as (y, x); NaN leaves a cell empty. A line runs where the limit is crossed."""
    known = [float(v) for grid in panels.values() for v in grid.flat if not isnan(v)]
    scale = scale_of(known)
    across = len({ax.get_position().x0 for ax in axes})
    is_small = len(cells.x) * across > _MOST_NUMBERS_ACROSS or len(cells.y) > _MOST_NUMBERS_DOWN
    for ax, grid in zip(axes, panels.values(), strict=True):
        ax.pcolormesh(
            grid,
            cmap=COLOURS,
            norm=scale.norm,
            edgecolors="face" if is_small else LIGHT,
            linewidth=0.2 if is_small else 0.6,
        )
        if not is_small:
            _write(ax, grid, scale)
        if limit is not None:
            _outline(ax, grid, limit[1])
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
    _ticks(axes, cells, across)
    name_axes(axes, cells.x_label, cells.y_label)
    name_panels(axes, list(panels) if len(panels) > 1 else [""], answer)
    colour_bar(axes, scale, cells.label, limit=limit)
    return axes


def _write(ax: Axes, grid: NDArray[np.float64], scale: Scale) -> None:
    for (row, column), value in np.ndenumerate(grid):
        if not isnan(value):
            colour = LIGHT if scale.share(float(value)) < 0.6 else DARK
            ax.text(column + 0.5, row + 0.5, plain(value), ha="center", va="center", fontsize=7.5, color=colour)


def _outline(ax: Axes, grid: NDArray[np.float64], limit: float) -> None:
    """A line along the edges between cells on either side of the limit; where it runs between them nobody knows."""
    above = np.where(np.isnan(grid), np.nan, grid > limit)
    for (row, column), side in np.ndenumerate(above):
        for beside, xs, ys in (
            ((row, column + 1), (column + 1, column + 1), (row, row + 1)),
            ((row + 1, column), (column, column + 1), (row + 1, row + 1)),
        ):
            if beside[0] < grid.shape[0] and beside[1] < grid.shape[1] and abs(above[beside] - side) == 1:
                ax.plot(xs, ys, color=LIGHT, lw=3.2, solid_capstyle="projecting", zorder=4)
                ax.plot(xs, ys, color=DARK, lw=1.6, solid_capstyle="projecting", zorder=5)


def _ticks(axes: Sequence[Axes], cells: Cells, across: int) -> None:
    widest = max(len(f"{x:,.4g}") for x in cells.x)
    step_x = -(-len(cells.x) * across * (widest + 1) // _LETTERS_ACROSS)
    step_y = -(-len(cells.y) // _NAMES_DOWN)
    at_x, at_y = range(0, len(cells.x), max(1, step_x)), range(0, len(cells.y), max(1, step_y))
    for ax in axes:
        ax.set_xticks([i + 0.5 for i in at_x], labels=[f"{cells.x[i]:,.4g}" for i in at_x])
        ax.set_yticks([i + 0.5 for i in at_y], labels=[f"{cells.y[i]:,.4g}" for i in at_y])
        ax.tick_params(labelcolor=QUIET)
