"""Tuning: search settings by trials from the store, then compare the best few on fresh replications."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from sim.analysis.interval import Interval
from sim.execution.execute import Execution, executor_of
from sim.execution.watch import Progress
from sim.search.pairwise import pairwise
from sim.search.suggest import Suggester
from sim.search.tried import Tried, costs, mean, violation
from sim.search.tuned import BASE, Finalist, Tuned
from sim.spelling import way_out
from sim.store.store import Store
from sim.study.axis import short_names
from sim.study.cell import Cell
from sim.study.estimate import difference, estimate
from sim.study.results import Replicated, Results, complete
from sim.study.slo import Objective, check
from sim.study.study import Study
from sim.study.trial import Model, Outcome
from sim.study.tuning import Tuning
from sim.units import InputError


def tune(
    study: Study,
    model: Model,
    store: Store,
    *,
    workers: int | Executor | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """Search, then compare; every run goes through the store, so that the same search again runs nothing.

    Results do not depend on the number of workers: settings are asked for in batches of a stated size.
    An interrupted search (KeyboardInterrupt) returns what was tried.

    Raises
    ------
    InputError
        Where the study asks for no tuning, or a path, a value or a metric is wrong.
    """
    tuning = check_tuning(study, model)
    store.refuse_other_versions(model.version)
    with executor_of(workers) as executor:
        return _Search(
            study, tuning, model, _Runs(Execution(model.run, store, executor, False), store, progress)
        ).tuned()


def check_tuning(study: Study, model: Model) -> Tuning:
    """What the study searches; raises InputError where a path or an end of a range is wrong, and runs nothing."""
    if study.tune is None:
        raise InputError(
            f"{study.name}: says nothing to tune; write tune: {{over: {{PATH: [low, high]}}, minimise: METRIC}}"
        )
    if study.tune.arm and study.tune.arm not in study.arms:
        instead = way_out(study.tune.arm, study.arms)
        raise InputError(f"{study.name}: tune.arm: no arm is called {study.tune.arm}; {instead}")
    for path, span in study.tune.spans().items():
        for value in span.values:
            _cell(study, model, {path: value})
    objectives_of(study)
    return study.tune


def objectives_of(study: Study) -> tuple[Objective, ...]:
    """What the settings have to keep: those of the tuning, or the study's that hold for all arms and points."""
    if study.tune is None:
        return ()
    for i, objective in enumerate(study.tune.subject_to):
        if objective.arm or objective.at:
            raise InputError(
                f"{study.name}: tune.subject_to.{i}: a search has neither arms nor points; take arm and at out"
            )
    return study.tune.subject_to or tuple(one for one in study.slo if not one.arm and not one.at)


def _cell(study: Study, model: Model, settings: Mapping[str, Any]) -> Cell:
    assert study.tune is not None
    declared = study.arms[study.tune.arm].set if study.tune.arm else {}
    try:
        scenario = model.resolve(study.base, {**declared, **settings})
    except InputError as error:
        raise InputError(f"{study.name}: tune.over: {error}") from None
    names = short_names(settings)
    return Cell(
        arm=study.tune.arm or BASE, point={names[path]: value for path, value in settings.items()}, scenario=scenario,
        identity=model.identify(scenario), seed=study.seed, version=model.version,
    )  # fmt: skip


class _Runs:
    """Runs replications of cells that the store lacks, and counts them towards the whole."""

    def __init__(self, execution: Execution, store: Store, progress: Progress | None) -> None:
        self._execution, self._store, self._progress = execution, store, progress
        self._done, self.total = 0, 0

    def __call__(self, cells: Sequence[Cell], replications: range) -> list[Replicated]:
        trials = [cell.trial(i) for i in replications for cell in cells]
        self._execution.finish(trials, self._tell)
        self._done += len(trials)
        return [Replicated(cell, self._outcomes(cell, replications)) for cell in cells]

    def one(self, cell: Cell, replication: int) -> Replicated:
        """A trial that is planned anyway, ahead of the others: it does not count."""
        self._execution.finish([cell.trial(replication)])
        return Replicated(cell, self._outcomes(cell, range(replication, replication + 1)))

    def _outcomes(self, cell: Cell, replications: range) -> list[Outcome]:
        keys = [cell.trial(i).key for i in replications]
        found = self._store.outcomes(keys)
        return [found[key] for key in keys]

    def _tell(self, done: int, _: int) -> None:
        if self._progress is not None:
            self._progress(min(self._done + done, self.total), self.total)


class _Search:
    def __init__(self, study: Study, tuning: Tuning, model: Model, runs: _Runs) -> None:
        self._study, self._tuning, self._model, self._runs = study, tuning, model, runs
        self._objectives = objectives_of(study)
        self._tried: list[Tried] = []
        self._warnings: dict[str, None] = {}
        runs.total = tuning.planned

    def tuned(self) -> Tuned:
        found = Tuned(study=self._study, tuning=self._tuning, tried=self._tried)
        try:
            self._check_metrics()
            base = self._runs([self._cell({})], self._fresh)[0]
            self._search()
            found = self._compared(base)
        except KeyboardInterrupt:
            found = replace(found, is_partial=True)
        return replace(found, warnings=[*self._warnings])

    @property
    def _fresh(self) -> range:
        first = self._tuning.replications
        return range(first, first + self._tuning.compare)

    def _cell(self, settings: Mapping[str, Any]) -> Cell:
        return _cell(self._study, self._model, settings)

    def _check_metrics(self) -> None:
        """What nobody records shows in one trial of the base, before the search."""
        base = self._runs.one(self._cell({}), self._fresh[0])
        if base.outcomes[0].error:
            raise InputError(f"{self._study.name}: the base fails: {base.outcomes[0].error}")
        results = Results(self._study.name, [base])
        for metric in self._tuning.terms:
            results.check_metric("tune.minimise", metric)
        for objective in self._objectives:
            if objective.absent is None:
                results.check_metric("tune.subject_to", objective.metric)

    def _search(self) -> None:
        suggester = Suggester(self._tuning.spans(), self._tuning.seed)
        while (left := self._tuning.trials - len(self._tried)) > 0:
            asked = suggester.ask(min(self._tuning.batch, left))
            cells = [self._possible(settings) for settings in asked]
            found = iter(self._runs([cell for cell in cells if cell], range(self._tuning.replications)))
            for i, (settings, cell) in enumerate(zip(asked, cells, strict=True)):
                one = self._judged(settings, next(found) if cell else None)
                suggester.tell(i, one.cost, one.violations)
                self._tried.append(one)

    def _possible(self, settings: Mapping[str, Any]) -> Cell | None:
        """A setting that is wrong only together with another one is not tried."""
        try:
            return self._cell(settings)
        except InputError as error:
            self._warnings[f"not tried: {error}"] = None
            return None

    def _judged(self, settings: Mapping[str, Any], found: Replicated | None) -> Tried:
        number = len(self._tried) + 1
        if found is None:
            return Tried(number, settings, None, ())
        for outcome in found.outcomes:
            if outcome.error:
                self._warnings[f"trial {number} failed: {outcome.error}"] = None
        excess = [violation(objective, found) for objective in self._objectives]
        return Tried(number, settings, mean(costs(found, self._tuning.terms)), excess)

    def _compared(self, base: Replicated) -> Tuned:
        best: dict[Any, Tried] = {}
        for one in sorted((one for one in self._tried if one.cost is not None), key=lambda one: one.rank):
            # settings that come to the same, such as two limits above what is ever needed, would fill the places
            best.setdefault((one.cost, *one.violations), one)
        chosen = list(best.values())[: self._tuning.finalists]
        found = self._runs([self._cell(one.settings) for one in chosen], self._fresh)
        finalists = [self._finalist(str(one.number), one.settings, at) for one, at in zip(chosen, found, strict=True)]
        order = sorted(range(len(chosen)), key=lambda i: _merit(finalists[i]))
        at = self._finalist(BASE, {}, base)
        gain = None
        columns = [complete(costs(found[i], self._tuning.terms)) for i in order]
        ranked = [finalists[i] for i in order]
        if columns and columns[0] is not None:
            if (level := complete(costs(base, self._tuning.terms))) is not None:
                gain = difference(columns[0], level)
            ranked = _against_the_best(ranked, columns)
        return Tuned(study=self._study, tuning=self._tuning, tried=self._tried, finalists=ranked, base=at, gain=gain)

    def _finalist(self, name: str, settings: Mapping[str, Any], found: Replicated) -> Finalist:
        known = complete(costs(found, self._tuning.terms))
        results = Results(self._study.name, [found])
        named = dict.fromkeys([*self._tuning.terms, *(objective.metric for objective in self._objectives)])
        means = {metric: mean(found.values(metric)) for metric in named}
        return Finalist(
            name=name, settings=settings, cost=None if known is None else estimate(known),
            slo=[kept for objective in self._objectives for kept in check(objective, results)],
            metrics={metric: value for metric, value in means.items() if value is not None},
        )  # fmt: skip


def _against_the_best(ranked: Sequence[Finalist], columns: Sequence[Sequence[float] | None]) -> list[Finalist]:
    known = [i for i, column in enumerate(columns) if column is not None]
    gaps: Mapping[tuple[int, int], Interval] = pairwise([column for column in columns if column is not None])
    away = {i: gaps[0, at] for at, i in enumerate(known) if at > 0}
    return [replace(one, versus_best=_turned(away[i])) if i in away else one for i, one in enumerate(ranked)]


def _turned(gap: Interval) -> Interval:
    """The best one's less the other's to the other's less the best one's."""
    return Interval(0 - gap.estimate, 0 - gap.high, 0 - gap.low, gap.confidence)


def _merit(one: Finalist) -> tuple[bool, int, float]:
    missed = sum(not kept.is_met for kept in one.slo)
    return one.cost is None, missed, one.cost.estimate if one.cost is not None else 0.0
