"""Envoy's thresholds: counts that are taken and released, and a budget for retries."""

from typing import Any

import pytest

from models.protection.breakers.envoy_limits import EnvoyLimits
from tests.models.protection.breakers.scripted import a_guard


def limits(**keys: Any) -> EnvoyLimits:
    guard = a_guard({"envoy": keys})
    assert isinstance(guard, EnvoyLimits)
    return guard


def test_three_retries_at_a_time_are_allowed_however_many_requests_there_are() -> None:
    cluster = limits()
    cluster.requests.active = 1000

    assert [cluster.retries.take() for _ in range(4)] == [True, True, True, False]
    cluster.retries.release()
    assert cluster.retries.take()
    assert cluster.counters["upstream_rq_retry_overflow"] == 1


@pytest.mark.parametrize(
    ("active", "pending", "allowed"),
    [(0, 0, 3), (15, 0, 3), (19, 0, 3), (20, 0, 4), (19, 1, 4), (24, 0, 4), (100, 50, 30)],
)
def test_a_budget_allows_a_fifth_of_the_requests_and_at_least_three(active: int, pending: int, allowed: int) -> None:
    cluster = limits(retry_budget={}, max_retries=1)
    cluster.requests.active, cluster.pending.active = active, pending

    granted = 0
    while cluster.retries.take():
        granted += 1

    assert granted == allowed, "the whole part of 20 % of active and pending; the budget replaces max_retries"


def test_a_connection_more_than_allowed_is_made_for_a_host_that_has_none() -> None:
    cluster = limits(max_connections=1)

    assert cluster.connections.take()
    assert not cluster.connections.take()
    assert cluster.connections.take(always=True)
    assert cluster.connections.active == 2
    assert cluster.counters["upstream_cx_overflow"] == 2, "counted also where it is made all the same"


def test_pending_and_active_requests_overflow_into_one_counter() -> None:
    cluster = limits(max_pending_requests=1, max_requests=0)

    assert cluster.pending.take()
    assert not cluster.pending.take()
    assert cluster.ask(0) is None
    assert cluster.counters["upstream_rq_pending_overflow"] == 2


def test_a_limit_that_is_lowered_by_fewer_requests_waits_for_retries_to_end() -> None:
    cluster = limits(retry_budget={})
    cluster.requests.active = 50
    assert all(cluster.retries.take() for _ in range(10))

    cluster.requests.active = 20

    assert cluster.retries.active == 10
    assert not cluster.retries.take()
