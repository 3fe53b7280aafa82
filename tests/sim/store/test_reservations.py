"""Sweeps that share a store: who runs what, and what becomes of the dead."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.store.reservations import Reservations
from sim.store.store import Store
from sim.study.cell import Cell
from sim.study.trial import Outcome, Trial
from sim.units import InputError

HOLDER = """
import sys
from sim.store.store import Store

store = Store(sys.argv[1])
with store.sweeping("0") as reservations:
    store.take(reservations, sys.argv[2:], 100, False, 0.0)
    print("taken", flush=True)
    sys.stdin.read()
"""


def some_trials(n: int) -> list[Trial]:
    cell = Cell(arm="a", point={}, scenario={}, seed=1, version="0")
    return [cell.trial(replication) for replication in range(n)]


def take(store: Store, reservations: Reservations, keys: list[str], most: int = 100) -> tuple[list[str], list[str]]:
    return store.take(reservations, keys, most, False, 0.0)


@contextmanager
def another_process(folder: Path, *keys: str) -> Iterator[subprocess.Popen]:
    """A sweep elsewhere that has set these aside."""
    command = [sys.executable, "-c", HOLDER, str(folder), *keys]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "taken\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_what_one_sweep_has_no_other_takes(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with store.sweeping("0") as one, store.sweeping("0") as other:
        assert take(store, one, ["a", "b", "c"], most=2) == (["a", "b"], [])
        assert take(store, other, ["a", "b", "c", "d"], most=1) == (["c"], ["a", "b"]), "no further than asked for"


def test_what_a_sweep_leaves_behind_is_free_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.sweeping("0") as one:
        take(store, one, ["a"])

    with store.sweeping("0") as other:
        assert take(store, other, ["a"]) == (["a"], [])
    assert [file.name for file in tmp_path.iterdir()] == ["results.sqlite"], "no lock is left"


def test_a_trial_with_a_result_is_passed_over(tmp_path: Path) -> None:
    store, trial = Store(tmp_path), some_trials(1)[0]
    store.put(trial, Outcome(summary={"m": 1}))

    with store.sweeping("0") as one:
        assert take(store, one, [trial.key, "new"]) == (["new"], [trial.key])


def test_a_result_ends_the_reservation(tmp_path: Path) -> None:
    store, trial = Store(tmp_path), some_trials(1)[0]

    with store.sweeping("0") as one, store.sweeping("0") as other:
        take(store, one, [trial.key])
        store.put(trial, Outcome(error="ValueError: no"))
        assert store.take(other, [trial.key], 1, False, 1e12) == ([trial.key], []), "free for those who retry failures"


def test_what_a_living_process_has_is_its_own_and_a_killed_one_has_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with another_process(tmp_path, "a", "b") as holder, store.sweeping("0") as one:
        assert take(store, one, ["a", "b", "c"]) == (["c"], ["a", "b"])
        holder.kill()
        holder.wait()
        assert take(store, one, ["a", "b", "c"]) == (["a", "b"], ["c"]), "c is ours already"


def test_a_sweep_of_another_version_at_work_is_in_the_way(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with (
        another_process(tmp_path) as holder,
        pytest.raises(InputError, match=rf"version 0 is at work on it \(process {holder.pid}\), this is 4"),
        store.sweeping("4"),
    ):
        pass
