"""Points drawn from ranges, for spaces too large for a grid: Latin hypercube and Sobol."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

_WRITTEN = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?P<unit>\D*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Ranges and how many points to draw from them."""

    ranges: dict[str, tuple[Any, Any]]
    """Path to [low, high]; both bounds in one unit (100/s, 800/s). Two whole numbers give whole numbers."""
    points: Annotated[int, Ge(1)]
    """How many points."""
    seed: Annotated[int, Ge(0)] = 1
    """Of the sampling alone; the root seed of the trials stays the study's."""
    log: tuple[str, ...] = ()
    """Paths whose range is covered evenly in the logarithm."""

    def __post_init__(self) -> None:
        if not self.ranges:
            raise ValueError("ranges: is empty; give at least one path with [low, high]")
        for path, bounds in self.ranges.items():
            check_range(path, bounds, path in self.log)
        if unknown := sorted(set(self.log) - set(self.ranges)):
            raise ValueError(f"log: {unknown[0]} has no range")

    def points_of(self, kind: Literal["lhs", "sobol"]) -> list[dict[str, Any]]:
        """The points, each a mapping of path to a value written in its range's unit."""
        from scipy.stats import qmc  # half a second to import, so only where ranges are sampled

        n = len(self.ranges)
        if kind == "lhs":
            units = qmc.LatinHypercube(n, rng=self.seed).random(self.points)
        else:  # the first of a power of two are the same points, without scipy's warning about any other number
            units = qmc.Sobol(n, rng=self.seed).random_base2((self.points - 1).bit_length())[: self.points]
        return [self._point(row) for row in np.asarray(units, dtype=np.float64)]

    def _point(self, row: Any) -> dict[str, Any]:
        shares = dict(zip(self.ranges, row, strict=True))
        return {path: between(self.ranges[path], share, path in self.log) for path, share in shares.items()}


def quantity(written: Any) -> tuple[float, str]:
    """The number and the unit of what is written; ValueError where it is neither a number nor one with a unit."""
    match = _WRITTEN.fullmatch(str(written))
    if match is None or isinstance(written, bool):
        raise ValueError(f"ranges: {written} is not a number with an optional unit")
    return float(match["number"]), match["unit"]


def check_range(path: str, bounds: tuple[Any, Any], is_log: bool) -> None:
    """Raise ValueError, naming the field, where there is nothing between the bounds."""
    (low, low_unit), (high, high_unit) = quantity(bounds[0]), quantity(bounds[1])
    if low_unit != high_unit:
        raise ValueError(f"ranges: {path}: {bounds[0]} and {bounds[1]} differ in unit; write both in one")
    if not low < high:
        raise ValueError(f"ranges: {path}: {bounds[0]} is not below {bounds[1]}; write the lower bound first")
    if is_log and low <= 0:
        raise ValueError(f"log: {path} starts at {bounds[0]}; a logarithm needs a bound above 0")


def between(bounds: tuple[Any, Any], share: float, is_log: bool) -> Any:
    """The value at a share of the range, written in its unit; whole between whole bounds."""
    (low, unit), (high, _) = quantity(bounds[0]), quantity(bounds[1])
    value = low * (high / low) ** share if is_log else low + (high - low) * share
    if all(isinstance(bound, int) for bound in bounds):
        return round(value)
    rounded = float(f"{value:.6g}")  # six digits: a point has to be readable in a table of results
    return f"{rounded:.12g}{unit}" if unit else rounded
