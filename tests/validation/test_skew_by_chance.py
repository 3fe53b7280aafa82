"""Skew of real runs against its closed forms: lots per request, lots per connection, an order that never changes."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from models.skew import skew_metrics
from sim import wiring
from sim.analysis.load import Loads
from sim.analysis.metric import Run
from sim.analysis.skew import cv
from sim.records.metric import Skew

CERTAIN = 3.3
"""Standard errors on either side: one true form in a thousand is refused."""
KEEP_ALL = {"max_idle_conns": 0, "max_idle_conns_per_host": 100_000}
EXPONENTIAL = {"exponential": {"mean": "10ms"}}


def a_tree(transport: dict[str, Any], arrivals: Any, **service: Any) -> dict[str, Any]:
    return {
        "duration": "100s", "tail": "1s", "skew_window": "2s", "network": {"rtt": "200us"},
        "clients": {"gateway": {"transport": transport}},
        "services": {"orders": {"resolve": {"dns": "shuffle", "lookup_time": "0s"}, **service}},
        "workloads": {"w": {"client": "gateway", "service": "orders", "arrivals": arrivals}},
    }  # fmt: skip


def loads(done: wiring.Run, name: str, backends: int, duration: float = 100, window: float = 2) -> Loads:
    """What the summary makes its figures of."""
    declared = skew_metrics({"orders": backends})[f"skew_{name}_cv"]
    assert isinstance(declared, Skew)
    numbers = {"duration": duration, "warmup": 0, "skew_window": window}
    found = Run({"requests": done.requests}, numbers=numbers).loads(declared.load)
    assert found is not None
    return found


@cache
def by_lot(backends: int) -> wiring.Run:
    tree = a_tree({"disable_keep_alives": True}, {"poisson": "200/s"}, backends=backends, service_time=EXPONENTIAL)
    return wiring.run(wiring.load_tree(tree), 1)


@pytest.mark.parametrize("backends", [3, 10])
@pytest.mark.parametrize(("load", "c_squared"), [("requests", 0), ("work", 1)])
def test_a_lot_for_each_request(backends: int, load: str, c_squared: float) -> None:
    """CV = sqrt((n - 1)/m (1 + c^2)): DNS that shuffles, and a connection for each request."""
    windows = loads(by_lot(backends), load, backends).windows

    requests = 200 * 2
    over = cv(windows) ** 2 / ((backends - 1) / requests * (1 + c_squared))
    error = (2 / ((backends - 1) * len(over))) ** 0.5  # of the mean of chi squares over their degrees of freedom
    assert over.mean() == pytest.approx(1, abs=CERTAIN * error + 0.02)


@pytest.mark.slow
def test_a_lot_for_each_connection() -> None:
    """CV ~ sqrt((n - 1)/D) with D connections that stay, whatever the number of requests; LIFO is a little worse."""
    tree = a_tree(KEEP_ALL, {"poisson": "1000/s"}, backends=4, service_time=EXPONENTIAL)
    scenario = wiring.load_tree(tree, ["duration=3s"])

    summaries = [wiring.run(scenario, 1, replication).summary for replication in range(50)]

    over = [one["skew_requests_cv"] ** 2 / (3 / one["dials_ok"]) for one in summaries]
    by_requests = [one["skew_requests_cv_by_chance"] for one in summaries]
    error = (2 / (3 * len(over))) ** 0.5
    assert 1 - CERTAIN * error < np.mean(over) < 1.3 * (1 + CERTAIN * error)
    assert np.mean([one["skew_requests_cv"] for one in summaries]) > 10 * np.mean(by_requests)


@pytest.mark.parametrize("backends", [2, 3, 10])
def test_one_order_for_ever_puts_all_on_one(backends: int) -> None:
    """CV = sqrt(n - 1), Jain 1/n, extra capacity n - 1."""
    tree = a_tree(KEEP_ALL, {"poisson": "100/s"}, backends=backends, resolve={"dns": "fixed"})

    found = wiring.run(wiring.load_tree(tree, ["duration=5s"]), 1).summary

    for load in ("requests", "work", "inflight"):
        assert found[f"skew_{load}_cv"] == pytest.approx((backends - 1) ** 0.5)
        assert found[f"skew_{load}_jain"] == pytest.approx(1 / backends)
        assert found[f"skew_{load}_max_over_mean"] == pytest.approx(backends)
        assert found[f"skew_{load}_extra_capacity"] == pytest.approx(backends - 1)


def test_the_articles_400_requests() -> None:
    """One after the other, four backends: 400/0/0/0, a standard deviation of 173 (200 as a sample), Jain 0.25."""
    tree = a_tree(KEEP_ALL, {"closed_loop": {"workers": 1, "think": "20ms"}}, backends=4, service_time="5ms")
    exact = ["services.orders.overhead=0s", "clients.gateway.overhead=0s", "network.rtt=0s"]
    done = wiring.run(wiring.load_tree(tree, [*exact, "duration=9999ms"]), 1)

    assert done.summary["n_ok"] == 400
    assert max(done.summary[f"share_b{i}"] for i in range(4)) == 1
    assert done.summary["skew_requests_sd"] == pytest.approx(173.2, abs=0.05)
    assert done.summary["skew_requests_sample_sd"] == pytest.approx(200)
    assert done.summary["skew_requests_jain"] == pytest.approx(0.25)


def test_the_articles_standard_deviation_of_2_8_is_that_of_35_requests_by_lot() -> None:
    """Windows of 1.75 s at 20/s hold 35 requests: as a standard deviation 2.8 says how many, not how even."""
    tree = a_tree({"disable_keep_alives": True}, {"constant": "20/s"}, backends=3, service_time="1ms")
    scenario = wiring.load_tree(tree, ["skew_window=1750ms", "duration=700s"])

    windows = loads(wiring.run(scenario, 1), "requests", 3, 700, 1.75).windows

    squares = np.var(windows, axis=-1)
    assert len(squares) == 400
    error = CERTAIN * squares.std() / len(squares) ** 0.5
    assert squares.mean() == pytest.approx(2.8**2, abs=error)
