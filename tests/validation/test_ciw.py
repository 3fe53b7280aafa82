"""Two networks that have no closed form, simulated here and by Ciw, an independent queueing simulator.

Ciw: Palmer, Knight, Harper and Hawa, Ciw: An open-source discrete event simulation library, Journal of Simulation 13
(2019).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.units import SECOND
from sim.validation.measure import Observed
from sim.wiring import observe
from tests.validation.theory_worlds import a_scenario

ciw = pytest.importorskip("ciw", reason="the second engine is not installed: it comes with the extra `dev`")
pytestmark = pytest.mark.slow

SKIP, TAKE, REPLICATIONS = 300, 2_000, 40
SIGMA = 0.8
P99_OVER_MEAN = math.exp(stats.norm.ppf(0.99) * SIGMA - SIGMA**2 / 2)
Figures = Mapping[str, float]


def lognormal(mean_ms: int) -> dict[str, Any]:
    """A lognormal service time as our scenarios have it."""
    return {"lognormal": {"mean": f"{mean_ms}ms", "p99": f"{round(mean_ms * P99_OVER_MEAN * 1e6)}ns"}}


def ciw_lognormal(mean_s: float) -> Any:
    """The same as Ciw has it: mean and deviation of the logarithm."""
    return ciw.dists.Lognormal(math.log(mean_s) - SIGMA**2 / 2, SIGMA)


def ciw_records(network: Any, seed: int) -> list[Any]:
    """What Ciw wrote of the measured customers, by their order of arrival."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(SKIP + TAKE + 300, method="Arrive")
    records = simulation.get_all_records()
    came = {record.id_number: record.arrival_date for record in records if record.node == 1}
    measured = set(sorted(came, key=came.__getitem__)[SKIP : SKIP + TAKE])
    return [record for record in records if record.id_number in measured]


def assert_same_means(ours: list[Figures], theirs: list[Figures]) -> None:
    """Welch's intervals of the differences hold 0, jointly in 95 of 100 cases (Bonferroni)."""
    confidence = 1 - 0.05 / len(ours[0])
    for name in ours[0]:
        pair = [np.array([run[name] for run in runs]) for runs in (ours, theirs)]
        found = stats.ttest_ind(*pair, equal_var=False).confidence_interval(confidence)
        means = " and ".join(f"{values.mean():.5g}" for values in pair)
        assert found.low <= 0 <= found.high, f"{name}: {means} differ by {found.low:.3g} to {found.high:.3g}"


def measured(seen: Observed) -> NDArray[Any]:
    return seen.customers[SKIP : SKIP + TAKE]


def test_two_classes_at_three_workers_with_four_places_lose_and_wait_as_in_ciw() -> None:
    workloads = {
        name: {"client": "c", "service": "s", "arrivals": {"poisson": rate}, "service_time": service_time}
        for name, rate, service_time in (
            ("light", "180/s", {"exponential": {"mean": "8ms"}}),
            ("heavy", "60/s", lognormal(20)),
        )
    }
    scenario = a_scenario(service={"workers": 3, "queue": 4}, workloads=workloads, duration="12s", tail="1s")
    network = ciw.create_network(
        arrival_distributions={"light": [ciw.dists.Exponential(180)], "heavy": [ciw.dists.Exponential(60)]},
        service_distributions={"light": [ciw.dists.Exponential(125)], "heavy": [ciw_lognormal(0.020)]},
        number_of_servers=[3],
        queue_capacities=[4],
    )

    assert_same_means(
        [our_classes(measured(observe(scenario, 1, i))) for i in range(REPLICATIONS)],
        [their_classes(ciw_records(network, i)) for i in range(REPLICATIONS)],
    )


def our_classes(rows: NDArray[Any]) -> Figures:
    labels, numbers = np.unique(rows["workload"], return_counts=True)
    light, heavy = (
        rows[rows["workload"] == label] for label in labels[np.argsort(-numbers)]
    )  # three in four are light
    figures = {"loss": float((rows["status"] == 503).mean())}
    for name, each in (("light", light), ("heavy", heavy)):
        served = each[each["status"] == 200]
        figures[f"{name} wait"] = served["srv_q"].mean() / SECOND
        figures[f"{name} time"] = (served["t_done"] - served["t_arrival"]).mean() / SECOND
    return figures


def their_classes(records: list[Any]) -> Figures:
    figures = {"loss": sum(record.record_type == "rejection" for record in records) / len(records)}
    for name in ("light", "heavy"):
        served = [r for r in records if r.record_type == "service" and r.customer_class == name]
        figures[f"{name} wait"] = float(np.mean([record.waiting_time for record in served]))
        figures[f"{name} time"] = float(np.mean([record.exit_date - record.arrival_date for record in served]))
    return figures


def test_connections_before_workers_are_two_nodes_with_blocking_as_in_ciw() -> None:
    # MaxConnsPerHost 6 before 3 workers: a node without service that is blocked while the second, with 3 servers and 3
    # places, is full
    scenario = a_scenario(
        transport={"max_conns_per_host": 6, "max_idle_conns_per_host": 6},
        service={"workers": 3, "service_time": lognormal(10)},
        arrivals={"poisson": "250/s"},
        duration="12s",
    )
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(250), None],
        service_distributions=[ciw.dists.Deterministic(0), ciw_lognormal(0.010)],
        number_of_servers=[1, 3],
        queue_capacities=[math.inf, 3],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )

    assert_same_means(
        [our_tiers(measured(observe(scenario, 1, i))) for i in range(REPLICATIONS)],
        [their_tiers(ciw_records(network, i)) for i in range(REPLICATIONS)],
    )


def our_tiers(rows: NDArray[Any]) -> Figures:
    waits = {"connection": rows["t_gotconn"] - rows["t_getconn"], "worker": rows["srv_q"]}
    time = (rows["t_done"] - rows["t_arrival"]).mean() / SECOND
    return {"time": time, **{f"wait for a {name}": times.mean() / SECOND for name, times in waits.items()}}


def their_tiers(records: list[Any]) -> Figures:
    first, second = ([record for record in records if record.node == node] for node in (1, 2))
    return {
        "time": float(np.mean([r.exit_date for r in second]) - np.mean([r.arrival_date for r in first])),
        "wait for a connection": float(np.mean([record.waiting_time + record.time_blocked for record in first])),
        "wait for a worker": float(np.mean([record.waiting_time for record in second])),
    }
