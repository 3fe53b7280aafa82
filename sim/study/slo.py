"""Objectives: what a metric has to keep, checked at every point that they apply to."""

from dataclasses import dataclass, field
from typing import Any

from sim.analysis.interval import Interval
from sim.quantity.magnitude import number
from sim.study.claim import Op, check_target
from sim.study.estimate import estimate
from sim.study.results import Replicated, Results, complete
from sim.study.verdict import word_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A metric's limit, at all arms and points or at some."""

    metric: str
    """Key of the summary."""
    op: Op
    """How the metric is compared with `value`; in takes both bounds."""
    value: Any
    """A number or a quantity (300ms, 0.1%); of ``in`` a list of two."""
    arm: str = ""
    """Empty: every arm."""
    at: dict[str, Any] = field(default_factory=dict)
    """Axis to value; empty: every point."""
    absent: Any = None
    """What a replication without the metric counts as; without it the objective is missed there."""

    def __post_init__(self) -> None:
        check_target(self.op, self.value, self.absent)


@dataclass(frozen=True, slots=True)
class Kept:
    """An objective at one arm and point; `row` is its printed form."""

    objective: Objective
    where: Replicated
    found: Interval | None
    """None where a replication has no value."""

    @property
    def is_met(self) -> bool:
        """Whether the mean over the replications satisfies the objective."""
        if self.found is None:
            return False
        mean = estimate([self.found.estimate])
        return word_of(self.objective.op, self.objective.value, mean) == "SUPPORTED"

    @property
    def is_sure(self) -> bool:
        """Whether the 95 % interval leaves no doubt of it; one replication leaves some."""
        if self.found is None:
            return True
        op, value = self.objective.op, self.objective.value
        return len(self.where.outcomes) > 1 and word_of(op, value, self.found) != "UNDECIDED"

    def row(self) -> dict[str, Any]:
        """The check as one row of JSON."""
        return {
            "metric": self.objective.metric,
            "op": self.objective.op,
            "value": self.objective.value,
            "arm": self.where.cell.arm,
            "at": dict(self.where.cell.point),
            "found": self.found.estimate if self.found else None,
            "low": self.found.low if self.found else None,
            "high": self.found.high if self.found else None,
            "result": "met" if self.is_met else "missed",
            "is_sure": self.is_sure,
        }


def check(objective: Objective, results: Results) -> list[Kept]:
    """The objective at every cell that it applies to.

    Raises
    ------
    InputError
        Where it names an arm, a point or a metric that the study does not have.
    """
    place = f"slo.{objective.metric}"
    absent = None if objective.absent is None else number(objective.absent)
    checked = []
    for where in results.matching(place, objective.arm, objective.at):
        values = results.values(place, where, objective.metric, absent=absent)
        known = complete(values)
        checked.append(Kept(objective, where, None if known is None else estimate(known)))
    return checked
