"""Waits of single customers, equal to the nanosecond to Lindley's and Kiefer and Wolfowitz' recursions."""

import numpy as np
import pytest

from sim.analysis.queueing import kiefer_wolfowitz, lindley
from sim.units import MS, US
from sim.wiring import observe
from tests.validation.theory_worlds import a_scenario

SERVICES = {
    "exponential": {"exponential": {"mean": "10ms"}},
    "constant": "10ms",
    "lognormal": {"lognormal": {"mean": "10ms", "p99": "60ms"}},
    "pareto": {"pareto": {"mean": "10ms", "p99": "60ms"}},
}
BURSTS = {"bursts": {"on_rate": "600/s", "off_rate": "10/s", "on": "200ms", "off": "800ms"}}


@pytest.mark.parametrize("service_time", SERVICES.values(), ids=SERVICES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_wait_for_one_worker_is_lindleys(service_time: object, seed: int) -> None:
    scenario = a_scenario(service={"workers": 1, "service_time": service_time}, arrivals={"poisson": {"rate": "90/s"}})

    rows = observe(scenario, seed, 0).customers

    assert rows["srv_q"].max() > 10 * MS, "somebody has to wait for the test to mean anything"
    assert rows["srv_q"].tolist() == lindley(rows["t_arrival"].tolist(), rows["srv_s"].tolist())


@pytest.mark.parametrize("service_time", SERVICES.values(), ids=SERVICES)
@pytest.mark.parametrize("workers", [2, 3, 7])
def test_every_wait_for_several_workers_is_kiefer_and_wolfowitz(service_time: object, workers: int) -> None:
    rate = f"{90 * workers}/s"
    scenario = a_scenario(service={"workers": workers, "service_time": service_time}, arrivals={"poisson": rate})

    rows = observe(scenario, 1, 0).customers

    assert rows["srv_q"].max() > 10 * MS
    assert rows["srv_q"].tolist() == kiefer_wolfowitz(rows["t_arrival"].tolist(), rows["srv_s"].tolist(), workers)


def test_bursts_wait_exactly_as_long_too() -> None:
    scenario = a_scenario(service={"workers": 2, "service_time": SERVICES["exponential"]}, arrivals=BURSTS)

    rows = observe(scenario, 1, 0).customers

    assert rows["srv_q"].max() > 100 * MS
    assert rows["srv_q"].tolist() == kiefer_wolfowitz(rows["t_arrival"].tolist(), rows["srv_s"].tolist(), 2)


def test_callers_of_a_closed_loop_wait_exactly_as_long_too() -> None:
    arrivals = {"closed_loop": {"workers": 10, "think": {"exponential": {"mean": "20ms"}}}}
    scenario = a_scenario(service={"workers": 3, "service_time": SERVICES["lognormal"]}, arrivals=arrivals)

    rows = observe(scenario, 1, 0).customers

    assert rows["srv_q"].max() > 10 * MS
    assert rows["srv_q"].tolist() == kiefer_wolfowitz(rows["t_arrival"].tolist(), rows["srv_s"].tolist(), 3)


def test_behind_a_network_and_cpu_time_customers_wait_from_when_they_reach_the_server() -> None:
    service = {"workers": 2, "service_time": SERVICES["lognormal"], "overhead": "250us"}
    scenario = a_scenario(service=service, arrivals={"poisson": "180/s"}, rtt="5ms", client={"overhead": "250us"})

    rows = observe(scenario, 1, 0).customers
    rows = rows[np.argsort(rows["t_wrote"], kind="stable")]
    reached = rows["t_wrote"] + 2_500 * US

    assert len(np.unique(reached)) == len(rows), "no two at one instant, so their order is certain"
    assert rows["srv_q"].max() > 10 * MS
    assert rows["srv_q"].tolist() == kiefer_wolfowitz(reached.tolist(), (rows["srv_s"] + 250 * US).tolist(), 2)


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_every_wait_for_a_connection_under_max_conns_per_host_is_kiefer_and_wolfowitz(slots: int) -> None:
    transport = {"max_conns_per_host": slots, "max_idle_conns_per_host": slots}
    service = {"service_time": SERVICES["exponential"], "overhead": "250us"}
    arrivals = {"poisson": f"{80 * slots}/s"}
    scenario = a_scenario(transport=transport, service=service, arrivals=arrivals, client={"overhead": "250us"})

    rows = observe(scenario, 1, 0).customers
    waits = rows["t_gotconn"] - rows["t_getconn"]

    assert waits.max() > 10 * MS
    assert waits.tolist() == kiefer_wolfowitz(rows["t_arrival"].tolist(), (rows["srv_s"] + 500 * US).tolist(), slots)


def test_a_limit_of_workers_and_a_limit_of_connections_are_the_same_queue() -> None:
    times = {"service_time": SERVICES["exponential"]}
    arrivals = {"poisson": "270/s"}
    at_server = observe(a_scenario(service={"workers": 3, **times}, arrivals=arrivals), 1, 0).customers
    in_client = observe(
        a_scenario(transport={"max_conns_per_host": 3, "max_idle_conns_per_host": 3}, service=times, arrivals=arrivals),
        1,
        0,
    ).customers

    assert at_server["t_done"].tolist() == in_client["t_done"].tolist()
    assert at_server["srv_q"].tolist() == (in_client["t_gotconn"] - in_client["t_getconn"]).tolist()
