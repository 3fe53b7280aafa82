"""Find the cliff: where along one value of the scenario a condition turns, arm by arm, in the trials of a sweep."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from sim.analysis.cliff import Cliff, Search
from sim.analysis.interval import Interval
from sim.analysis.logistic import half_point
from sim.execution.execute import Execution, executor_of
from sim.execution.watch import Progress
from sim.quantity.expression import read_expression
from sim.quantity.magnitude import unit_of
from sim.search.question import Question, name_of
from sim.search.range import Range
from sim.store.store import Store
from sim.study.axis import Axes
from sim.study.cell import Cell
from sim.study.metric_names import MetricNames
from sim.study.plan import cells_of
from sim.study.study import Study
from sim.study.trial import Model
from sim.study.vocabulary import Limit
from sim.units import InputError

Told = Callable[[str], object]
"""Called with a line about where the search is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One arm, at one point of the study's other axes, with what was found along the searched one."""

    arm: str
    point: Mapping[str, Any]
    cliff: Cliff
    range: Range
    limits: tuple[Limit, ...]
    seconds: float
    """What the looks cost, as their runner counts."""

    @property
    def name(self) -> str:
        """Arm and point in words."""
        return ", ".join([self.arm, *(f"{axis} {value}" for axis, value in self.point.items())])

    @property
    def good(self) -> float | None:
        """The largest value known to be good, in units of results."""
        return None if self.cliff.good is None else self.range.value(self.cliff.good)

    @property
    def bad(self) -> float | None:
        """The smallest value above it known to be bad."""
        return None if self.cliff.bad is None else self.range.value(self.cliff.bad)

    @property
    def estimate(self) -> Interval | None:
        """Where half of the runs are bad, by a logistic curve; None where a step parts them."""
        if self.cliff.kind not in {"bracket", "open"}:
            return None
        looks = self.cliff.looks
        return half_point(
            [self.range.value(level) for level in looks],
            [len(one) for one in looks.values()],
            [sum(one) for one in looks.values()],
        )


@dataclass(frozen=True, slots=True)
class FindResult:
    """What a search found."""

    study: Study
    question: Question
    axis: str
    """The short name of the searched value."""
    lines: tuple[Line, ...]
    is_partial: bool = False
    """Interrupted: the brackets are those known by then."""
    idle_axes: tuple[str, ...] = ()
    """Paths of axes of the study that make no difference beside the searched value, and were left out."""

    @property
    def unit(self) -> str:
        """Of the searched value, in results."""
        return unit_of(self.question.between[0])

    @property
    def exit_code(self) -> int:
        """0 where each line has a bracket, else 1."""
        return 0 if all(line.cliff.kind == "bracket" for line in self.lines) else 1


class Finding:
    """A search of every arm, under way or resumed: what a store has is not run again."""

    def __init__(self, study: Study, question: Question, model: Model) -> None:
        self.question, self.model, self.range = question, model, question.range
        self.axis = name_of(study, question.along)
        self.study = study_along(study, question.along, self.axis)
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self.cells(0)
        self.cells(self.range.n)  # both ends are scenarios, or nothing runs
        self.idle_axes = self._leave_idle_axes()
        first = self.cells(0)
        self._limits = [self._limits_of(cell) for cell in first]
        names = model.words.metrics
        self._is_checked = names is not None
        if names is not None:
            question.check_names(first[0].point, names)
        self.searches = [
            Search(self.range.n, confidence=question.confidence, most=question.most) for _ in first
        ]  # fmt: skip
        self._seconds = [0.0] * len(first)

    def cells(self, level: int) -> tuple[Cell, ...]:
        """Every arm at a level, in the study's order."""
        if level not in self._cells:
            axes = self.study.axes
            grid = {**axes.grid, self.question.along: (self.range.written(level),)}
            try:
                self._cells[level] = cells_of(replace(self.study, axes=replace(axes, grid=grid)), self.model)
            except InputError as error:
                raise _along(error, self.question.along) from None
        return self._cells[level]

    def _leave_idle_axes(self) -> tuple[str, ...]:
        """The axes, out of the grid from now on, whose values the searched one overrides: all of them are one search.

        Such as the rate of constant arrivals where that of Poisson arrivals, which stand in their place, is searched.
        """
        study, names = self.study, self.study.short_names()
        bound = {path for one in study.constraints for path in read_expression(one).names.values()}
        ends = (*self.cells(0), *self.cells(self.range.n))
        idle = [path for path in study.axes.grid if names[path] not in bound and _is_idle(names[path], ends)]
        if idle:
            grid = {path: values for path, values in study.axes.grid.items() if path not in idle}
            self.study = replace(study, axes=replace(study.axes, grid=grid))
            self.axis = name_of(self.study, self.question.along)
            self._cells.clear()
        return tuple(idle)

    def run(self, execution: Execution, store: Store, *, progress: Progress | None, tell: Told | None) -> None:
        """Round after round, until nothing more is wanted; each is kept as its trials end."""
        while wanted := {i: wants for i, search in enumerate(self.searches) if (wants := search.wants())}:
            trials = [
                self.cells(level)[i].trial(replication)
                for i, levels in wanted.items()
                for level, n in levels.items()
                for replication in range(n)
            ]
            execution.finish(trials, progress)
            self.take(store, wanted)
            for i, levels in wanted.items():
                for level in levels if tell else ():
                    tell and tell(self._told(i, level))

    def take(self, store: Store, wanted: Mapping[int, Mapping[int, int]]) -> None:
        """Hand the searches what the store has of these levels."""
        for i, levels in wanted.items():
            for level, n in levels.items():
                cell = self.cells(level)[i]
                keys = [cell.trial(replication).key for replication in range(n)]
                outcomes = store.outcomes(keys)
                done = [outcomes[key] for key in keys if key in outcomes]
                if failed := [outcome.error for outcome in done if outcome.error]:
                    where = f"{cell.arm}, {self.axis} {self.range.written(level)}"
                    raise InputError(f"{self.study.name}: {where}: a trial failed: {failed[0]}")
                known = len(self.searches[i].looks.get(level, ()))
                self._seconds[i] += sum(outcome.seconds for outcome in done[known:])
                bads = [self._is_bad(outcome.summary, cell) for outcome in done]
                self.searches[i].tell(level, bads)

    def result(self, is_partial: bool = False) -> FindResult:
        """What is known by now."""
        lines = [
            Line(
                cell.arm, {axis: value for axis, value in cell.point.items() if axis != self.axis},
                search.found(), self.range, limits, seconds,
            )
            for cell, search, limits, seconds in zip(
                self.cells(0), self.searches, self._limits, self._seconds, strict=True
            )
        ]  # fmt: skip
        return FindResult(self.study, self.question, self.axis, tuple(lines), is_partial, self.idle_axes)

    def _limits_of(self, cell: Cell) -> tuple[Limit, ...]:
        found = self.model.words.limits(cell.scenario)
        return tuple(limit for limit in found if limit.path == self.question.along)

    def _is_bad(self, summary: Mapping[str, Any], cell: Cell) -> bool:
        if not self._is_checked:
            self.question.check_names(cell.point, MetricNames(summary))
        return self.question.is_bad(summary, cell.point, self.model.words)

    def _told(self, i: int, level: int) -> str:
        looks, cell = self.searches[i].looks[level], self.cells(level)[i]
        where = ", ".join([cell.arm, *(f"{axis} {value}" for axis, value in cell.point.items())])
        return f"{where}: {sum(looks)} of {len(looks)} bad"


def find(  # parameters: those of a sweep, and the question
    study: Study,
    question: Question,
    model: Model,
    *,
    store: Callable[[], Store],
    workers: int | Executor | None = None,
    progress: Progress | None = None,
    tell: Told | None = None,
    retry_failed: bool = False,
) -> FindResult:
    """Look along a value of the scenario, in every arm, until the condition's turn is bracketed.

    Parameters
    ----------
    store
        Makes or opens the store; called when nothing about the question is wrong any more.
    workers, progress, retry_failed
        As of `sweep`.
    tell
        Called with a line for each level looked at.

    Raises
    ------
    InputError
        Where the question or the study is wrong: before anything runs.
    """
    finding = Finding(study, question, model)
    kept = store()
    with executor_of(workers) as executor:
        execution = Execution(model.run, kept, executor, False, retry_failed=retry_failed)
        try:
            finding.run(execution, kept, progress=progress, tell=tell)
        except KeyboardInterrupt:
            return finding.result(is_partial=True)
    return finding.result()


def plan_of(study: Study, question: Question, model: Model) -> tuple[int, int]:
    """How many arms and points are searched, and how many values there are in each; nothing is run."""
    finding = Finding(study, question, model)
    return len(finding.searches), finding.range.n + 1


def study_along(study: Study, along: str, axis: str) -> Study:
    """The study without what belongs to its own points along the searched value."""
    axes = study.axes
    elsewhere = [path for path in axes.paths() if path not in axes.grid]
    if along in elsewhere:
        raise InputError(f"{study.name}: --along {along}: stands in axes that are not a grid; take it out there")
    grid = {path: values for path, values in axes.grid.items() if path != along}
    free = tuple(one for one in study.constraints if axis not in read_expression(one).names.values())
    bare: Axes = replace(axes, grid=grid)
    return replace(study, axes=bare, constraints=free, claims=(), slo=(), pictures=())


def _is_idle(axis: str, cells: Sequence[Cell]) -> bool:
    """Whether cells that differ along this axis alone are the same scenario, everywhere."""
    keys: dict[tuple[Any, ...], set[str]] = {}
    for cell in cells:
        others = tuple((name, str(value)) for name, value in cell.point.items() if name != axis)
        keys.setdefault((cell.arm, others), set()).add(cell.trial(0).key)
    return all(len(same) == 1 for same in keys.values())


def _along(error: InputError, path: str) -> InputError:
    """The error of an override that the user wrote as --along."""
    _, found, told = str(error).partition(f": axes: {path}: ")
    return InputError(f"--along {path}: {told}") if found else error
