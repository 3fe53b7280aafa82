"""Designed samples: points from which it can be told how much each setting matters. `sensitivity` tells it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from annotated_types import Ge

from sim.analysis.sensitivity import Shares, morris_points, saltelli_points
from sim.study.span import Span, spans_of

BASE = "base"
"""In a point of a tornado: the setting as the arm has it."""

STEADY_POINTS = 512
"""Base points from which on Sobol indices are steady."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Morris:
    """Elementary effects: which settings matter at all, in trajectories x (settings + 1) points."""

    ranges: dict[str, Any]
    """Path to [low, high], in one unit, or to a list of choices; two numbers as choices are {choices: [0, 2]}."""
    metrics: tuple[str, ...]
    """The metrics that the indices are of."""
    log: tuple[str, ...] = ()
    """Paths whose range is covered evenly in the logarithm."""
    trajectories: Annotated[int, Ge(2)] = 10
    """How many walks through the space; 10 to 50."""
    levels: Literal[4, 6, 8, 10] = 4
    """Values that each range is cut into."""
    seed: Annotated[int, Ge(0)] = 1
    """Of the sampling alone; the root seed of the trials stays the study's."""

    def __post_init__(self) -> None:
        _check(self)

    def shares(self) -> Shares:
        """The sample in shares of the ranges, ``(n_rows, n_paths)``."""
        return _morris(len(self.ranges), self.trajectories, self.levels, self.seed)

    def rows(self) -> list[dict[str, Any]]:
        """The point of each row of the sample; several rows may be one point."""
        return _rows(self.spans(), self.shares())

    def spans(self) -> dict[str, Span]:
        """What each path may be."""
        return spans_of(self.ranges, self.log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saltelli:
    """Sobol indices: how much of the variance each setting makes, in points x (settings + 2) points."""

    ranges: dict[str, Any]
    """As of `morris`."""
    metrics: tuple[str, ...]
    """The metrics that the indices are of."""
    log: tuple[str, ...] = ()
    """Paths whose range is covered evenly in the logarithm."""
    points: Annotated[int, Ge(2)] = STEADY_POINTS
    """Base points, a power of two; below 512 the indices are unsteady."""
    second_order: bool = False
    """Also the share that each pair of settings makes together, for points x (2 settings + 2) points."""
    seed: Annotated[int, Ge(0)] = 1
    """Of the sampling alone; the root seed of the trials stays the study's."""

    def __post_init__(self) -> None:
        _check(self)
        if self.points & (self.points - 1):
            raise ValueError(f"points: {self.points} is no power of two; write {1 << self.points.bit_length()}")

    def rows(self) -> list[dict[str, Any]]:
        """The point of each row of the sample; several rows may be one point."""
        return _rows(self.spans(), _saltelli(len(self.ranges), self.points, self.second_order, self.seed))

    def spans(self) -> dict[str, Span]:
        """What each path may be."""
        return spans_of(self.ranges, self.log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tornado:
    """One setting at a time: the base, then each path at its low and its high, or at each of its choices."""

    ranges: dict[str, Any]
    """As of `morris`; a path that a point leaves alone is `base` there, what the arm has."""
    metrics: tuple[str, ...]
    """The metrics whose changes are drawn."""

    def __post_init__(self) -> None:
        _check(self)

    def rows(self) -> list[dict[str, Any]]:
        """The base first, then two points or more for each path."""
        spans = self.spans()
        alone = dict.fromkeys(spans, BASE)
        return [alone, *(alone | {path: value} for path, span in spans.items() for value in span.values)]

    def spans(self) -> dict[str, Span]:
        """What each path may be."""
        return spans_of(self.ranges)


Design = Morris | Saltelli | Tornado


def kind_of(design: Design) -> str:
    """The key of `axes` that it stands under."""
    return type(design).__name__.lower()


def distinct(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each point once, in the order of first appearance: whole numbers and choices meet again."""
    return list({written(row): dict(row) for row in reversed(rows)}.values())[::-1]


def written(point: Mapping[str, Any]) -> str:
    """One text per point."""
    return json.dumps(point, default=str)


def _check(design: Design) -> None:
    if not design.metrics:
        raise ValueError("metrics: names none; write what the settings may change, such as [lat_p99]")
    design.spans()


def _rows(spans: Mapping[str, Span], shares: Shares) -> list[dict[str, Any]]:
    return [
        {path: span.at(float(share)) for (path, span), share in zip(spans.items(), row, strict=True)} for row in shares
    ]


@cache
def _morris(n: int, trajectories: int, levels: int, seed: int) -> Shares:
    return morris_points(n, trajectories, levels=levels, seed=seed)


@cache
def _saltelli(n: int, points: int, second_order: bool, seed: int) -> Shares:
    return saltelli_points(n, points, second_order=second_order, seed=seed)
