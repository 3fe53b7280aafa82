"""A metric at points that form no lines: a panel for each axis, all points in each. It joins and computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.report.figure import limit_line
from sim.report.palette import look
from sim.report.panels import name_panels

_SMALL_FROM = 60
"""Points from which on each is drawn smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One arm's points: where each lies on every axis, its mean, and its interval where it has one."""

    at: Mapping[str, Sequence[float]]
    mean: Sequence[float]
    low: Sequence[float]
    """As long as `mean`; equal to it where there is no interval."""
    high: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The axes by name with what is written below each, those in the logarithm, and the metric in words."""

    x: Mapping[str, str]
    log: frozenset[str]
    y: str


def chart_scatter(
    axes: Sequence[Axes],
    clouds: Mapping[str, Cloud],
    grounds: Grounds,
    *,
    limit: tuple[str, float] | None = None,
    answer: str = "",
) -> Sequence[Axes]:
    """One panel per axis, a marker per arm; the same points in every panel, in height the metric."""
    for ax, (name, label) in zip(axes, grounds.x.items(), strict=True):
        for i, (arm, cloud) in enumerate(clouds.items()):
            _draw(ax, (i, arm), cloud, name)
        if limit is not None:
            limit_line(ax, *limit)
        if name in grounds.log:
            ax.set_xscale("log")
        ax.set_xlabel(label + (", log scale" if name in grounds.log else ""))
        ax.xaxis.set_major_formatter("{x:,.6g}")
    first = axes[0].get_subplotspec()
    across = 1 if first is None else first.get_gridspec().ncols
    for ax in axes[::across]:
        ax.set_ylabel(grounds.y)
    reach = [y for cloud in clouds.values() for y in (*cloud.mean, *cloud.high)] + ([limit[1]] if limit else [])
    axes[0].set_ylim(min(0.0, *reach), max(reach) * 1.1 or 1.0)
    axes[0].yaxis.set_major_formatter("{x:,.6g}")
    if len(clouds) > 1:
        axes[min(across, len(axes)) - 1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    name_panels(axes, [""] * len(axes), answer)
    return axes


def _draw(ax: Axes, arm: tuple[int, str], cloud: Cloud, axis: str) -> None:
    i, name = arm
    colour, _, marker = look(i)
    xs, size = cloud.at[axis], 9 if len(cloud.mean) >= _SMALL_FROM else 18
    ax.vlines(xs, cloud.low, cloud.high, color=colour, lw=0.9, alpha=0.45, zorder=2)
    ax.scatter(xs, cloud.mean, s=size, marker=marker, color=colour, alpha=0.8, linewidths=0, label=name, zorder=3)
