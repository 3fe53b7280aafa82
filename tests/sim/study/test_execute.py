from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from sim.study.cell import Cell
from sim.study.execute import Execution, Inline, executor_of
from sim.study.store import Store
from sim.study.trial import Trial


def counts(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    return {"summary": {"n": replication}, "samples": None, "seconds": 0.0}


def some_trials(n: int) -> list[Trial]:
    cell = Cell(arm="a", point={}, scenario={}, seed=1, version="0")
    return [cell.trial(replication) for replication in range(n)]


class Backwards(Executor):
    """Ends the calls in the opposite order; one of them breaks it."""

    def __init__(self, breaks_at: int = -1) -> None:
        self.begun: list[Future] = []
        self.calls: list[tuple[Any, Any]] = []
        self.breaks_at = breaks_at

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.begun.append(Future())
        self.calls.append((fn, args))
        if len(self.begun) == 5:
            self._end_all()
        return self.begun[-1]

    def _end_all(self) -> None:
        for i in reversed(range(5)):
            if i == self.breaks_at:
                self.begun[i].set_exception(RuntimeError("a worker died"))
            else:
                self.begun[i].set_result(self.calls[i][0](*self.calls[i][1]))


def test_trials_with_one_key_run_once(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    twice = some_trials(3) * 2

    Execution(counts, Store(tmp_path), (Inline(), 1), False).finish(twice, lambda *call: calls.append(call))

    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_the_order_in_which_trials_end_does_not_matter(tmp_path: Path) -> None:
    store = Store(tmp_path)

    Execution(counts, store, (Backwards(), 5), False).finish(some_trials(5))

    assert [store.outcomes([trial.key])[trial.key].summary["n"] for trial in some_trials(5)] == [0, 1, 2, 3, 4]


def test_a_broken_executor_is_reported_and_what_is_done_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with pytest.raises(RuntimeError, match="a worker died"):
        Execution(counts, store, (Backwards(breaks_at=2), 5), False).finish(some_trials(5))

    assert store.missing(trial.key for trial in some_trials(5)) == [some_trials(5)[2].key]


def test_one_worker_is_this_process_and_an_executor_is_used_as_it_is() -> None:
    mine = Backwards()

    with executor_of(1) as (inline, window):
        assert (type(inline), window) == (Inline, 1)
    with executor_of(mine) as (given, _):
        assert given is mine
