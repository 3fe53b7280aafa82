"""Comparisons with theory: what is read, what is refused, and that a simulation which is wrong is found out."""

import doctest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.units import InputError
from sim.validation import theory
from sim.validation.measure import Observed
from sim.validation.theory import Bench, Observe, Result, compare, coverage_bounds, read_theory

TEXT = """
comparisons:
  - id: one
    model: M/M/1
    quantity: mean wait
    unit: s
    scenario: one.yaml
    formula: mm1_wait
    given: {arrival_rate: 0.5, service_mean: 1.0}
    measure: {mean: {column: wait}}
    customers: {skip: 0, take: 50}
"""


def read(folder: Path, text: str = TEXT) -> list[Bench]:
    """The comparisons of a text; a scenario is its own path."""
    path = folder / "theory.yaml"
    path.write_text(text, encoding="utf-8")
    return read_theory(path, lambda scenario: scenario.name)


def customers_who_wait(seconds: float) -> Observe:
    """A simulation whose customers wait so long on average, exponentially and independently."""

    def observe(_: Any, seed: int, replication: int) -> Observed:
        waits = np.random.default_rng((seed, replication)).exponential(seconds * 1e9, 50)
        return Observed(waits.astype(np.int64).astype([("wait", "<i8")]), np.arange(0), {})

    return observe


def result_of(folder: Path, mean_wait: float, seeds: int = 100) -> Result:
    (result,) = compare(read(folder), customers_who_wait(mean_wait), seeds)
    return result


def test_the_example_of_the_docstring_holds() -> None:
    assert doctest.testmod(theory).failed == 0


def test_a_simulation_that_is_right_agrees(tmp_path: Path) -> None:
    result = result_of(tmp_path, 1.0)

    assert result.agrees
    assert 90 <= result.covered <= 99
    assert result.pooled().holds(1.0)


@pytest.mark.parametrize("mean_wait", [0.95, 1.05])
def test_a_simulation_that_is_wrong_by_a_twentieth_differs(tmp_path: Path, mean_wait: float) -> None:
    result = result_of(tmp_path, mean_wait)

    assert not result.agrees
    assert not result.pooled(0.999).holds(1.0)


def test_intervals_that_always_hold_the_truth_are_too_wide_to_agree(tmp_path: Path) -> None:
    (bench,) = read(tmp_path)
    spread = np.tile([0.0, 2.0], (100, 5))

    result = Result(bench.comparison, spread)

    assert result.covered == 100
    assert not result.agrees


def test_a_row_says_both_numbers_and_how_sure_they_are(tmp_path: Path) -> None:
    row = result_of(tmp_path, 1.0, seeds=20).row()

    assert (row["theory"], row["seeds"], row["unit"]) == (1.0, 20, "s")
    assert row["low"] < row["simulated"] < row["high"]


def test_executors_do_not_change_results(tmp_path: Path) -> None:
    benches, observe = read(tmp_path), customers_who_wait(1.0)
    with ThreadPoolExecutor(3) as executor:
        (side_by_side,) = compare(benches, observe, 9, workers=executor)
    (in_turn,) = compare(benches, observe, 9)

    np.testing.assert_array_equal(side_by_side.estimates, in_turn.estimates)


def test_progress_counts_seeds(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    list(compare(read(tmp_path), customers_who_wait(1.0), 3, progress=lambda done, total: told.append((done, total))))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_90_to_99_of_100_honest_intervals_hold_the_truth() -> None:
    assert coverage_bounds(100) == (90, 99)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("mm1_wait", "mm1_wiat", "formula: no formula is called mm1_wiat; did you mean mm1_wait?"),
        ("service_mean", "service", "given: .*argument.*; mm1_wait takes arrival_rate, service_mean"),
        ("0.5", "1.5", "given: load: 1.5 erlangs on 1 servers never settle"),
        ("{mean:", "{meen:", "unknown kind meen; did you mean mean"),
        ("skip", "skipp", "unknown key; did you mean skip"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        read(tmp_path, TEXT.replace(old, new, 1))

    assert "theory.yaml:" in str(refused.value)


def test_a_run_with_too_few_customers_names_its_scenario(tmp_path: Path) -> None:
    benches = read(tmp_path, TEXT.replace("take: 50", "take: 51"))

    with pytest.raises(InputError, match=r"one\.yaml: a run has 50 customers and 51 are asked for"):
        list(compare(benches, customers_who_wait(1.0), 1))


def test_a_column_that_no_run_has_gets_the_nearest_one(tmp_path: Path) -> None:
    benches = read(tmp_path, TEXT.replace("column: wait", "column: wiat"))

    with pytest.raises(InputError, match=r"one\.yaml: no column is called wiat; did you mean wait\?"):
        list(compare(benches, customers_who_wait(1.0), 1))
