import numpy as np
import pytest

from sim.study.estimate import difference, estimate, ratio


def test_one_replication_is_certain_and_so_are_equal_ones() -> None:
    assert (estimate([0.1]).low, estimate([0.1]).high) == (0.1, 0.1)
    assert (estimate([0.1] * 3).low, estimate([0.1] * 3).high) == (0.1, 0.1)


def test_the_interval_of_a_mean_is_students() -> None:
    found = estimate([1.0, 2.0, 3.0])

    assert found.half_width == pytest.approx(4.3027 / 3**0.5, rel=1e-4), "t(0.975, 2 degrees) = 4.3027"


def test_pairs_that_move_together_have_a_sure_difference() -> None:
    assert difference([1.0, 5.0], [0.0, 4.0]).half_width == 0


def test_a_ratio_of_proportional_pairs_is_sure() -> None:
    found = ratio([2.0, 8.0, 4.0], [1.0, 4.0, 2.0])

    assert found is not None
    assert found.estimate == pytest.approx(2)
    assert found.half_width == pytest.approx(0, abs=1e-12)


def test_a_ratio_bears_single_zeros_and_no_zero_mean() -> None:
    assert ratio([1.0, 3.0], [0.0, 2.0]) is not None
    assert ratio([1.0, 3.0], [0.0, 0.0]) is None


def test_the_ratios_interval_covers_the_true_ratio_in_about_95_of_100_studies() -> None:
    rng = np.random.default_rng(1)
    pairs = [(rng.normal(6, 1, 10), rng.normal(3, 0.5, 10)) for _ in range(1000)]

    found = [ratio(list(above), list(below)) for above, below in pairs]

    covered = sum(one is not None and one.low <= 2 <= one.high for one in found)
    assert 930 <= covered <= 970, "95 %, give or take three standard errors of 0.7 %"
