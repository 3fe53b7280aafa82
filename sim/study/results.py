"""What a study's trials gave, by arm and point; refuses names that the study does not have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.quantity.magnitude import comparable
from sim.spelling import way_out
from sim.study.cell import Cell
from sim.study.trial import Outcome
from sim.units import InputError


@dataclass(frozen=True, slots=True)
class Replicated:
    """One arm at one point with its outcomes, the i-th being replication i."""

    cell: Cell
    outcomes: Sequence[Outcome]

    def values(self, metric: str, absent: float | None = None) -> list[float | None]:
        """The metric in each replication; None where the trial failed or has no such number."""
        return [_number_in(outcome, metric, absent) for outcome in self.outcomes]


class Results:
    """All cells of a study with their outcomes."""

    def __init__(self, study: str, cells: Iterable[Replicated]) -> None:
        self.study = study
        self.cells = tuple(cells)

    def metrics(self) -> list[str]:
        """Every metric that some trial has, in the order of first appearance."""
        outcomes = (outcome for cell in self.cells for outcome in cell.outcomes)
        return list(dict.fromkeys(metric for outcome in outcomes for metric in outcome.summary))

    def matching(self, place: str, arm: str, at: Mapping[str, Any]) -> list[Replicated]:
        """The cells of this arm (of every arm, where it is empty) at these values of some axes; at least one."""
        arms = list(dict.fromkeys(found.cell.arm for found in self.cells))
        if arm and arm not in arms:
            raise InputError(f"{self.study}: {place}.arm: no arm is called {arm}; {way_out(arm, arms)}")
        wanted = {self.axis(f"{place}.at", name): comparable(value) for name, value in at.items()}
        here = [found for found in self.cells if found.cell.arm == arm or not arm]
        fits = [found for found in here if all(comparable(found.cell.point[axis]) == wanted[axis] for axis in wanted)]
        if not fits:
            written = ", ".join(f"{name}: {value}" for name, value in at.items())
            points = "; ".join(dict.fromkeys(_written(found.cell.point) for found in here[:8]))
            raise InputError(f"{self.study}: {place}.at: no point has {written}; points here: {points}")
        return fits

    def one(self, place: str, arm: str, at: Mapping[str, Any]) -> Replicated:
        """The only cell of this arm at these values."""
        fits = self.matching(place, arm, at)
        if len(fits) > 1:
            first, second = (f"{found.cell.arm} ({_written(found.cell.point)})" for found in fits[:2])
            raise InputError(
                f"{self.study}: {place}: fits {len(fits)} cells, {first} and {second} among them; "
                "name the arm and the axes"
            )
        return fits[0]

    def values(self, place: str, found: Replicated, metric: str, *, absent: float | None) -> list[float | None]:
        """The metric in each replication; a metric that no trial of the study has is a mistake, not a result."""
        if absent is None:
            self.check_metric(place, metric)
        return found.values(metric, absent)

    def check_metric(self, place: str, metric: str) -> None:
        """Raise InputError where there are results and none has this metric."""
        known = self.metrics()
        if known and metric not in known:
            may_lack = place.startswith(("claims.", "slo.", "tune.subject_to"))  # what has an `absent`
            more = " (where trials may lack it, write absent: VALUE)" if may_lack else ""
            raise InputError(f"{self.study}: {place}.metric: no trial has {metric}; {way_out(metric, known)}{more}")

    def axis(self, place: str, name: str) -> str:
        """The axis of this name, which may be any longer end of its path."""
        known = list(self.cells[0].cell.point)
        for axis in known:
            if axis == name or name.endswith(f".{axis}"):
                return axis
        raise InputError(f"{self.study}: {place}: no axis is called {name}; {way_out(name, known)}")


def complete(values: Sequence[float | None]) -> list[float] | None:
    """The values where every replication has one; None where one lacks it, or there are none."""
    known = [value for value in values if value is not None]
    return known if known and len(known) == len(values) else None


def _number_in(outcome: Outcome, metric: str, absent: float | None) -> float | None:
    if outcome.error:
        return None
    value = outcome.summary.get(metric)
    return float(value) if isinstance(value, int | float) else absent


def _written(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{axis}: {value}" for axis, value in point.items()) or "the only point"
