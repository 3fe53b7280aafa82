"""A study from its trials to its verdicts: run what is missing, then judge what is there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.execution.execute import Execution, executor_of
from sim.execution.watch import Progress, Stage, Watcher, widest_of
from sim.store.store import Store
from sim.study.alias import with_keys
from sim.study.cell import Cell
from sim.study.design import kind_of
from sim.study.limits import limits_of
from sim.study.plan import cells_of
from sim.study.precision import wanted
from sim.study.results import Replicated, Results
from sim.study.sensitivity import Sensitivity, sensitivity_of
from sim.study.slo import Kept, check
from sim.study.stability import Judged, judge_stability
from sim.study.study import Study
from sim.study.tabulate import frame_of, table_of
from sim.study.trial import Model, Outcome, RunTrial, Trial
from sim.study.verdict import Verdict, apart, judge
from sim.study.warmup import Settling, settlings, warnings_of
from sim.units import InputError


@dataclass(frozen=True, slots=True)
class SweepResult:
    """A study's results; everything follows from the store, so it can be asked again at no cost."""

    study: Study
    results: Results
    store: Store
    ran: int = 0
    """Trials that were run for it."""
    had: int = 0
    """Results that were in the store, or came there from another sweep; arms that come to the same share theirs."""
    limits: Sequence[Mapping[str, Any]] = ()
    """The closed forms of its arms, see `limits_of`."""

    @property
    def frame(self) -> pl.DataFrame:
        """One row per trial: arm, one column per axis, replication, seconds, error, then every metric."""
        return frame_of(self.results)

    def table(self) -> pl.DataFrame:
        """One row per arm, point and metric: n, mean, and the bounds of its 95 % interval."""
        return table_of(self.results)

    @property
    def claims(self) -> list[Verdict]:
        """The verdict of each claim, in the study's order."""
        return judge(self.study.claims, self.results, self.study.comparisons)

    @property
    def slo(self) -> list[Kept]:
        """Each objective at each arm and point that it applies to."""
        return [kept for objective in self.study.slo for kept in check(objective, self.results)]

    @property
    def stability(self) -> list[Judged]:
        """Whether each arm is stable at each point, where the study asks."""
        asked = self.study.stability
        return [] if asked is None else judge_stability(asked, self.results)

    @property
    def sensitivity(self) -> Sensitivity:
        """How much each setting matters, where the axes are a sample that tells it."""
        design = self.study.axes.design()
        return Sensitivity() if design is None else sensitivity_of(design, self.results)

    @property
    def failed(self) -> list[str]:
        """One line for each trial that failed, with what to rerun it by."""
        return [
            f"{', '.join([found.cell.arm, *(f'{name} {value}' for name, value in found.cell.point.items())])},"
            f" replication {replication}: {outcome.error}"
            for found in self.results.cells
            for replication, outcome in enumerate(found.outcomes)
            if outcome.error
        ]

    @property
    def warnings(self) -> list[str]:
        """Each line that trials warn of, once, with how many of them do; then what the statistics warn of."""
        outcomes = [outcome for found in self.results.cells for outcome in found.outcomes]
        counts = Counter(line for outcome in outcomes for line in outcome.warnings)
        told = [f"{line} ({n:,} of {len(outcomes):,} trials)" for line, n in counts.items()]
        return [*told, *warnings_of(self.warmups), *(apart(one) for one in self.claims if one.is_apart)]

    @property
    def warmups(self) -> list[Settling]:
        """The warm-up of each arm at each point, where the trials tell how they went."""
        return settlings(self.results.cells)

    @property
    def exit_code(self) -> int:
        """1 where a verdict is not the expected one or an objective is missed, else 0; where a trial failed 2 or 3.

        It is 2 where all that failed had a wrong input, such as a recording that does not say what it should.
        """
        errors = [outcome.error for found in self.results.cells for outcome in found.outcomes if outcome.error]
        if errors:
            return 2 if all(error.startswith(f"{InputError.__name__}:") for error in errors) else 3
        is_good = all(verdict.is_expected for verdict in self.claims) and all(kept.is_met for kept in self.slo)
        return 0 if is_good else 1

    def samples(self, arm: str, point: dict[str, object] | None = None, replication: int = 0) -> pl.DataFrame:
        """The levels over time of one trial; of a study with ``keep: samples``."""
        cell = self.results.one("samples", arm, point or {}).cell
        samples = self.store.samples(cell.trial(replication).key)
        if samples is None:
            raise InputError(f"{self.study.name}: no samples of {arm}, replication {replication}; write keep: samples")
        return samples


def sweep(  # parameters: the options of a sweep
    study: Study,
    run_trial: RunTrial | Model,
    store: Store,
    *,
    workers: int | Executor | None = None,
    progress: Progress | None = None,
    retry_failed: bool = False,
) -> SweepResult:
    """Run the trials that the store lacks, in rounds until the study's precision is reached.

    Results depend neither on the number of workers nor on the order in which trials end.

    Parameters
    ----------
    run_trial
        A top-level function, or a `Model` that also knows its version and how to fill in defaults.
    workers
        None: one process per CPU; 1: this process; or an executor, which stays open.
    progress
        Called with (done, in all) after each trial; in all grows where precision asks for more rounds. A `Watcher`
        is told more.
    retry_failed
        Run trials again that failed in an earlier sweep; else their errors stand.

    Raises
    ------
    InputError
        Where the study is wrong or the store has results of another model version: before anything runs, but for
        metrics that no trial has.
    """
    model = run_trial if isinstance(run_trial, Model) else Model(run=run_trial)
    study = with_keys(study, model.words)
    cells = cells_of(study, model)
    store.refuse_other_versions(model.version)
    counts, trials = [0] * len(cells), list[Trial]()
    with executor_of(workers) as executor:
        execution = Execution(model.run, store, executor, study.keep == "samples", retry_failed=retry_failed)
        if model.words.metrics is None:  # else the plan has refused what no run measures
            _check_design(study, cells[0], execution, store)
        while (more := [_wanted(study, store, cell, n) for cell, n in zip(cells, counts, strict=True)]) != counts:
            counts, known = more, [
                Replicated(cell, _outcomes(store, cell, n)) for cell, n in zip(cells, counts, strict=True)
            ]  # fmt: skip
            trials = [cell.trial(i) for i in range(max(counts)) for cell, n in zip(cells, counts, strict=True) if i < n]
            store.note_plan(study.name, trials, is_settled=not study.replications.until)
            execution.finish(trials, _told(study, execution, progress, known))
        store.note_plan(study.name, trials, is_settled=True)
    found = [Replicated(cell, _outcomes(store, cell, n)) for cell, n in zip(cells, counts, strict=True)]
    results = Results(study.name, found)
    for metric in study.replications.until:
        results.check_metric("replications.until", metric)
    had = len({trial.key for trial in trials}) - execution.ran
    return SweepResult(study, results, store, execution.ran, had, limits_of(cells, model.words))


def _check_design(study: Study, cell: Cell, execution: Execution, store: Store) -> None:
    """A sample has hundreds of points: one trial tells whether anybody records what it is drawn for."""
    design = study.axes.design()
    if design is not None:
        execution.finish([cell.trial(0)])
        ahead = Results(study.name, [Replicated(cell, _outcomes(store, cell, 1))])
        for metric in design.metrics:
            ahead.check_metric(f"axes.{kind_of(design)}.metrics", metric)


def _told(study: Study, execution: Execution, progress: Progress | None, known: list[Replicated]) -> Progress | None:
    """What is called after each trial of a round: a watcher hears of failures and of the widest interval too."""
    if not isinstance(progress, Watcher):
        return progress
    widest = widest_of(study.replications, known)
    return lambda done, total: progress.tell(Stage(done, total, execution.failed, widest))


def _wanted(study: Study, store: Store, cell: Cell, n: int) -> int:
    if n and not study.replications.until:
        return n
    found = Replicated(cell, _outcomes(store, cell, n))
    values = {metric: found.values(metric) for metric in study.replications.until}
    return wanted(study.replications, values)


def _outcomes(store: Store, cell: Cell, n: int) -> list[Outcome]:
    lost = Outcome(error="not run")
    keys = [cell.trial(replication).key for replication in range(n)]
    found = store.outcomes(keys)
    return [found.get(key, lost) for key in keys]
