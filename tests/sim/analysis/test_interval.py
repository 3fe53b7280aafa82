"""Intervals of confidence against textbook values and simulated coverage."""

import math

import numpy as np
import pytest

from sim.analysis.interval import Interval, mean_interval


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
