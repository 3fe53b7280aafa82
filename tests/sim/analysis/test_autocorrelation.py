"""The lag-1 correlation against series whose own is known."""

import numpy as np
import pytest

from sim.analysis.autocorrelation import lag1
from tests.sim.analysis.coverage import ar1


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.5, 0.9])
def test_a_long_series_has_the_correlation_that_it_was_made_with(rho: float) -> None:
    assert lag1(ar1(np.random.default_rng(1), 100_000, rho)) == pytest.approx(rho, abs=0.02)


def test_few_independent_values_have_none_on_average() -> None:
    rng = np.random.default_rng(2)

    found = np.mean([lag1(rng.normal(size=10)) for _ in range(4000)])

    assert abs(found) < 0.02, "the plain estimate is -1/10 here"


def test_a_constant_series_has_none() -> None:
    assert lag1([2.0, 2.0, 2.0]) == 0.0
