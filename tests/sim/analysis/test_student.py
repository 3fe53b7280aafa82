"""A mean with its error: scipy's tests agree, and the plan of more replications comes true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.equivalence import equivalence_interval, equivalence_p
from sim.analysis.interval import mean_interval
from sim.analysis.student import Sample

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=30).filter(lambda values: np.std(values) > 1e-3)


@given(values=VALUES, bound=st.floats(-100, 100))
def test_p_values_are_those_of_scipys_t_test(values: list[float], bound: float) -> None:
    sample = Sample.of(values)

    assert sample.p_above(bound) == pytest.approx(stats.ttest_1samp(values, bound, alternative="greater").pvalue)
    assert sample.p_below(bound) == pytest.approx(stats.ttest_1samp(values, bound, alternative="less").pvalue)


@given(values=VALUES)
def test_the_interval_is_the_mean_interval(values: list[float]) -> None:
    found, expected = Sample.of(values).interval(0.9), mean_interval(values, 0.9)

    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@given(values=VALUES, reach=st.floats(0.05, 50))
def test_so_many_more_values_are_the_fewest_that_reach_it(values: list[float], reach: float) -> None:
    sample, spread = Sample.of(values), float(np.std(values, ddof=1))
    more = sample.more_for(reach, 0.95)
    if sample.interval(0.95).half_width < reach:
        assert more == 1, "already there: what does not decide now is decided by the next"
        return

    def half_width(n: int) -> float:
        return float(stats.t.ppf(0.975, n - 1)) * spread / n**0.5

    assert more is not None
    assert half_width(sample.n + more) <= reach * (1 + 1e-5)
    assert half_width(sample.n + more - 1) >= reach * (1 - 1e-5)


def test_equal_values_are_certain_and_no_more_are_needed() -> None:
    sample = Sample.of([0.1, 0.1, 0.1])

    assert sample == Sample(0.1, 0.0, 3)
    assert (sample.p_above(0.0), sample.p_above(0.2)) == (0.0, 1.0)
    assert sample.more_for(0.1, 0.95) is None
    assert Sample.of([1.0, 2.0]).more_for(0.0, 0.95) is None


@given(values=VALUES, bounds=st.tuples(st.floats(-100, 0), st.floats(0.1, 100)))
def test_equivalence_is_the_90_percent_interval_within_the_bounds(
    values: list[float], bounds: tuple[float, float]
) -> None:
    sample, (low, high) = Sample.of(values), bounds
    interval = equivalence_interval(sample)

    assert (equivalence_p(sample, low, high) < 0.05) == (low < interval.low and interval.high < high)


def test_what_is_just_not_equivalent_passes_in_one_of_twenty() -> None:
    rng = np.random.default_rng(41)
    samples = [Sample.of(list(rng.normal(1.0, 0.5, 20))) for _ in range(2000)]

    passed = np.mean([equivalence_p(sample, -1.0, 1.0) < 0.05 for sample in samples])

    assert 0.035 <= passed <= 0.065
