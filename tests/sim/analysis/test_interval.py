"""Intervals of confidence against textbook values and simulated coverage."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.analysis.interval import Interval, mean_interval, paired_interval, share_interval


def test_the_mean_of_five_has_students_interval() -> None:
    interval = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])

    # t(0.975, 4) = 2.776445, standard error sqrt(2.5 / 5)
    assert interval.estimate == 3.0
    assert interval.half_width == pytest.approx(2.776445 * math.sqrt(0.5), rel=1e-6)


def test_one_replication_binds_nothing() -> None:
    interval = mean_interval([4.0])

    assert (interval.estimate, interval.low, interval.high) == (4.0, -math.inf, math.inf)


def test_replications_that_agree_are_sure() -> None:
    assert mean_interval([0.0, 0.0, 0.0]).relative_half_width == 0.0


def test_a_half_width_about_zero_is_infinite_in_relation() -> None:
    assert Interval(0.0, -1.0, 1.0, 0.95).relative_half_width == math.inf
    assert Interval(4.0, 3.0, 5.0, 0.95).relative_half_width == 0.25


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ValueError, match="no mean of no values"):
        mean_interval([])


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_intervals_of_means_hold_the_truth_as_often_as_they_say(confidence: float) -> None:
    rng = np.random.default_rng(11)

    held = [mean_interval(rng.normal(3.0, 2.0, size=6), confidence).holds(3.0) for _ in range(4000)]

    assert np.mean(held) == pytest.approx(confidence, abs=4 * math.sqrt(confidence * (1 - confidence) / 4000))


def test_pairs_that_move_together_are_told_apart_where_the_means_are_not() -> None:
    luck = np.random.default_rng(3).normal(size=20)
    left, right = 10 * luck + 0.1, 10 * luck + 0.01 * luck

    together, apart = paired_interval(left, right), mean_interval(left)

    assert together.low > 0
    assert apart.half_width > 20 * together.half_width


def test_pairs_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="not 2 and 3"):
        paired_interval([1.0, 2.0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (81, 263)])
def test_the_interval_of_a_share_is_wilsons(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")

    interval = share_interval(hits, n)

    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_share_of_nothing_may_be_anything() -> None:
    assert (share_interval(0, 0).low, share_interval(0, 0).high) == (0.0, 1.0)


def test_more_hits_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2 is not a share"):
        share_interval(3, 2)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_intervals_of_shares_hold_the_truth_about_as_often_as_they_say(share: float) -> None:
    hits = np.random.default_rng(5).binomial(200, share, size=4000)

    held = [share_interval(int(k), 200).holds(share) for k in hits]

    # Wilson's coverage swings about 0.95 by some 0.02 (Brown, Cai and DasGupta 2001, figure 5)
    assert 0.92 <= np.mean(held) <= 0.98
