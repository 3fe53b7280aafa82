"""Points drawn from ranges, for spaces too large for a grid: Latin hypercube and Sobol."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from sim.quantity.ends import between, check_ends


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
            check_ends(path, bounds, path in self.log)
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
