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


def test_the_key_does_not_depend_on_the_order_of_keys() -> None:
    assert key_of({"a": 1, "b": 2}, 1, 0, "0") == key_of({"b": 2, "a": 1}, 1, 0, "0")


@pytest.mark.parametrize(
    "other", [({"a": 2}, 1, 0, "0"), ({"a": 1}, 2, 0, "0"), ({"a": 1}, 1, 1, "0"), ({"a": 1}, 1, 0, "1")]
)
def test_the_key_depends_on_scenario_seed_replication_and_version(other: Any) -> None:
    assert key_of({"a": 1}, 1, 0, "0") != key_of(*other)


def test_a_key_stays_the_same_from_release_to_release() -> None:
    key = key_of({"a": [1, "é"]}, 1, 0, "0")

    assert key[:12] == "f9bf802d1ca4"


def test_an_outcome_is_plain_numbers() -> None:
    outcome = attempt(counts, a_cell().trial(0), False)

    assert outcome.summary == {"n": 3, "share": None}
    assert type(outcome.summary["n"]) is int


def test_a_failure_is_an_outcome_of_one_line() -> None:
    assert attempt(fails, a_cell().trial(0), False).error == "ValueError: first line"
