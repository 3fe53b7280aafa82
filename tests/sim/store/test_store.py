import time
from pathlib import Path

import polars as pl
import pytest

from sim.store.store import Store
from sim.study.cell import Cell
from sim.study.trial import Course, Outcome, Trial
from sim.units import InputError


def a_trial(replication: int = 0) -> Trial:
    return Cell(arm="a", point={}, scenario={"x": 1}, seed=1, version="0").trial(replication)


def test_what_is_put_comes_back(tmp_path: Path) -> None:
    store, trial = Store(tmp_path), a_trial()
    store.put(trial, Outcome(summary={"m": 1.5, "n": 3, "word": "x", "none": None}, seconds=2.0))

    again = Store(tmp_path).get(trial.key)

    assert again == Outcome(summary={"m": 1.5, "n": 3, "word": "x", "none": None}, seconds=2.0)
    assert store.get("unknown") is None


def test_how_a_trial_went_comes_back_and_is_pruned_with_it(tmp_path: Path) -> None:
    store, trial = Store(tmp_path), a_trial()
    course = Course(step=0.5, values=(1.0, None, 1 / 3), warmup=2.0)
    store.put(trial, Outcome(summary={"m": 1.5}, course=course))

    again = Store(tmp_path).get(trial.key)

    assert again is not None
    assert again.course == course
    store.prune([])
    store.put(trial, Outcome(summary={"m": 1.5}))
    assert store.get(trial.key) == Outcome(summary={"m": 1.5})


def test_missing_are_those_without_a_result_each_once(tmp_path: Path) -> None:
    store, good, bad = Store(tmp_path), a_trial(0), a_trial(1)
    store.put(good, Outcome(summary={"m": 1}))
    store.put(bad, Outcome(error="ValueError: no"))

    assert store.missing(["new", good.key, bad.key, "new"]) == ["new"], "an error is a result"
    assert store.missing([good.key, bad.key], with_samples=True) == [good.key], "a failed trial has no samples"


def test_a_failed_trial_is_missing_for_those_who_try_again(tmp_path: Path) -> None:
    store, good, bad = Store(tmp_path), a_trial(0), a_trial(1)
    store.put(good, Outcome(summary={"m": 1}))
    store.put(bad, Outcome(error="ValueError: no"))

    assert store.missing([good.key, bad.key], retry_before=time.time()) == [bad.key]
    assert store.missing([good.key, bad.key], retry_before=1.0) == [], "it failed after that"


def test_another_version_is_refused_and_what_is_there_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(a_trial(), Outcome(summary={"m": 1}))
    before = (tmp_path / "results.sqlite").read_bytes()

    with pytest.raises(InputError, match="holds results of model version 0, this is 4; take another folder with --out"):
        Store(tmp_path).refuse_other_versions("4")

    Store(tmp_path).refuse_other_versions("0")
    assert (tmp_path / "results.sqlite").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["results.sqlite"]


def test_a_good_result_replaces_a_failure_and_never_the_other_way(tmp_path: Path) -> None:
    store, trial = Store(tmp_path), a_trial()
    store.put(trial, Outcome(error="ValueError: no"))
    store.put(trial, Outcome(summary={"m": 1}))
    store.put(trial, Outcome(error="ValueError: late"))

    assert store.get(trial.key) == Outcome(summary={"m": 1})


def test_samples_are_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, trial = Store(tmp_path), a_trial()

    def fails(self: pl.DataFrame, file: object) -> None:
        raise OSError("no space left on the disk")

    with monkeypatch.context() as patch:
        patch.setattr(pl.DataFrame, "write_parquet", fails)
        with pytest.raises(OSError, match="no space"):
            store.put(trial, Outcome(samples=pl.DataFrame({"t": [0.0]})))
    assert store.samples(trial.key) is None
    assert store.get(trial.key) is None, "without its samples the trial counts as not run"
    assert list((tmp_path / "samples").iterdir()) == []

    store.put(trial, Outcome(samples=pl.DataFrame({"t": [0.0]})))

    assert store.missing([trial.key], with_samples=True) == []


def test_the_export_has_a_row_per_result_with_all_that_it_depends_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(a_trial(1), Outcome(summary={"m": 1}))

    row = store.frame().row(0, named=True)

    assert row["key"] == a_trial(1).key
    assert (row["version"], row["seed"], row["replication"], row["scenario"]) == ("0", 1, 1, '{"x":1}')


def test_pruning_leaves_what_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for replication in range(3):
        store.put(a_trial(replication), Outcome(samples=pl.DataFrame({"t": [0.0]})))

    assert store.prune([a_trial(1).key]) == 2
    assert store.frame()["key"].to_list() == [a_trial(1).key]
    assert [file.stem for file in (tmp_path / "samples").iterdir()] == [a_trial(1).key]


def test_pruning_takes_failures_or_other_versions(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(a_trial(0), Outcome(summary={"m": 1}))
    store.put(a_trial(1), Outcome(error="ValueError: no"))

    assert store.prune(failed=True) == 1
    assert store.prune(other_than="0") == 0
    assert store.prune(other_than="1") == 1
    assert store.frame().is_empty()
    store.refuse_other_versions("1")


def test_pruning_waits_for_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with (
        store.sweeping("0"),
        pytest.raises(InputError, match=r"a sweep is at work on it \(process \d+\); end that one"),
    ):
        store.prune(failed=True)


def test_a_scenario_lies_once_for_all_its_replications(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for replication in range(3):
        store.put(a_trial(replication), Outcome())

    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM scenarios").fetchone() == (1,)
    store.prune([])
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM scenarios").fetchone() == (0,)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("not a database, long enough to be looked at " * 30)

    with pytest.raises(InputError, match=r"results.sqlite: .*not a database; take another folder"):
        Store(tmp_path)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(InputError, match="taken: file exists; take another folder"):
        Store(tmp_path / "taken")
