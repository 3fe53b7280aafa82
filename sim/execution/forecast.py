"""What a sweep would run and how long that would take: from trials that are kept, else from the first ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from time import perf_counter

from sim.study.cell import Cell
from sim.study.precision import wanted
from sim.study.study import Study
from sim.study.trial import Model, Outcome, attempt

TIMING_S = 2.0
"""What timing the first trials may take in all; one that takes longer is cut off and extrapolated."""
_MOST_TIMED = 8


@dataclass(frozen=True, slots=True)
class Planned:
    """One arm at one point: how many trials are certain to be needed, and how many of them are kept already."""

    cell: Cell
    replications: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The plan of a study with the time that it would take."""

    planned: Sequence[Planned]
    missing: int
    """Trials still to run, one that several cells share counted once."""
    most: int
    """Trials still to run where precision asks for the most everywhere; as `missing` where the number is fixed."""
    seconds_of: Mapping[str, float]
    """Arm to the seconds of one trial, as far as known."""
    source: str = ""
    """Where these come from, in words."""

    @property
    def trials(self) -> int:
        """Those that are certain, kept ones included."""
        return sum(planned.replications for planned in self.planned)

    def seconds(self, workers: int) -> float | None:
        """What the missing trials take on so many workers; None where nothing is known."""
        if not self.seconds_of:
            return None
        other = fmean(self.seconds_of.values())
        gaps = [(planned.replications - planned.kept, planned.cell.arm) for planned in self.planned]
        every = sum(gap for gap, _ in gaps)
        each = sum(gap * self.seconds_of.get(arm, other) for gap, arm in gaps) / every if every else other
        return each * self.missing / max(1, min(workers, self.missing))


def forecast(study: Study, cells: Sequence[Cell], kept: Mapping[str, Outcome]) -> Forecast:
    """What is known without running anything.

    Parameters
    ----------
    kept
        Key to outcome of the trials that a store has; failed ones count as missing.
    """
    first = wanted(study.replications, {})
    most = max(first, study.replications.max) if study.replications.until else first
    keys = [[cell.trial(i).key for i in range(most)] for cell in cells]
    good = {key: outcome for key, outcome in kept.items() if not outcome.error}
    planned = [
        Planned(cell, first, sum(key in good for key in mine[:first])) for cell, mine in zip(cells, keys, strict=True)
    ]
    seconds: dict[str, list[float]] = {}
    for cell, mine in zip(cells, keys, strict=True):
        seconds.setdefault(cell.arm, []).extend(good[key].seconds for key in mine if key in good)
    known = {arm: median(found) for arm, found in seconds.items() if found}
    n = len(set(good) & {key for mine in keys for key in mine})
    return Forecast(
        planned=planned,
        missing=len({key for mine in keys for key in mine[:first]} - set(good)),
        most=len({key for mine in keys for key in mine} - set(good)),
        seconds_of=known,
        source=f"the median of {n:,} trials in the store" if known else "",
    )


def timed(plan: Forecast, model: Model) -> Forecast:
    """The forecast with the first trials of each arm timed, for a few seconds in all and without keeping them.

    Of each arm the first point and the last one, as the load often grows along an axis.
    """
    waiting = list(_ends(plan.planned))[:_MOST_TIMED]
    began, found = perf_counter(), dict[str, list[float]]()
    for i, planned in enumerate(waiting):
        left = TIMING_S - (perf_counter() - began)
        if left <= 0:
            break
        found.setdefault(planned.cell.arm, []).append(_seconds(planned.cell, model, left / (len(waiting) - i)))
    n = sum(map(len, found.values()))
    source = f"timing {n} trial{'' if n == 1 else 's'}, which {'is' if n == 1 else 'are'} not kept"
    return replace(plan, seconds_of={arm: fmean(each) for arm, each in found.items()}, source=source)


def _ends(planned: Sequence[Planned]) -> Iterable[Planned]:
    """Each arm's first cell, then each arm's last one, of those that lack trials."""
    lacking: dict[str, list[Planned]] = {}
    for one in planned:
        if one.kept < one.replications:
            lacking.setdefault(one.cell.arm, []).append(one)
    yield from (mine[0] for mine in lacking.values())
    yield from (mine[-1] for mine in lacking.values() if len(mine) > 1)


def _seconds(cell: Cell, model: Model, budget: float) -> float:
    trial, began = cell.trial(0), perf_counter()
    if model.pace is not None:
        return model.pace(trial.scenario, trial.seed, budget)
    attempt(model.run, trial, False)
    return perf_counter() - began
