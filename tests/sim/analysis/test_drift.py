"""A drift is found where there is one, and about as rarely elsewhere as it says."""

import numpy as np
import pytest

from sim.analysis.drift import ALPHA, drift

STEPS = 240


def noise(seed: int, runs: int = 10) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=(runs, STEPS))


def test_a_decay_at_the_beginning_is_found_and_moves_the_mean_by_its_weight() -> None:
    found = drift((noise(1) + 3 * np.exp(-np.arange(STEPS) / 20)).tolist(), 0, 60)

    assert found.is_real
    assert found.shift == pytest.approx(-0.25, abs=0.06), "3 * 20 / 240 less what is left after 60"


def test_what_lies_before_the_start_does_not_count() -> None:
    runs = noise(1)
    runs[:, :60] += 50

    assert drift(runs.tolist(), 0, 60).is_real
    assert not drift(runs.tolist(), 60, 80).is_real


def test_a_drift_that_is_certain_and_too_small_to_matter_is_not_real() -> None:
    levels = np.random.default_rng(3).normal(0, 10, (10, 1))

    found = drift((noise(2) + levels + 0.5 * np.exp(-np.arange(STEPS) / 40)).tolist(), 0, 100)

    assert found.p < ALPHA
    assert not found.is_real, "the runs' own levels scatter by a hundred times that"


def test_independent_noise_is_said_to_drift_about_as_often_as_promised() -> None:
    found = [drift(noise(seed, runs=5).tolist(), 12, 60).p for seed in range(400)]

    assert np.mean(np.array(found) < ALPHA) <= 0.025
    assert np.mean(np.array(found) < 0.5) == pytest.approx(0.5, abs=0.08)


def test_steps_without_a_value_take_that_of_the_step_before_and_runs_without_any_are_left_out() -> None:
    holes: list[list[float | None]] = [[None, None, 1.0, None, 3.0], [None] * 5, [2.0, 2.0, 2.0, None, 4.0]]

    assert drift(holes, 0, 1) == drift([[1.0, 1.0, 1.0, 1.0, 3.0], [2.0, 2.0, 2.0, 2.0, 4.0]], 0, 1)


def test_runs_that_never_differ_drift_for_certain_or_not_at_all() -> None:
    still, step = [1.0] * STEPS, [5.0] * 20 + [1.0] * (STEPS - 20)

    assert drift([still] * 5, 0, 20).p == 1
    assert drift([step] * 5, 0, 20).p == 0
    assert drift([step] * 5, 0, 20).is_real
