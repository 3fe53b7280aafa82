"""What a store has of a study, without running anything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.execution.partial import is_partial, kept
from sim.scenario import Loader
from sim.store.store import Store
from sim.study.plan import cells_of
from sim.study.study import Study
from sim.study.trial import Model, Outcome


def never(*_: Any) -> Mapping[str, Any]:
    raise AssertionError("nothing is run")


MODEL = Model(run=never)


def a_study(replications: Any) -> Study:
    tree = {"name": "s", "base": {"x": 1}, "arms": {"a": {}, "b": {"set": {"x": 2}}}, "replications": replications}
    study: Study = Loader(Study).load_tree(tree, "study")
    return study


def a_store(folder: Path, study: Study, done: Mapping[str, list[int]]) -> Store:
    """A store with a result for each listed replication of each arm."""
    store = Store(folder)
    for cell in cells_of(study, MODEL):
        for replication in done.get(cell.arm, []):
            store.put(cell.trial(replication), Outcome(summary={"m": float(replication)}))
    return store


def test_a_store_that_has_every_trial_is_whole(tmp_path: Path) -> None:
    study = a_study(2)
    found = kept(study, MODEL, a_store(tmp_path, study, {"a": [0, 1], "b": [0, 1]}))

    assert not is_partial(found)
    assert found.frame["m"].to_list() == [0.0, 1.0, 0.0, 1.0]


def test_a_trial_that_is_missing_is_named_not_run(tmp_path: Path) -> None:
    study = a_study(2)
    found = kept(study, MODEL, a_store(tmp_path, study, {"a": [0, 1], "b": [1]}))

    assert is_partial(found)
    assert found.frame["error"].to_list() == ["", "", "not run", ""]
    assert found.table().filter(arm="b")["n"].to_list() == [1]


def test_an_empty_store_gives_a_frame_of_trials_not_run(tmp_path: Path) -> None:
    study = a_study(3)
    found = kept(study, MODEL, a_store(tmp_path, study, {}))

    assert is_partial(found)
    assert found.frame.height == 6
    assert found.table().is_empty()


def test_replications_that_precision_asked_for_are_kept(tmp_path: Path) -> None:
    study = a_study({"until": {"m": "5%"}, "min": 5, "max": 20})
    found = kept(study, MODEL, a_store(tmp_path, study, {"a": list(range(8)), "b": list(range(5))}))

    assert not is_partial(found)
    assert found.frame.group_by("arm", maintain_order=True).len()["len"].to_list() == [8, 5]
