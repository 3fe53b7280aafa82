"""The warm-up of each arm at each point: what the study states against what MSER-5 would cut."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.analysis.warmup import mser_of
from sim.study.cell import Cell
from sim.study.results import Replicated

ENOUGH = 5
"""Replications from which on the cut of their mean is worth a warning: alone, one run in eight cuts far too much."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Of one arm at one point, from the mean over its replications of the response over time."""

    cell: Cell
    stated: float
    """What the scenario leaves out, s: this is what counts."""
    found: float | None
    """What MSER-5 would leave out, s; None where the response has not settled by the middle of the run."""
    n: int
    """Replications that it is the mean of."""

    @property
    def is_enough(self) -> bool:
        """Whether the stated warm-up is at least the one that was found."""
        return self.found is not None and self.stated >= self.found

    def row(self) -> dict[str, Any]:
        """As one row of JSON."""
        return {
            "arm": self.cell.arm,
            "at": dict(self.cell.point),
            "stated": self.stated,
            "mser": self.found,
            "replications": self.n,
            "is_enough": self.is_enough,
        }


def settlings(cells: Iterable[Replicated]) -> list[Settling]:
    """Of every arm and point whose trials tell how their response went."""
    return [found for found in map(_settling, cells) if found is not None]


def warnings_of(found: list[Settling]) -> list[str]:
    """A line each for warm-ups that are too short and for responses that have not settled, with how many have it.

    The mean of a few replications is too noisy for it: such cells are counted by nobody.
    """
    found = [one for one in found if one.n >= ENOUGH]
    lines = []
    unsettled = [one for one in found if one.found is None]
    if unsettled:
        lines.append(
            f"warm-up: {_where(unsettled, len(found))} not settled by the middle of the run, says MSER-5; "
            "make it longer, unless the change is what is asked about"
        )
    short = [one for one in found if one.found is not None and not one.is_enough]
    if short:
        worst = max(short, key=lambda one: one.found or 0.0)
        lines.append(
            f"warm-up: {worst.stated:g} s is stated, MSER-5 would cut up to {worst.found:g} s; "
            f"{_where(short, len(found))} too short a one"
        )
    return lines


def _settling(replicated: Replicated) -> Settling | None:
    courses = [outcome.course for outcome in replicated.outcomes if outcome.course is not None]
    if not courses:
        return None
    cut = mser_of([course.values for course in courses])
    found = round(cut.length * courses[0].step, 9) if cut.settled else None
    return Settling(replicated.cell, courses[0].warmup, found, len(courses))


def _where(some: list[Settling], n: int) -> str:
    first = some[0].cell
    place = ", ".join([first.arm, *(f"{name} {value}" for name, value in first.point.items())])
    if n == 1:
        return f"{place} has"
    return f"{place} has" if len(some) == 1 else f"{len(some)} of {n} arms and points ({place} first) have"
