"""Closed forms against published figures, against each other, and at their limits."""

import doctest
import math

import numpy as np
import pytest

from sim.analysis import queueing
from sim.analysis.queueing import (
    birth_death,
    erlang_b,
    erlang_c,
    kiefer_wolfowitz,
    lindley,
    little,
    lognormal_scv,
    machine_repair_rate,
    machine_repair_wait,
    md1_wait,
    mg1_wait,
    mm1_wait,
    mmc_wait,
    mmck_loss,
    mmck_wait,
)
from sim.engine.distributions import Lognormal
from sim.units import MS

LOADS = [0.1, 0.5, 0.9, 0.99]


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(queueing).failed == 0


@pytest.mark.parametrize(
    ("trunks", "erlangs"),
    [(1, "0.0101"), (5, "1.36"), (10, "4.46"), (20, "12.0"), (50, "37.9"), (100, "84.1")],
)
def test_one_percent_is_lost_at_the_loads_of_the_published_erlang_b_table(trunks: int, erlangs: str) -> None:
    last_digit = 10.0 ** -len(erlangs.partition(".")[2])
    least, most = (erlang_b(trunks, float(erlangs) + end * last_digit / 2) for end in (-1, 1))

    assert least < 0.01 < most, "the table's load, as far as its digits go"


def test_the_recursion_of_erlang_b_is_his_fraction() -> None:
    load, servers = 3.7, 6
    terms = [load**n / math.factorial(n) for n in range(servers + 1)]

    assert erlang_b(servers, load) == pytest.approx(terms[-1] / sum(terms), rel=1e-14)


@pytest.mark.parametrize(
    ("servers", "load", "share"),
    [(1, 0.5, 1 / 2), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (2, 1.5, 9 / 14), (10, 8, 0.4092)],
)
def test_erlang_c_has_its_published_values(servers: int, load: float, share: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize("load", LOADS)
def test_a_queue_with_many_places_is_the_queue_without_limit(load: float) -> None:
    assert mmck_wait(load * 3, 1.0, 3, places=5_000) == pytest.approx(mmc_wait(load * 3, 1.0, 3), rel=1e-9)


@pytest.mark.parametrize("load", [0.3, 2.0, 9.0])
def test_without_places_to_wait_the_loss_is_erlang_b(load: float) -> None:
    assert mmck_loss(load, 1.0, 4, places=4) == pytest.approx(erlang_b(4, load), rel=1e-12)
    assert mmck_wait(load, 1.0, 4, places=4) == 0


@pytest.mark.parametrize("load", [0.5, 0.8, 1.7])
def test_one_server_with_k_places_loses_the_geometric_share(load: float) -> None:
    share = (1 - load) * load**6 / (1 - load**7)

    assert mmck_loss(load, 1.0, 1, places=6) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("load", LOADS)
def test_the_formulas_for_one_server_agree(load: float) -> None:
    wait = mm1_wait(load, 1.0)

    assert wait == pytest.approx(load / (1 - load), rel=1e-12)
    assert mmc_wait(load, 1.0, 1) == pytest.approx(wait, rel=1e-12)
    assert mg1_wait(load, 1.0, 1.0) == pytest.approx(wait, rel=1e-12)
    assert md1_wait(load, 1.0) == pytest.approx(wait / 2, rel=1e-12)


def test_more_machines_than_can_matter_are_an_open_queue() -> None:
    n, rate = 200_000, 1.6

    assert machine_repair_wait(n, 2, n / rate, service_mean=1.0) == pytest.approx(mmc_wait(rate, 1.0, 2), rel=1e-3)


def test_the_police_cars_of_the_textbook_wait_as_long_as_it_says() -> None:
    # Winston, Operations Research, machine repair: 5 cars, 2 repairmen, 30 days between failures, 3 days of repair
    days = machine_repair_wait(5, 2, 30.0, service_mean=3.0) + 3.0
    rate = machine_repair_rate(5, 2, 30.0, service_mean=3.0)

    assert days == pytest.approx(3.08, abs=0.006)
    assert little(rate, days) == pytest.approx(0.465, abs=0.0006), "cars that are not in good condition"


def test_every_cycle_of_a_closed_system_has_thinking_waiting_and_service() -> None:
    rate, wait = (f(9, 2, 4.0, service_mean=1.5) for f in (machine_repair_rate, machine_repair_wait))

    assert little(rate, 4.0 + wait + 1.5) == pytest.approx(9, rel=1e-12)


def test_states_in_balance_flow_up_as_they_flow_down() -> None:
    births, deaths = [3.0, 1.0, 0.5], [1.0, 2.0, 4.0]
    shares = birth_death(births, deaths)

    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares[:-1] * births, shares[1:] * deaths, rtol=1e-12)


def test_a_lognormal_given_by_mean_and_p99_has_the_variance_of_its_sigma() -> None:
    drawn = Lognormal(mean=10 * MS, p99=46_697_000).block(np.random.default_rng(1), 2_000_000)

    assert drawn.var() / drawn.mean() ** 2 == pytest.approx(lognormal_scv(0.8), rel=0.01), "p99 / mean of sigma 0.8"


def test_one_server_of_kiefer_and_wolfowitz_is_lindleys() -> None:
    rng = np.random.default_rng(7)
    arrivals = rng.integers(0, 3, 2_000).cumsum().tolist()
    services = rng.integers(0, 3, 2_000).tolist()

    assert kiefer_wolfowitz(arrivals, services, 1) == lindley(arrivals, services)


def test_waits_of_many_poisson_customers_average_to_the_formula() -> None:
    rng = np.random.default_rng(11)
    n = 300_000
    arrivals = rng.exponential(1e6, n).cumsum().astype(np.int64).tolist()
    services = rng.exponential(2e6, n).astype(np.int64).tolist()

    assert np.mean(kiefer_wolfowitz(arrivals, services, 3)) == pytest.approx(1e6 * mmc_wait(1.0, 2.0, 3), rel=0.05)


def test_a_queue_that_grows_for_ever_has_no_wait() -> None:
    with pytest.raises(ValueError, match="never settle"):
        mmc_wait(2.0, 1.0, 2)


def test_fewer_places_than_servers_are_refused() -> None:
    with pytest.raises(ValueError, match="places: 1 lies below 2"):
        mmck_loss(1.0, 1.0, 2, places=1)


@pytest.mark.parametrize("formula", [erlang_b, erlang_c])
def test_no_server_serves_nobody(formula: object) -> None:
    with pytest.raises(ValueError, match="servers: 0 lies below 1"):
        formula(0, 0.5)  # type: ignore[operator]
