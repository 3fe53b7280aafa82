"""Quantities: what is handed to the judge, and how far apart two samples may be."""

import pytest
from scipy.stats import chi2

from models.measured.quantity import Rule, frequencies, near, shares, unstated, within


def test_a_range_is_its_two_ends_and_nothing_of_nothing() -> None:
    found = within("q", [3.0, 1.0, 2.0], [1.0], allowed=0.1, wider=0.5)

    assert (found.rule, found.measured, found.wider) == (Rule.WITHIN, (1.0, 3.0), 0.5)
    assert within("q", [], [1.0], allowed=0.1, wider=0.5).measured == ()


def test_frequencies_count_the_values_of_both_samples() -> None:
    found = frequencies("q", {2: 5, 4: 7}, [2, 2, 6])

    assert (found.rule, found.measured, found.simulated) == (Rule.CHI_SQUARE, (5, 7, 0), (2, 0, 1))


@pytest.mark.parametrize("n", [4, 8, 20])
def test_frequencies_may_differ_as_999_in_1000_samples_do(n: int) -> None:
    allowed = frequencies("q", dict.fromkeys(range(n), 10), list(range(n))).allowed

    assert allowed == pytest.approx(float(chi2.ppf(0.999, n - 1)), rel=1e-9)


def test_a_mean_of_shares_may_be_off_by_four_standard_errors() -> None:
    found = shares("q", {10: 8, 12: 8}, [11.2])

    assert found.measured == (11.0,)
    assert found.allowed == pytest.approx(4 * 1 / 16**0.5)


def test_a_tolerance_that_is_not_stated_has_its_reason() -> None:
    assert unstated(near("q", [1], [1], allowed=2), "none is stated").unstated == "none is stated"
