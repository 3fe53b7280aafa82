"""The warm-up of each arm at each point: what the study states, what MSER-5 would cut, and whether that matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from sim.analysis.drift import Drift, drift
from sim.analysis.warmup import mser_of
from sim.study.cell import Cell
from sim.study.results import Replicated

ENOUGH = 5
"""Replications from which on a warm-up is judged: the scatter of fewer is hardly known."""
_ROUNDING = 1e-6
"""Of a step: a warm-up that ends with one is not to leave out the next."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Of one arm at one point, from the mean over its replications of the response over time."""

    cell: Cell
    stated: float
    """What the scenario leaves out, s: this is what counts."""
    found: float | None
    """What MSER-5 would leave out, s; None where its cut lies beyond the middle of the run."""
    n: int
    """Replications that it is the mean of."""
    drift: Drift | None
    """What that cut would do to the mean; None where replications or steps are too few."""

    @property
    def is_enough(self) -> bool | None:
        """Whether the stated warm-up will do: a later start moves the mean by no more than chance, or hardly at all.

        None where replications or steps are too few to say.
        """
        if self.found is not None and self.stated >= self.found:
            return True
        return None if self.drift is None else not self.drift.is_real

    def row(self) -> dict[str, Any]:
        """As one row of JSON."""
        return {
            "arm": self.cell.arm,
            "at": dict(self.cell.point),
            "stated": self.stated,
            "mser": self.found,
            "replications": self.n,
            "shift": None if self.drift is None else self.drift.shift,
            "p": None if self.drift is None else self.drift.p,
            "is_enough": self.is_enough,
        }


def settlings(cells: Iterable[Replicated]) -> list[Settling]:
    """Of every arm and point whose trials tell how their response went."""
    return [found for found in map(_settling, cells) if found is not None]


def warnings_of(found: list[Settling]) -> list[str]:
    """A line each for warm-ups that are too short and for responses that have not settled, with how many have it.

    A cut that MSER-5 finds is no reason by itself: most series have one by chance.
    """
    found = [one for one in found if one.is_enough is not None]
    short = [one for one in found if one.is_enough is False]
    lines = []
    unsettled = [one for one in short if one.found is None]
    if unsettled:
        lines.append(
            f"warm-up: {_where(unsettled, len(found))} not settled by the middle of the run, says MSER-5; "
            "make it longer, unless the change is what is asked about"
        )
    if cut := [one for one in short if one.found is not None]:
        worst = max(cut, key=lambda one: one.found or 0.0)
        lines.append(
            f"warm-up: {worst.stated:g} s is stated, MSER-5 would cut up to {worst.found:g} s, which moves the mean; "
            f"{_where(cut, len(found))} too short a one"
        )
    return lines


def _settling(replicated: Replicated) -> Settling | None:
    courses = [outcome.course for outcome in replicated.outcomes if outcome.course is not None]
    if not courses:
        return None
    runs, step, stated = [course.values for course in courses], courses[0].step, courses[0].warmup
    cut = mser_of(runs)
    start = min(ceil(stated / step - _ROUNDING), len(runs[0]) - 1)
    told = sum(any(value is not None for value in run[start:]) for run in runs)
    is_judged = told >= ENOUGH and (cut.settled or cut.length > 0)
    found = drift(runs, start, max(start, cut.length)) if is_judged else None
    left_out = round(cut.length * step, 9) if cut.settled else None
    return Settling(replicated.cell, stated, left_out, len(courses), found)


def _where(some: list[Settling], n: int) -> str:
    first = some[0].cell
    place = ", ".join([first.arm, *(f"{name} {value}" for name, value in first.point.items())])
    if n == 1:
        return f"{place} has"
    return f"{place} has" if len(some) == 1 else f"{len(some)} of {n} arms and points ({place} first) have"
