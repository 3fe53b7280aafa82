"""Curves: levels over time of a repetition or a replay, on a coarse grid, for pictures. Nothing is judged by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

POINTS = 240
"""Instants of a curve at most."""
EVENTS = "connections.t_connected"
"""Instead of a column of the samples: how many connections there were by then."""

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Band:
    """One level over time: of several repetitions the smallest and the largest, of replays the mean as well."""

    seconds: Curve
    low: Curve
    high: Curve
    mean: Curve


def grid_of(duration: float) -> Curve:
    """The instants of the curves of a case (seconds)."""
    return np.linspace(0.0, duration, POINTS)


def curves_of(tables: Mapping[str, pl.DataFrame], drawn: Mapping[str, str], grid: Curve) -> dict[str, Curve]:
    """Each drawn level at the instants of the grid; those that the tables lack are left out."""
    return {name: curve for name, column in drawn.items() if (curve := _curve(tables, column, grid)) is not None}


def _curve(tables: Mapping[str, pl.DataFrame], column: str, grid: Curve) -> Curve | None:
    if column == EVENTS:
        instants = np.sort(tables["connections"]["t_connected"].drop_nulls().to_numpy())
        return np.searchsorted(instants, grid, side="right").astype(np.float64)
    samples = tables["samples"]
    if column not in samples.columns:
        return None
    at = np.clip(np.searchsorted(samples["t"].to_numpy(), grid + 1e-6, side="right") - 1, 0, samples.height - 1)
    return samples[column].to_numpy()[at].astype(np.float64)


def bands_of(curves: Sequence[Mapping[str, Curve]], grid: Curve) -> dict[str, Band]:
    """The band of each level over several repetitions or replays."""
    bands = {}
    for name in dict.fromkeys(name for one in curves for name in one):
        stacked = np.array([one[name] for one in curves if name in one])
        bands[name] = Band(grid, stacked.min(axis=0), stacked.max(axis=0), stacked.mean(axis=0))
    return bands
