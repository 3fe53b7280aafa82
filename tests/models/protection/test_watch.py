"""Guards that stand one behind another: who hears first of an end, who is let in, what a refusal further in is."""

from collections import Counter
from typing import Any

import pytest

from models.protection.breaker import Breaker, State
from models.protection.guard import Guard
from models.protection.guards import GuardConfig, make_guard
from models.protection.watch import Watch, turn_back
from sim.wiring import load_tree
from tests.keys.case import BASE
from tests.models.protection.guarded import a_world, calls, requests

BUSY = {"arrivals": {"constant": {"rate": "110/s"}}}
ONE = {"envoy": {"max_connections": 1, "max_pending_requests": 5000}}
LEFT = "context canceled"


@pytest.mark.parametrize("where", ["client", "service"])
def test_who_is_let_in_finds_the_places_further_in_free(where: str) -> None:
    keys: dict[str, Any] = {"client": {}, "service": {"service_time": "40ms"}}
    keys[where]["guards"] = [{"envoy": {"max_connections": 4}}, {"concurrency": 4}]
    done = a_world(**keys, workload=BUSY)

    assert Counter(row["status"] for row in requests(done)) == {200: 110}
    assert done.summary["guard.g0.delayed"] > 50
    assert "guard.g1.refused" not in done.summary


@pytest.mark.parametrize("where", ["client", "service"])
def test_who_leaves_while_he_waits_further_in_frees_the_places_before(where: str) -> None:
    slow = {"token_bucket": {"rate": "0.1/s", "burst": 1, "max_wait": "60s"}}
    keys: dict[str, Any] = {"client": {}, "service": {"service_time": "0s", "honours_cancel": True}}
    keys[where]["guards"] = [{"concurrency": 1}, slow]
    done = a_world(**keys, workload={"arrivals": {"constant": {"rate": "2/s"}}, "cancel_after": "600ms"}, duration="2s")

    # the second waits for a token until it leaves at 1100; meanwhile the third is refused, and the fourth comes in
    assert [(row["status"], row["err"]) for row in requests(done)] == [(200, ""), (0, LEFT), (429, ""), (0, LEFT)]


@pytest.mark.parametrize(
    "inner", [{"concurrency": 1}, {"concurrency": 0}, {"token_bucket": {"rate": "3/s", "burst": 1}}]
)
def test_a_program_that_dies_lets_nobody_in_and_forgets_who_was_there(inner: dict[str, Any]) -> None:
    done = a_world(
        client={}, service={"service_time": "300ms", "guards": [ONE, inner]}, workload=BUSY, duration="2s",
        timeline=[{"at": "500ms", "die": {"for": "100ms"}}],
    )  # fmt: skip
    after = [row for row in requests(done) if row["t_getconn"] > 600]

    assert len(requests(done)) == 220
    assert any(row["status"] == 200 for row in after) == (inner != {"concurrency": 0})


def test_a_thousand_who_wait_are_refused_further_in_one_after_another() -> None:
    guards = [ONE, {"gobreaker": {"ready_to_trip": {"total_failures": {"at_least": 1}}}}]
    done = a_world(
        client={"guards": guards}, service={"service_time": "900ms", "panics": 1.0},
        workload={"arrivals": {"constant": {"rate": "1500/s"}}},
    )  # fmt: skip

    assert Counter(row["err"] for row in calls(done)) == {"EOF": 1, "circuit breaker is open": 1499}


def test_nobody_is_let_in_when_the_run_is_over() -> None:
    slow = {"token_bucket": {"rate": "0.1/s", "burst": 1, "max_wait": "60s"}}
    done = a_world(
        client={"guards": [ONE, slow]}, service={"service_time": "0s"}, tail="0s",
        workload={"arrivals": {"constant": {"rate": "4/s"}}},
    )  # fmt: skip

    assert len(requests(done)) == sum(row["tries"] for row in calls(done)) == 4
    assert Counter(row["err"] for row in calls(done)) == {"": 1, "lab-end": 3}


def the_guard(tree: str) -> Guard:
    config: GuardConfig = load_tree(BASE, [f"clients.gw.guards=[{tree}]"]).clients["gw"].guards[0]
    return make_guard(config, "orders", lambda: 0.5)


def state_behind(outer: str, inner: str) -> State:
    """That of a breaker, when each of ten calls that it lets pass is refused by a guard further in."""
    guard = the_guard(outer)
    assert isinstance(guard, Breaker)
    guards = [Watch(one, lambda _: None, lambda kind, by: None) for one in (guard, the_guard(inner))]
    for now in range(10):
        passed = guards[0].ask(now)
        if passed is not None:
            turn_back(guards, [(passed.ticket, now)], now)
    guard.look(10**9)
    return guard.state


FULL, BLOCKING = "{concurrency: {limit: 0}}", "{sentinel_flow: {count: 0}}"
R4J = "sliding_window_size: 5, minimum_number_of_calls: 5"
HYSTRIX = "request_volume_threshold: 5"
SENTINEL = "{sentinel: {strategy: error_count, threshold: 3, retry_timeout: 1s}}"


@pytest.mark.parametrize(
    ("outer", "inner", "state"),
    [
        (f"{{resilience4j: {{{R4J}}}}}", FULL, State.OPEN),
        (f"{{resilience4j: {{{R4J}, ignores_refused: true}}}}", FULL, State.CLOSED),
        (f"{{hystrix: {{{HYSTRIX}}}}}", FULL, State.OPEN),
        (f"{{hystrix: {{{HYSTRIX}, ignores_refused: true}}}}", FULL, State.CLOSED),
        ("gobreaker", FULL, State.OPEN),
        ("{gobreaker: {excludes_refused: true}}", FULL, State.CLOSED),
        (SENTINEL, FULL, State.OPEN),
        (SENTINEL, BLOCKING, State.CLOSED),
        (SENTINEL, SENTINEL, State.CLOSED),
    ],
)
def test_a_refusal_further_in_is_to_each_library_what_it_throws(outer: str, inner: str, state: State) -> None:
    assert state_behind(outer, inner) is state


def test_a_breaker_before_a_limit_opens_by_its_refusals() -> None:
    breaker = {"resilience4j": {"sliding_window_size": 10, "minimum_number_of_calls": 10}}
    done = a_world(
        client={"guards": [breaker, {"concurrency": 1}]}, service={"service_time": "1s"},
        workload={"arrivals": {"constant": {"rate": "20/s"}}},
    )  # fmt: skip

    assert done.summary["guard.g0.opened"] == 1
    assert Counter(row["status"] or row["err"] for row in calls(done)) == {
        200: 1, 429: 10, "CircuitBreaker 's' is OPEN and does not permit further calls": 9,
    }  # fmt: skip


def test_how_long_it_was_not_closed_adds_up() -> None:
    watch = Watch(the_guard("{resilience4j: {}}"), lambda _: None, lambda kind, by: None)
    for now, old, new in (
        (10, State.CLOSED, State.OPEN), (15, State.OPEN, State.HALF_OPEN), (20, State.HALF_OPEN, State.CLOSED),
        (50, State.CLOSED, State.OPEN), (57, State.OPEN, State.HALF_OPEN), (58, State.HALF_OPEN, State.CLOSED),
    ):  # fmt: skip
        watch._changed(now, old, new)

    assert (watch.not_closed(100), watch.first_open_at, watch.last_closed_at) == (18, 10, 58)
