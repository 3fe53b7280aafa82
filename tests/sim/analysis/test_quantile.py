"""Quantiles are sorted values, and their intervals hold the truth as often as they say."""

import math

import numpy as np
import pytest

from sim.analysis.quantile import quantile, quantile_interval, rank


@pytest.mark.parametrize(
    ("p", "n", "number"),
    [
        (0.5, 1, 0),
        (0.5, 2, 1),
        (0.5, 5, 2),
        (0.99, 100, 99),
        (0.99, 101, 99),
        (0.99, 50, 49),
        (1.0, 10, 9),
        (0.0, 3, 0),
    ],
)
def test_the_quantile_is_sorted_value_number_floor_p_n_and_at_most_the_last(p: float, n: int, number: int) -> None:
    assert rank(p, n) == number


def test_a_product_that_binary_rounds_down_counts_as_the_decimal_one() -> None:
    assert 0.29 * 100 < 29
    assert rank(0.29, 100) == 29


def test_a_quantile_is_one_of_the_values_in_any_order() -> None:
    assert quantile([3.0, 1.0, 2.0, 5.0], 0.5) == 3.0


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no quantile of no values"):
        quantile([], 0.5)


def test_a_quantile_above_1_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1, 99 does not"):
        quantile([1.0], 99)


def test_the_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    """P(2 <= B(10, 1/2) <= 8) = 0.979; between the third and the eighth it would be 0.891 (David and Nagaraja, 7.1)."""
    interval = quantile_interval(range(1, 11), 0.5)

    assert (interval.low, interval.estimate, interval.high) == (2, 6, 9)


def test_a_sample_too_short_for_its_tail_has_no_upper_bound() -> None:
    interval = quantile_interval(range(100), 0.99)

    assert interval.high == math.inf
    assert 90 < interval.low < 99


@pytest.mark.parametrize(("p", "n"), [(0.5, 30), (0.9, 200), (0.99, 1000)])
def test_intervals_of_quantiles_hold_the_truth_at_least_as_often_as_they_say(p: float, n: int) -> None:
    rng = np.random.default_rng(7)
    truth = -math.log(1 - p)  # of the exponential distribution with mean 1

    held = [quantile_interval(rng.exponential(size=n), p).holds(truth) for _ in range(2000)]

    # 0.95 less three standard errors of 2000 trials; discreteness makes them hold more often, never by much
    assert 0.935 <= np.mean(held) <= 0.99
