"""Growth of goroutines: what is a leak, what is a start, what is the load, and what is chance."""

from typing import Any

import numpy as np
import pytest

from models.detect.finding import Finding
from models.detect.growth import CAUSES, growing
from models.transport.goroutines import client_states

T = np.arange(0.0, 300.0, 0.1)


def noise(seed: int, scale: float = 5.0) -> Any:
    return np.random.default_rng(seed).normal(0, scale, len(T))


def found(counts: Any, load: Any = None, state: str = "caller_awaiting_headers") -> list[Finding]:
    return list(growing(T, {state: counts}, np.full(len(T), 100.0) if load is None else load))


def test_a_straight_line_is_a_leak_with_its_slope_and_its_cure() -> None:
    (finding,) = found(20 + 0.5 * T + noise(1))

    assert finding.key == "caller_awaiting_headers"
    assert finding.value == pytest.approx(0.5, rel=0.05)
    assert "does not answer" in finding.text
    assert "ResponseHeaderTimeout" in finding.cure


def test_a_level_with_noise_is_none() -> None:
    assert found(200 + noise(2, 30)) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_slow_wander_is_none(seed: int) -> None:
    steps = np.random.default_rng(seed).normal(0, 1, len(T))
    wander = np.zeros(len(T))
    for i in range(1, len(T)):
        wander[i] = 0.995 * wander[i - 1] + steps[i]

    assert found(200 + 3 * wander) == [], "samples 100 ms apart that remember 20 s are no 3,000 samples"


def test_a_pool_that_fills_up_at_the_start_is_none() -> None:
    assert found(400 * (1 - np.exp(-T / 20)) + noise(3), state="read_loop_idle") == []


def test_goroutines_in_proportion_to_the_load_are_none() -> None:
    load = 100 + T

    assert found(0.8 * load + noise(4), load) == []


def test_a_leak_is_found_under_a_load_that_grows() -> None:
    load = 100 + 0.2 * T

    assert len(found(0.8 * load + 1.0 * T + noise(5), load)) == 1


def test_growth_below_fifty_goroutines_is_none() -> None:
    assert found(20 + 0.1 * T + noise(6, 1)) == []


def test_every_cause_is_of_a_state_that_there_is() -> None:
    assert set(CAUSES) <= set(client_states("1.27"))
