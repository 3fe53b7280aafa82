"""The features by their definitions: against sums made by hand, and against scipy where it has them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy, skew, variation

from models.tuning.features import burst_entropy, percentile, rate, skewness, volatility
from sim.units import MS, SECOND

COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=40)
VALUES = st.lists(st.floats(1, 1e6), min_size=3, max_size=60)


def test_a_rate_is_per_second() -> None:
    assert rate(30, 500 * MS) == 60
    assert rate(0, 0) == 0


@pytest.mark.parametrize(("n", "at"), [(1, 0), (99, 98), (100, 99), (101, 99), (200, 198)])
def test_a_percentile_is_sorted_value_number_floor_p_n(n: int, at: int) -> None:
    assert percentile(range(n, 0, -1), 0.99) == at + 1


def test_a_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 0.99) == 0


def test_even_arrivals_have_the_entropy_of_one_and_a_single_burst_none() -> None:
    assert burst_entropy([7] * 30) == pytest.approx(1)
    assert burst_entropy([0] * 29 + [210]) == 0
    assert burst_entropy([0] * 30) == 0


def test_a_third_of_the_slices_is_what_the_logarithm_makes_of_it() -> None:
    assert burst_entropy([6] * 10 + [0] * 20) == pytest.approx(np.log(10) / np.log(30))


@given(counts=COUNTS)
def test_the_entropy_is_scipys_over_that_of_even_shares(counts: list[int]) -> None:
    found = burst_entropy(counts)

    assert 0 <= found <= 1
    if sum(counts):
        assert found == pytest.approx(entropy(counts, base=2) / np.log2(len(counts)), abs=1e-9)


@given(values=VALUES)
def test_the_skewness_is_scipys(values: list[float]) -> None:
    if np.ptp(values) > 1e-3:
        assert skewness(values) == pytest.approx(skew(values), abs=1e-6)


@pytest.mark.parametrize("values", [[], [1], [1, 2], [5, 5, 5]])
def test_where_a_skewness_has_no_meaning_it_is_zero(values: list[float]) -> None:
    assert skewness(values) == 0


@given(latencies=st.lists(st.integers(1, SECOND), min_size=1, max_size=60), slices=st.integers(1, 6))
def test_the_volatility_is_the_variation_of_the_p99s_of_the_slices(latencies: list[int], slices: int) -> None:
    places = [i % slices for i in range(len(latencies))]
    p99s = [percentile(latencies[place::slices], 0.99) for place in range(min(slices, len(latencies)))]

    assert volatility(latencies, places) == pytest.approx(variation(p99s) if len(p99s) > 1 else 0)
