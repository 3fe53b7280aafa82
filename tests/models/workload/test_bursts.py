"""Bursts: the mean rate, the phases, the silence between."""

import numpy as np
import pytest

from models.workload.arrivals import open_arrivals
from models.workload.bursts import Bursts
from sim.engine.streams import Streams
from sim.units import MS, SECOND


def instants(bursts: Bursts, *, until: int, seed: int = 1) -> np.ndarray:
    return np.fromiter(open_arrivals(bursts, Streams(seed), "w", until=until), dtype=np.int64)


@pytest.mark.parametrize(("on", "off"), [(20 * MS, 80 * MS), (50 * MS, 10 * MS)])
def test_the_mean_rate_is_that_of_both_phases_by_their_share(on: int, off: int) -> None:
    bursts = Bursts(on_rate=500.0, off_rate=10.0, on=on, off=off)
    expected = (500.0 * on + 10.0 * off) / (on + off)

    seen = len(instants(bursts, until=600 * SECOND)) / 600

    # variance of the time on: 2 on² off² / (on + off)³ per second, times (500 - 10)², plus the Poisson part
    on_s, off_s = on / SECOND, off / SECOND
    variance = 490.0**2 * 2 * (on_s * off_s) ** 2 / (on_s + off_s) ** 3 + expected
    assert abs(seen - expected) < 5 * (variance / 600) ** 0.5


def test_bursts_are_more_variable_than_poisson() -> None:
    times = instants(Bursts(on_rate=500.0, off_rate=10.0, on=2 * SECOND, off=8 * SECOND), until=300 * SECOND)

    counts = np.bincount(times // SECOND, minlength=300)

    assert counts.var() / counts.mean() > 50, "Poisson has 1; 20 % of the seconds carry 93 % of these arrivals"


def test_nobody_comes_between_bursts_at_an_off_rate_of_zero() -> None:
    times = instants(Bursts(on_rate=1000.0, off_rate=0.0, on=SECOND, off=4 * SECOND), until=200 * SECOND)

    busy_ms = np.unique(times // (10 * MS)).size * 10

    assert 0.1 < busy_ms / 200_000 < 0.35, "arrivals fill the bursts, a fifth of the time, and nothing else"


def test_other_rates_see_the_same_bursts() -> None:
    faster = instants(Bursts(on_rate=4000.0, off_rate=0.0, on=SECOND, off=4 * SECOND), until=60 * SECOND)
    slower = instants(Bursts(on_rate=2000.0, off_rate=0.0, on=SECOND, off=4 * SECOND), until=60 * SECOND)

    both = np.intersect1d(faster // (100 * MS), slower // (100 * MS))

    assert both.size >= np.unique(faster // (100 * MS)).size - 10, "phases have a stream of their own"


def test_a_run_starts_within_a_burst_as_often_as_bursts_last() -> None:
    bursts = Bursts(on_rate=10_000.0, off_rate=0.0, on=SECOND, off=3 * SECOND)

    starts_on = sum(instants(bursts, until=5 * MS, seed=seed).size > 0 for seed in range(400))

    assert abs(starts_on - 100) < 45, "a quarter of the time is on; 45 is 5 sigma"


def test_bursts_without_pause_are_poisson() -> None:
    times = instants(Bursts(on_rate=1000.0, off_rate=0.0, on=MS, off=0), until=10 * SECOND)

    assert abs(len(times) - 10_000) < 500


def test_phases_that_do_not_last_are_refused() -> None:
    with pytest.raises(ValueError, match="on: bursts and the time between them both last 0s"):
        Bursts(on_rate=1.0, off_rate=1.0, on=0, off=0)
