"""A metric over arms and the values of an axis that is no number: a table in which colour says what is large."""

from collections.abc import Sequence
from math import isnan

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.report.chart_heatmap import DARK, LIGHT
from sim.report.number import plain
from sim.report.palette import QUIET
from sim.report.panels import COLOURS, colour_bar, name_panels, scale_of

MOST_ROWS, MOST_COLUMNS = 24, 9


def chart_matrix(
    ax: Axes, grid: NDArray[np.float64], names: tuple[Sequence[str], Sequence[str]], *, label: str, answer: str = ""
) -> Axes:
    """`grid` as (row, column), the first row on top; `names` are those of rows and columns. NaN leaves a cell empty."""
    rows, columns = names
    scale = scale_of([float(value) for value in grid.flat if not isnan(value)])
    ax.pcolormesh(grid[::-1], cmap=COLOURS, norm=scale.norm, edgecolors=LIGHT, linewidth=0.6)
    for (row, column), value in np.ndenumerate(grid[::-1]):
        if not isnan(value):
            colour = LIGHT if scale.share(float(value)) < 0.6 else DARK
            ax.text(column + 0.5, row + 0.5, plain(float(value)), ha="center", va="center", fontsize=7.5, color=colour)
    ax.set_xticks([i + 0.5 for i in range(len(columns))], labels=[name.replace("_", "\n") for name in columns])
    ax.set_yticks([i + 0.5 for i in range(len(rows))], labels=list(reversed(rows)))
    ax.tick_params(length=0, labelcolor=QUIET)
    ax.spines[:].set_visible(False)
    name_panels([ax], [""], answer)
    colour_bar([ax], scale, label, limit=None)
    return ax
