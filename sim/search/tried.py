"""One setting that a search tried: what it cost, and whether it kept the objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.quantity.magnitude import number
from sim.study.claim import bounds_of
from sim.study.results import Replicated, complete
from sim.study.slo import Objective

LACKS = 1e9
"""The violation of an objective whose metric a replication lacks: worse than any measured one."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A setting with the outcomes of its replications in the search."""

    number: int
    """In the order of the search, from 1."""
    settings: Mapping[str, Any]
    """Path to value as written."""
    cost: float | None
    """Mean over the replications; None where one has no cost."""
    violations: Sequence[float]
    """One for each objective, see `violation`."""

    @property
    def is_feasible(self) -> bool:
        """Whether the means keep every objective."""
        return self.cost is not None and all(excess <= 0 for excess in self.violations)

    @property
    def rank(self) -> tuple[float, float]:
        """Sorts the feasible by cost, then the others by how far they are from feasible."""
        excess = sum(max(one, 0.0) for one in self.violations)
        return (excess, self.cost) if self.cost is not None else (float("inf"), 0.0)


def costs(found: Replicated, minimise: Mapping[str, float]) -> list[float | None]:
    """The cost in each replication: weight times metric, added up; None where it lacks one."""
    columns = [[None if v is None else weight * v for v in found.values(m)] for m, weight in minimise.items()]
    return [
        None if None in row else sum(value for value in row if value is not None) for row in zip(*columns, strict=True)
    ]


def mean(values: Sequence[float | None]) -> float | None:
    """The mean; None where a value is missing, or all are."""
    known = complete(values)
    return None if known is None else sum(known) / len(known)


def violation(objective: Objective, found: Replicated) -> float:
    """By how much the mean breaks the objective, as a share of its bound; 0 or less where it is kept."""
    absent = None if objective.absent is None else number(objective.absent)
    level = mean(found.values(objective.metric, absent))
    if level is None:
        return LACKS
    low, high = bounds_of(objective.op, objective.value)
    scale = max(abs(low), abs(high)) or 1.0
    over, under = (level - high) / scale, (low - level) / scale
    just = 1e-9  # a strict bound that is met exactly is broken
    return {
        "<": over or just,
        "<=": over,
        ">": under or just,
        ">=": under,
        "in": max(over, under),
        "==": abs(over),
        "!=": just if over == 0 else -abs(over),
    }[objective.op]
