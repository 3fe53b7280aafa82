"""MSER-5 finds the end of a warm-up that is known."""

import numpy as np
import pytest

from sim.analysis.warmup import WarmUp, mser, mser_of


def test_a_step_is_cut_where_it_is() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, size=1000)

    warm_up = mser(np.r_[np.full(100, 10.0), np.zeros(900)] + noise)

    assert warm_up.settled
    assert warm_up.length == pytest.approx(100, abs=25)


def test_a_decay_is_cut_before_it_has_no_weight_and_after_it_rules() -> None:
    t = np.arange(2000)
    noise = np.random.default_rng(4).normal(0, 1.0, size=t.size)

    warm_up = mser(20 * np.exp(-t / 100) + noise)

    # at 3 time constants 1.0 is left of 20, as much as the noise; at 7 it is 0.02
    assert warm_up.settled
    assert 250 <= warm_up.length <= 700


def test_a_settled_series_loses_next_to_nothing() -> None:
    lengths = [mser(np.random.default_rng(seed).normal(size=1000)).length for seed in range(50)]

    assert np.median(lengths) <= 100


def test_the_cut_makes_the_mean_nearly_unbiased() -> None:
    t = np.arange(2000)
    noise = np.random.default_rng(9).normal(0, 1.0, size=(100, t.size))
    runs = 5.0 + 20 * np.exp(-t / 100) + noise

    bias = np.mean([run[mser(run).length :].mean() - 5.0 for run in runs])

    assert abs(bias) < 0.03, "without a cut the mean is 1.0 too high"


def test_a_series_that_only_grows_is_not_settled() -> None:
    assert not mser(np.arange(500.0)).settled


def test_a_constant_series_needs_no_cut() -> None:
    assert mser(np.full(100, 3.0)) == WarmUp(0, settled=True)


@pytest.mark.parametrize("n", [0, 4, 49])
def test_a_series_below_ten_batches_says_nothing(n: int) -> None:
    assert mser(np.zeros(n)) == WarmUp(0, settled=False)


def test_the_mean_over_replications_shows_what_single_runs_hide() -> None:
    rng = np.random.default_rng(5)
    t = np.arange(300)
    runs = [list(3 * np.exp(-t / 20) + rng.normal(0, 2.0, t.size)) for _ in range(20)]

    together, alone = mser_of(runs), [mser_of([run]).length for run in runs]

    assert together.settled
    assert 20 <= together.length <= 80
    assert np.std(alone) > 20, "one run alone is too noisy"


def test_steps_without_a_value_take_that_of_the_step_before() -> None:
    values = [5.0] * 20 + [1.0] * 180
    holes = [None if i % 7 == 3 else value for i, value in enumerate(values)]

    assert mser_of([holes, holes]) == mser_of([values])


def test_a_step_that_one_replication_lacks_is_the_mean_of_the_others() -> None:
    full, half = [1.0] * 100, [None, 1.0] * 50

    assert mser_of([full, half]) == WarmUp(0, settled=True)


@pytest.mark.parametrize("runs", [[], [[]], [[None, None]]])
def test_nothing_says_nothing(runs: list[list[float | None]]) -> None:
    assert mser_of(runs) == WarmUp(0, settled=False)
