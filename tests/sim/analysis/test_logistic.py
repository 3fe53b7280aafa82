import numpy as np
import pytest
from scipy.special import expit

from sim.analysis.logistic import half_point


def test_a_step_has_no_curve() -> None:
    assert half_point([1, 2, 3], [5, 5, 5], [0, 5, 5]) is None


def test_half_lies_in_the_middle_of_a_symmetric_rise() -> None:
    found = half_point([10, 20, 30], [20, 20, 20], [2, 10, 18])

    assert found is not None
    assert found.estimate == pytest.approx(20, abs=0.1)
    assert found.low < 20 < found.high


def test_more_looks_make_it_narrower() -> None:
    few = half_point([10, 20, 30], [10, 10, 10], [1, 5, 9])
    many = half_point([10, 20, 30], [100, 100, 100], [10, 50, 90])

    assert few is not None
    assert many is not None
    assert many.half_width < few.half_width / 2


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    x = list(np.linspace(40, 60, 9))
    shares = [float(expit(0.4 * (one - 51.3))) for one in x]

    fits = [half_point(x, [12] * 9, [int(rng.binomial(12, share)) for share in shares]) for _ in range(80)]

    assert np.mean([fit is not None and fit.low <= 51.3 <= fit.high for fit in fits]) >= 0.88


def test_looks_that_do_not_bind_a_side_leave_it_open() -> None:
    found = half_point([10, 20, 30], [8, 8, 8], [4, 4, 5])

    assert found is not None
    assert found.low == -np.inf or found.high == np.inf
