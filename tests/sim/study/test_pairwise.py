import numpy as np
import pytest
from scipy import stats

from sim.study.pairwise import pairwise


def test_every_pair_has_the_paired_t_interval_of_its_share_of_the_error() -> None:
    columns = [[1.0, 2.0, 4.0], [2.0, 2.5, 3.0], [9.0, 9.0, 8.0]]

    found = pairwise(columns)

    gaps = np.subtract(columns[0], columns[1])
    truth = stats.ttest_1samp(gaps, 0).confidence_interval(1 - 0.05 / 3)
    assert set(found) == {(0, 1), (0, 2), (1, 2)}
    assert (found[0, 1].low, found[0, 1].high) == pytest.approx((truth.low, truth.high))


def test_a_difference_that_never_varies_has_no_width() -> None:
    found = pairwise([[1.0, 5.0], [2.0, 6.0]])[0, 1]

    assert (found.low, found.estimate, found.high) == (-1.0, -1.0, -1.0)


def test_all_intervals_of_equal_settings_hold_zero_at_least_as_often_as_promised() -> None:
    draws = np.random.default_rng(7)
    held = [all(one.holds(0.0) for one in pairwise(draws.normal(size=(5, 8)).tolist()).values()) for _ in range(400)]

    assert np.mean(held) >= 0.94, "95 % of families, within the error of 400 tries"
