from typing import Any

import numpy as np
import pytest

from sim.study.cell import Cell
from sim.study.trial import attempt, key_of


def a_cell(**scenario: Any) -> Cell:
    return Cell(arm="a", point={}, scenario=scenario, seed=1, version="0")


def counts(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    return {"summary": {"n": np.int64(3), "share": np.float64("nan")}, "samples": None, "seconds": 1}


def fails(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    raise ValueError("first line\nsecond line")


def a_key(**changes: Any) -> str:
    parts: dict[str, Any] = {"scenario": {"a": 1}, "seed": 1, "replication": 0, "version": "0"}
    return key_of(**parts | changes)


def test_the_key_does_not_depend_on_the_order_of_keys() -> None:
    assert a_key(scenario={"a": 1, "b": 2}) == a_key(scenario={"b": 2, "a": 1})


@pytest.mark.parametrize("change", [{"scenario": {"a": 2}}, {"seed": 2}, {"replication": 1}, {"version": "1"}])
def test_the_key_depends_on_scenario_seed_replication_and_version(change: dict) -> None:
    assert a_key(**change) != a_key()


def test_a_key_stays_the_same_from_release_to_release() -> None:
    assert a_key(scenario={"a": [1, "é"]})[:12] == "f9bf802d1ca4"


def test_an_outcome_is_plain_numbers() -> None:
    outcome = attempt(counts, a_cell().trial(0), False)

    assert outcome.summary == {"n": 3, "share": None}
    assert type(outcome.summary["n"]) is int


def test_a_failure_is_an_outcome_of_one_line() -> None:
    assert attempt(fails, a_cell().trial(0), False).error == "ValueError: first line"
