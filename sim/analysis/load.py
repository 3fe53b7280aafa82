"""Loads: what fell on each place, over a whole run and in windows of it. Not how uneven they are (skew.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor, nan
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.analysis.skew import FIGURES, Floats, cv_by_chance
from sim.records.metric import Load, Skew

_SLACK = 1e-9
"""Seconds in binary: of 50 s, five windows of 10 s are whole ones whatever the last bit says."""


@dataclass(frozen=True, slots=True)
class Windows:
    """`number` spans of `width` seconds one after the other from `start` on."""

    start: float
    width: float
    number: int

    @classmethod
    def within(cls, start: float, end: float, width: float) -> "Windows":
        """Those that fit whole between two instants."""
        return cls(start, width, max(0, floor((end - start) / width + _SLACK)))

    def which(self, instants: Floats) -> NDArray[np.int64]:
        """The window of each instant; `number` for those after the last, -1 for those before the first."""
        return np.clip(np.floor((instants - self.start) / self.width), -1, self.number).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Loads:
    """Loads (n,) of the places over the run, (k, n) over its windows, and the weights that chance would throw."""

    run: Floats
    windows: Floats
    weights: Floats | None

    def figure(self, of: Skew) -> float:
        """A measure of their skew, NaN where there is none."""
        if of.figure == "cv_by_chance":
            return nan if self.weights is None else cv_by_chance(len(self.run), self.weights)
        if of.over == "run":
            return float(FIGURES[of.figure](self.run))
        each = FIGURES[of.figure](self.windows)
        known = each[~np.isnan(each)]
        return float(_OVER[of.over](known)) if known.size else nan


_OVER: Mapping[str, Callable[[Floats], Any]] = {"mean": np.mean, "min": np.min, "max": np.max}


def loads_of(load: Load, rows: pl.DataFrame, span: tuple[float, float, float]) -> Loads:
    """What the rows put on the places from the first to the second of the three instants, in windows of the third."""
    start, end, width = span
    place = rows[load.place].to_numpy() - load.first
    at = rows[load.at].to_numpy()
    if load.until is not None:
        held = Held(place, at, rows[load.until].fill_null(end).to_numpy(), load.places)
        windows = Windows.within(start, end, width)
        whole = held.mean_in(Windows(start, end - start, 1))[0] if end > start else np.zeros(load.places)
        return Loads(whole, held.mean_in(windows), None)
    weights = np.ones(len(place)) if load.of is None else rows[load.of].fill_null(0).to_numpy()
    inside = (at >= start) & (at < end)
    place, at, weights = place[inside], at[inside], weights[inside].astype(np.float64)
    windows = Windows.within(start, end, width)
    whole = np.bincount(place, weights, load.places)
    return Loads(whole, _summed(place, windows.which(at), weights, (windows.number, load.places)), weights)


def _summed(place: NDArray[np.int64], which: NDArray[np.int64], weights: Floats, shape: tuple[int, int]) -> Floats:
    """Sums of the weights by window and place; what lies outside all windows is left out."""
    inside = (which >= 0) & (which < shape[0])
    cell = which[inside] * shape[1] + place[inside]
    return np.bincount(cell, weights[inside], shape[0] * shape[1]).reshape(shape)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that each hold a place from an instant to another."""

    place: NDArray[np.int64]
    since: Floats
    until: Floats
    places: int

    def mean_in(self, windows: Windows) -> Floats:
        """How many hold a place at a time, in the mean over each window: (k, n).

        Exact, and one pass whatever the number of windows: the time held up to an edge is the sum over those that came
        before it of edge - since, less the sum over those that left of edge - until.
        """
        if not windows.number:
            return np.zeros((0, self.places))
        edges = windows.start + windows.width * np.arange(windows.number + 1)
        held = self._up_to(edges, self.since) - self._up_to(edges, self.until)
        return np.diff(held, axis=0) / windows.width

    def _up_to(self, edges: Floats, instants: Floats) -> Floats:
        """Sum over the instants before each edge of edge - instant, by place: (edges, n)."""
        # relative to the first edge, so that sums of a million instants keep their digits
        first, shape = edges[0], (len(edges), self.places)
        before = np.searchsorted(edges, instants, side="left")  # the first edge that is not before the instant
        number = np.cumsum(_summed(self.place, before, np.ones(len(instants)), shape), axis=0)
        total = np.cumsum(_summed(self.place, before, instants - first, shape), axis=0)
        found: Floats = number * (edges - first)[:, None] - total
        return found
