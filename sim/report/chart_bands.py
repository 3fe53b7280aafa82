"""Levels over time, measured and simulated, as small multiples: a row for each case, a column for each level."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.figure import DPI, SMALL
from sim.report.palette import INK, OURS, QUIET

CELL = (2.4, 1.5)
"""Inches of one small multiple."""


def grid_of_axes(rows: int, columns: int) -> tuple[Figure, list[list[Axes]]]:
    """A figure of `rows` x `columns` small multiples."""
    width, height = CELL[0] * columns + 0.8, CELL[1] * rows + 1.0
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, columns, sharex="row", squeeze=False)
    return figure, [list(row) for row in axes]


def chart_bands(
    axes: Sequence[Sequence[Axes]],
    cases: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]],
    levels: Sequence[str],
) -> Sequence[Sequence[Axes]]:
    """Draw each case's measured and simulated bands (`sim.validation.curves.Band`), one row per case."""
    for row, (case, (measured, simulated)) in zip(axes, cases.items(), strict=True):
        for ax, level in zip(row, levels, strict=True):
            _cell(ax, measured.get(level), simulated.get(level))
        row[0].set_ylabel(case, fontsize=SMALL, color=INK)
    for ax, level in zip(axes[0], levels, strict=True):
        ax.set_title(level, fontsize=SMALL, loc="left", color=INK, fontweight="normal")
    for ax in axes[-1]:
        ax.set_xlabel("time since start (s)", fontsize=SMALL)
    return axes


def _cell(ax: Axes, measured: Any, simulated: Any) -> None:
    if measured is not None:
        ax.fill_between(measured.seconds, measured.low, measured.high, color=INK, alpha=0.25, linewidth=0)
        ax.plot(measured.seconds, measured.mean, color=INK, lw=0.8)
    if simulated is not None:
        ax.fill_between(simulated.seconds, simulated.low, simulated.high, color=OURS, alpha=0.2, linewidth=0)
        ax.plot(simulated.seconds, simulated.mean, color=OURS, lw=1.1, linestyle=(0, (4, 1.5)))
    ax.tick_params(labelsize=7, colors=QUIET)
    ax.set_ylim(bottom=0)
    ax.margins(x=0)
