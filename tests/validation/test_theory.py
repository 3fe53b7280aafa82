"""The simulator's queues against closed forms: experiments/theory, each in its own test."""

from pathlib import Path

import numpy as np
import pytest

from models.kernel.timer_wheel import TimerWheel, wheel_period
from sim.analysis.queueing import lognormal_scv
from sim.engine.distributions import Z99
from sim.units import SECOND
from sim.validation.theory import SEEDS, Bench, compare, coverage_bounds, read_theory
from sim.wiring import load, observe

FILE = Path(__file__).resolve().parents[2] / "experiments" / "theory" / "theory.yaml"
BENCHES = {bench.comparison.id: bench for bench in read_theory(FILE, load)}
every_bench = pytest.mark.parametrize("bench", BENCHES.values(), ids=BENCHES)


@every_bench
def test_a_few_replications_lie_around_what_theory_says(bench: Bench) -> None:
    (result,) = compare([bench], observe, seeds=2)

    pooled, truth = result.pooled(0.999), bench.comparison.truth()
    assert pooled.holds(truth), f"{bench.comparison.formula} says {truth:.5g}; 20 replications, 99.9 %: {pooled}"


@pytest.mark.slow
@every_bench
def test_intervals_of_100_seeds_hold_the_truth_as_often_as_they_should(bench: Bench) -> None:
    (result,) = compare([bench], observe, SEEDS)

    low, high = coverage_bounds(SEEDS)
    assert low <= result.covered <= high, f"of 100 intervals of 95 % {low} to {high} should hold {result.row()}"
    pooled = result.pooled(0.999)
    assert pooled.holds(bench.comparison.truth()), f"all 1,000 replications together are biased: {result.row()}"


@pytest.mark.parametrize("hz", [250, 1000])
def test_the_lifetime_of_time_wait_in_the_comparison_is_the_wheels(hz: int) -> None:
    phases = range(0, wheel_period(hz), wheel_period(hz) // 99_991)
    lifetimes = [TimerWheel(hz, phase).fires_at(0, 60 * SECOND) / SECOND for phase in phases]

    assert BENCHES[f"time-wait-{hz}"].comparison.given["time"] == pytest.approx(np.mean(lifetimes), abs=0.002)


def test_the_variance_in_the_comparison_is_that_of_the_scenarios_lognormal() -> None:
    bench = BENCHES["mg1"]
    drawn = bench.scenario.services["counter"].service_time
    sigma = 0.8

    assert bench.comparison.given["service_scv"] == pytest.approx(lognormal_scv(sigma), rel=1e-12)
    assert drawn.p99 / drawn.mean == pytest.approx(np.exp(Z99 * sigma - sigma**2 / 2), rel=1e-7)
