"""Axes: the points of the parameter space that every arm visits."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.study.design import BASE, Design, Morris, Saltelli, Tornado, distinct, kind_of
from sim.study.sampling import Sampling

Point = dict[str, Any]
"""Dotted path of the base scenario to the value at this point."""

RESERVED = frozenset({"arm", "replication", "seed", "seconds", "error"})
"""Columns that every frame of results has."""
OF_TABLES = frozenset({"metric", "n", "mean", "low", "high"})
"""Columns that tables over replications have besides; an axis with such a last name goes by a longer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Ways to list points; where several are given, the points are their product."""

    grid: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """Every combination of the listed values."""
    zip: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """The i-th values of all paths together; the lists are equally long."""
    table: tuple[dict[str, Any], ...] = ()
    """The points themselves, one mapping of path to value each."""
    lhs: Sampling | None = None
    """A Latin hypercube: each range cut into as many slices as there are points, each slice met once."""
    sobol: Sampling | None = None
    """A scrambled Sobol sequence: fills the space evenly; best with a power of two of points."""
    morris: Morris | None = None
    """Points that show which settings matter (Morris' elementary effects); alone, without other axes."""
    saltelli: Saltelli | None = None
    """Points that show how much of the variance each setting makes (Sobol indices); alone, without other axes."""
    tornado: Tornado | None = None
    """The base, then each setting at its low and at its high; alone, without other axes."""

    def __post_init__(self) -> None:
        if len({len(values) for values in self.zip.values()}) > 1:
            lengths = ", ".join(f"{len(values)} of {path}" for path, values in self.zip.items())
            raise ValueError(f"zip: the lists differ in length ({lengths}); make them equally long")
        if len({frozenset(row) for row in self.table}) > 1:
            raise ValueError("table: the rows do not all set the same paths; give every row every path")
        if empty := [path for path, values in (*self.grid.items(), *self.zip.items()) if not values]:
            raise ValueError(
                f"{'grid' if empty[0] in self.grid else 'zip'}: {empty[0]} lists no values; give it one or leave it out"
            )
        paths = self.paths()
        if twice := [path for path in paths if paths.count(path) > 1]:
            raise ValueError(f"{twice[0]} stands in two kinds of axes; keep one")
        if (design := self.design()) is not None and len(self._kinds()) > 1:
            raise ValueError(f"{kind_of(design)}: stands beside other axes; take these out, arms may stay")

    def paths(self) -> list[str]:
        """The scenario's paths that the axes vary, in the order written."""
        ranged = (self.lhs, self.sobol, self.morris, self.saltelli, self.tornado)
        sampled = [path for sampling in ranged if sampling for path in sampling.ranges]
        return [*self.grid, *self.zip, *(self.table[0] if self.table else ()), *sampled]

    def points(self) -> list[Point]:
        """All points in the order written; one empty point where there are no axes."""
        combined = itertools.product(*self._blocks())
        return [{path: value for part in parts for path, value in part.items()} for parts in combined]

    def design(self) -> Design | None:
        """The sample from which indices are estimated, if there is one."""
        return self.morris or self.saltelli or self.tornado

    def overrides(self, point: Point) -> Point:
        """What of a point is written over the base scenario: of a tornado's, only what it changes."""
        return point if self.tornado is None else {path: value for path, value in point.items() if value != BASE}

    def _kinds(self) -> list[Any]:
        ways = (self.grid, self.zip, self.table, self.lhs, self.sobol, self.morris, self.saltelli, self.tornado)
        return [way for way in ways if way]

    def _blocks(self) -> list[list[Point]]:
        blocks = [[{path: value} for value in values] for path, values in self.grid.items()]
        if self.zip:
            rows = zip(*self.zip.values(), strict=True)
            blocks.append([dict(zip(self.zip, row, strict=True)) for row in rows])
        if self.table:
            blocks.append([dict(row) for row in self.table])
        if self.lhs is not None:
            blocks.append(self.lhs.points_of("lhs"))
        if self.sobol is not None:
            blocks.append(self.sobol.points_of("sobol"))
        if (design := self.design()) is not None:
            blocks.append(distinct(design.rows()))
        return blocks


def short_names(paths: Iterable[str], reserved: frozenset[str] = RESERVED | OF_TABLES) -> dict[str, str]:
    """Each path's shortest ending that no other path shares: ``workloads.a.arrivals.poisson.rate`` is ``rate``."""
    known = list(dict.fromkeys(paths))
    return {path: _shortest(path, known, reserved) for path in known}


def _shortest(path: str, known: list[str], reserved: frozenset[str]) -> str:
    endings = list(itertools.accumulate(reversed(path.split(".")), lambda tail, step: f"{step}.{tail}"))
    for ending in endings:
        alone = not any(other != path and f".{other}".endswith(f".{ending}") for other in known)
        if alone and ending not in reserved:
            return ending
    return path
