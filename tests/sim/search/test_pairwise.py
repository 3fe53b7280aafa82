import numpy as np
import pytest
from scipy import stats

from sim.analysis.holm import holm
from sim.search.pairwise import pairwise


def test_each_pair_has_the_paired_t_interval_of_the_error_that_holm_leaves_it() -> None:
    columns = [[1.0, 2.0, 4.0], [2.0, 2.5, 3.0], [9.0, 9.0, 8.0]]

    found = pairwise(columns)

    clearest = stats.ttest_1samp(np.subtract(columns[1], columns[2]), 0).confidence_interval(1 - 0.05 / 3)
    second = stats.ttest_1samp(np.subtract(columns[0], columns[2]), 0).confidence_interval(1 - 0.05 / 2)
    assert set(found) == {(0, 1), (0, 2), (1, 2)}
    assert (found[1, 2].low, found[1, 2].high) == pytest.approx((clearest.low, clearest.high))
    assert (found[0, 2].low, found[0, 2].high) == pytest.approx((second.low, second.high))


def test_pairs_are_told_apart_exactly_where_holms_adjusted_p_says_so() -> None:
    draws = np.random.default_rng(11)

    for _ in range(100):
        columns = (draws.normal(size=(4, 6)) + draws.uniform(0, 3, size=(4, 1))).tolist()
        found = pairwise(columns)
        raw = [float(stats.ttest_rel(columns[i], columns[j]).pvalue) for i, j in found]
        assert [not one.holds(0.0) for one in found.values()] == [p <= 0.05 for p in holm(raw)]


def test_a_difference_that_never_varies_has_no_width() -> None:
    found = pairwise([[1.0, 5.0], [2.0, 6.0]])[0, 1]

    assert (found.low, found.estimate, found.high) == (-1.0, -1.0, -1.0)


def test_all_intervals_of_equal_settings_hold_zero_at_least_as_often_as_promised() -> None:
    draws = np.random.default_rng(7)
    held = [all(one.holds(0.0) for one in pairwise(draws.normal(size=(5, 8)).tolist()).values()) for _ in range(400)]

    assert np.mean(held) >= 0.94, "95 % of families, within the error of 400 tries"
