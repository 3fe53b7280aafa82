"""A run's response in equal steps of its time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.series import STEPS, series_of, step_of


@given(duration=st.floats(1e-3, 1e6))
def test_a_run_has_enough_steps_for_mser_and_not_too_many(duration: float) -> None:
    assert STEPS / 2.6 <= duration / step_of(duration) <= STEPS * (1 + 1e-9)


def test_each_step_has_the_mean_of_what_fell_into_it() -> None:
    at, values = [0.0, 0.04, 0.05, 0.15, 9.999, 10.0, -1.0], [1.0, 3.0, 7.0, 5.0, 9.0, 100.0, 100.0]

    found = series_of(at, values, 10.0)

    assert len(found) == 200
    assert found[:4] == (2.0, 7.0, None, 5.0)
    assert found[-1] == 9.0, "what comes at the end or before the start is left out"


@pytest.mark.parametrize("duration", [0.1, 7.3, 120.0, 3600.0])
def test_every_value_of_the_run_falls_into_a_step(duration: float) -> None:
    at = np.linspace(0, duration, 10_000, endpoint=False)

    found = series_of(at, np.ones_like(at), duration)

    assert set(found) == {1.0}
