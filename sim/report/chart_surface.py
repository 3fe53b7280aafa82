"""A metric over two axes from scattered points: filled contours interpolated between them, with the points on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.report.chart_heatmap import DARK, LIGHT
from sim.report.panels import COLOURS, colour_bar, name_axes, name_panels, scale_of

FEWEST = 6
"""Fewer points say nothing of what lies between them."""
_GRID = 80
_LEVELS = 12
_FLAT = 1e-6
"""Points whose distances from a line add up to less, on axes of length 1, lie on it."""
Points = NDArray[np.float64]
"""(n, 3): x, y and the value there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The names of axes and colour, and which axes were covered evenly in the logarithm."""

    x_label: str
    y_label: str
    label: str
    log: tuple[bool, bool] = (False, False)


def chart_surface(
    axes: Sequence[Axes],
    panels: Mapping[str, Points],
    ground: Ground,
    *,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per name; within the hull of its points the surface, a line where it meets the limit."""
    scale = scale_of([float(v) for points in panels.values() for v in points[:, 2]])
    for ax, points in zip(axes, panels.values(), strict=True):
        _scale(ax, points, ground)
        grid = surface(points, ground.log)
        if grid is not None:
            drawn = [ax.contourf(*grid, levels=scale.levels(_LEVELS), cmap=COLOURS, norm=scale.norm)]
            if limit is not None and grid[2].min() < limit[1] < grid[2].max():
                drawn.append(ax.contour(*grid, levels=[limit[1]], colors=LIGHT, linewidths=3.0))
                drawn.append(ax.contour(*grid, levels=[limit[1]], colors=DARK, linewidths=1.4))
            for contours in drawn:
                contours.set_clip_path(_hull(points, ground.log), ax.transData)
        ax.scatter(
            points[:, 0], points[:, 1], s=22, c=points[:, 2], cmap=COLOURS, norm=scale.norm, edgecolors=LIGHT,
            linewidths=0.9, zorder=6,
        )  # fmt: skip
    name_axes(
        axes, *(_named(name, log) for name, log in zip((ground.x_label, ground.y_label), ground.log, strict=True))
    )
    name_panels(axes, list(panels) if len(panels) > 1 else [""], answer)
    colour_bar(axes, scale, ground.label, limit=limit)
    return axes


def surface(points: Points, log: tuple[bool, bool]) -> tuple[Points, Points, Points] | None:
    """Coordinates and values of a grid over the points' rectangle; None where they span no area.

    Notes
    -----
    A thin-plate spline through the points (`scipy.interpolate.RBFInterpolator`), on axes scaled to one another, cut off
    at the smallest and the largest value: what overshoots between points was never seen.
    """
    from scipy.interpolate import RBFInterpolator  # half a second to import

    flat = np.column_stack([np.log(c) if is_log else c for c, is_log in zip(points.T[:2], log, strict=True)])
    low, high = flat.min(axis=0), flat.max(axis=0)
    if len(points) < FEWEST or not np.all(high > low):
        return None
    flat = (flat - low) / (high - low)
    flat, first = np.unique(flat, axis=0, return_index=True)
    if np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False)[-1] < _FLAT:
        return None  # on one line
    values = points[first, 2]
    sides = np.linspace(0.0, 1.0, _GRID)
    xs, ys = np.meshgrid(sides, sides)
    places = np.column_stack([xs.ravel(), ys.ravel()])
    found = np.clip(RBFInterpolator(flat, values)(places), values.min(), values.max())
    back = [low[i] + (high[i] - low[i]) * side for i, side in enumerate((xs, ys))]
    x, y = (np.exp(c) if is_log else c for c, is_log in zip(back, log, strict=True))
    return x, y, found.reshape(xs.shape)


def _hull(points: Points, log: tuple[bool, bool]) -> Path:
    """The outline of the points: beyond it the surface would be an extrapolation."""
    from scipy.spatial import ConvexHull

    flat = np.column_stack([np.log(c) if is_log else c for c, is_log in zip(points.T[:2], log, strict=True)])
    scaled = (flat - flat.min(axis=0)) / (flat.max(axis=0) - flat.min(axis=0))
    around = ConvexHull(scaled).vertices
    return Path(points[[*around, around[0]], :2], closed=True)


def _scale(ax: Axes, points: Points, ground: Ground) -> None:
    for axis, is_log, values in zip((ax.xaxis, ax.yaxis), ground.log, points.T[:2], strict=True):
        low, high = float(values.min()), float(values.max())
        if is_log:
            (ax.set_xscale if axis is ax.xaxis else ax.set_yscale)("log")
        edge = (high / low) ** 0.04 if is_log else (high - low) * 0.04 or 1.0
        bounds = (low / edge, high * edge) if is_log else (low - edge, high + edge)
        (ax.set_xlim if axis is ax.xaxis else ax.set_ylim)(bounds)
        axis.set_major_formatter("{x:,.6g}")


def _named(label: str, is_log: bool) -> str:
    return f"{label}, log scale" if is_log else label
