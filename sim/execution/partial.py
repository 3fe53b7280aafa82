"""What the store has of a study: after an interruption, or to look at results without running any."""

from sim.execution.sweep import SweepResult
from sim.store.store import Store
from sim.study.alias import with_keys
from sim.study.cell import Cell
from sim.study.plan import cells_of
from sim.study.precision import Replications, wanted
from sim.study.results import Replicated, Results
from sim.study.study import Study
from sim.study.trial import Model, Outcome

NOT_RUN = "not run"
"""The error of a trial that the store lacks."""


def kept(study: Study, model: Model, store: Store) -> SweepResult:
    """The study as far as it is done; nothing is run.

    Raises
    ------
    InputError
        Where the study is wrong.
    """
    study = with_keys(study, model.words)
    cells = [Replicated(cell, _outcomes(study.replications, store, cell)) for cell in cells_of(study, model)]
    return SweepResult(study, Results(study.name, cells), store)


def is_partial(result: SweepResult) -> bool:
    """Whether a trial that the study is certain to need was not run."""
    return any(outcome.error == NOT_RUN for cell in result.results.cells for outcome in cell.outcomes)


def _outcomes(replications: Replications, store: Store, cell: Cell) -> list[Outcome]:
    """The first round and, where precision asked for more, what follows it up to the last that is there."""
    first = wanted(replications, {})
    most = replications.max if replications.until else first
    keys = [cell.trial(replication).key for replication in range(most)]
    found = store.outcomes(keys)
    n = max((i + 1 for i, key in enumerate(keys) if key in found), default=0)
    return [found.get(key, Outcome(error=NOT_RUN)) for key in keys[: max(n, first)]]
