"""Skew as it is declared: which services have it, under which names, over which requests."""

from typing import Any

import pytest

from models.skew import SKEW, SKEW_NAMES, skew_metrics
from sim import wiring
from sim.wiring import METRIC_NAMES

TWO_SERVICES = {
    "duration": "4s",
    "skew_window": "1s",
    "clients": {"gateway": {}},
    "services": {
        "alone": {},
        "orders": {"backends": 3, "resolve": {"dns": "rotate"}, "service_time": {"exponential": {"mean": "9ms"}}},
        "carts": {"backends": 2, "resolve": "hosts"},
    },
    "workloads": {
        "w": {"client": "gateway", "services": ["alone", "orders", "carts"], "arrivals": {"poisson": "90/s"}}
    },
}


def summary(tree: dict[str, Any], *overrides: str) -> dict[str, float | int]:
    found = wiring.run(wiring.load_tree(tree, overrides)).summary
    return {name: figure for name, figure in found.items() if name.startswith("skew_")}


def test_the_only_service_goes_without_its_name() -> None:
    assert set(skew_metrics({"orders": 3})) == set(SKEW)


def test_one_backend_has_no_skew() -> None:
    assert skew_metrics({"orders": 1}) == {}
    assert {name.rpartition(":")[2] for name in skew_metrics({"alone": 1, "orders": 2})} == {"orders"}


def test_each_of_several_services_has_its_own() -> None:
    found = summary(TWO_SERVICES)

    assert {name.rpartition(":")[2] for name in found} == {"orders", "carts"}
    assert found["skew_requests_cv:carts"] == pytest.approx(1)  # the hosts file names the first one first
    assert 0 < found["skew_requests_cv:orders"] < 1
    assert len(found) == 2 * len(SKEW)


def test_every_name_is_known_before_a_run() -> None:
    assert [name for name in summary(TWO_SERVICES) if name not in METRIC_NAMES] == []
    assert set(SKEW) < set(SKEW_NAMES)
    assert "skew_requests_gini" not in METRIC_NAMES


def test_windows_begin_with_the_warm_up_and_end_with_the_arrivals() -> None:
    found = summary(TWO_SERVICES, "warmup=3500ms")

    assert not [name for name in found if "_window_" in name]
    assert found["skew_requests_cv:carts"] == pytest.approx(1)


def test_a_backend_that_answers_503_was_asked_as_well() -> None:
    full = ("services.carts.backends=1", "services.alone.backends=1", "services.orders.workers=1")
    queue = ("services.orders.queue=1", "services.orders.service_time=300ms", "services.orders.resolve=round_robin")

    found = summary(TWO_SERVICES, *full, *queue)

    assert found["skew_requests_max_over_mean:orders"] < 1.05


def test_in_flight_and_work_see_what_requests_do_not() -> None:
    one_is_stuck = "timeline=[{at: 1s, pause: {service: orders, backend: 0, for: 2s}}]"

    found = summary(TWO_SERVICES, one_is_stuck, "services.orders.resolve=round_robin")

    assert found["skew_requests_cv:orders"] < 0.02
    assert found["skew_inflight_cv:orders"] > 0.5
