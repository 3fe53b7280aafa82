import multiprocessing
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.execution.execute import Execution, Inline, executor_of
from sim.store.store import Store
from sim.study.cell import Cell
from sim.study.trial import Outcome, Trial


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


CELLS = 3
FOR_EACH = 12


def counts_slowly(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    """Some 20 ms of CPU, and a line in a file for each run."""
    total = sum(i * i % (replication + 2) for i in range(200_000))
    if tree["runs"]:
        with open(tree["runs"], "a", encoding="utf-8") as file:  # noqa: PTH123  in one write, whoever else writes
            file.write(f"{tree['cell']} {replication}\n")
    return {"summary": {"total": total}, "samples": pl.DataFrame({"t": [total]}) if keep_samples else None}


def slow_trials(runs: str = "") -> list[Trial]:
    cells = [
        Cell(arm="a", point={}, scenario={"cell": i, "runs": runs}, identity={"cell": i}, seed=1, version="0")
        for i in range(CELLS)
    ]
    return [cell.trial(replication) for cell in cells for replication in range(FOR_EACH)]


def finish_slowly(folder: str, runs: str = "") -> None:
    """For another process: sweep with two workers."""
    with executor_of(2) as executor:
        Execution(counts_slowly, Store(folder), executor, True).finish(slow_trials(runs))


def results_in(store: Store) -> pl.DataFrame:
    """All but what a clock or a path has in it."""
    return store.frame().drop("seconds", "scenario")


@pytest.mark.parametrize("n", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_after_a_kill_only_what_is_missing_runs_and_the_results_are_the_same(tmp_path: Path, n: int) -> None:
    killed, whole = Store(tmp_path / "killed"), Store(tmp_path / "whole")
    sweeping = multiprocessing.get_context("spawn").Process(target=finish_slowly, args=(str(killed.folder),))
    sweeping.start()
    while killed.frame().height < n:
        assert sweeping.is_alive(), "the sweep ended by itself"
    sweeping.kill()
    sweeping.join()
    kept = killed.frame().height

    calls: list[tuple[int, int]] = []
    Execution(counts_slowly, killed, (Inline(), 1), True).finish(slow_trials(), lambda *call: calls.append(call))
    Execution(counts_slowly, whole, (Inline(), 1), True).finish(slow_trials())

    assert calls == [(i, CELLS * FOR_EACH) for i in range(kept + 1, CELLS * FOR_EACH + 1)]
    assert_frame_equal(results_in(killed), results_in(whole), check_exact=True)
    assert killed.missing([trial.key for trial in slow_trials()], with_samples=True) == []
    assert not list(killed.folder.glob(".sweep-*")), "the lock of the dead one is gone"


def test_two_sweeps_at_once_run_nothing_twice(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    given = (str(tmp_path / "shared"), str(tmp_path / "runs"))
    sweeps = [spawn.Process(target=finish_slowly, args=given) for _ in range(2)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join()

    assert [one.exitcode for one in sweeps] == [0, 0]
    runs = (tmp_path / "runs").read_text().splitlines()
    assert sorted(runs) == sorted(f"{i} {replication}" for i in range(CELLS) for replication in range(FOR_EACH))
    assert Store(tmp_path / "shared").frame().height == CELLS * FOR_EACH


def test_results_of_another_sweep_are_waited_for_and_told_as_progress(tmp_path: Path) -> None:
    store, calls = Store(tmp_path), list[tuple[int, int]]()
    first, second = some_trials(2)

    def tell(done: int, total: int) -> None:
        calls.append((done, total))
        store.put(first, Outcome(summary={"n": 0}))

    with store.sweeping("0") as other:
        store.take(other, [first.key], 1, False, 0.0)
        Execution(counts, store, (Inline(), 1), False).finish([first, second], tell)

    assert calls == [(1, 2), (2, 2)]


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom sim.execution.execute import executor_of\n"
        "with executor_of(2) as (executor, _):\n"
        "    print(executor.submit(os.getpid).result(), flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        # the pipe closes only when the last worker that holds it is gone; without its watch it lives for ever
        assert parent.communicate(timeout=30)[0] == b""
