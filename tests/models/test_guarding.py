"""Guards in a world: their numbers, counters, levels and events, before calls and before backends."""

from typing import Any

import polars as pl
import pytest

from models.guarding import guards_of
from sim import wiring
from sim.units import InputError

BASE: dict[str, Any] = {
    "duration": "6s",
    "tail": "1s",
    "network": {"rtt": "0ms"},
    "clients": {"edge": {"overhead": "0ms", "timeout": "500ms"}},
    "services": {"api": {"service_time": "10ms", "overhead": "0ms"}},
    "workloads": {"w": {"client": "edge", "service": "api", "arrivals": {"constant": {"rate": "100/s"}}}},
}


def a_run(*lines: str) -> wiring.Run:
    return wiring.run(wiring.load_tree(BASE, lines))


def test_guards_are_numbered_clients_first_then_services() -> None:
    scenario = wiring.load_tree(
        BASE,
        ["clients.edge.guards=[gobreaker, {concurrency: 5}]", "services.api.guards=[{concurrency: 9}]"],
    )

    assert [one.text for one in guards_of(scenario)] == [
        "gobreaker, edge to api", "concurrency, edge to api", "concurrency, before api",
    ]  # fmt: skip


def test_a_token_bucket_lets_pass_its_burst_and_its_rate() -> None:
    done = a_run("clients.edge.guards=[{token_bucket: {rate: 50/s, burst: 10}}]")

    # constant arrivals from 0 s: the burst and 50 a second until the last arrival at 5.99 s
    assert done.summary["n_ok"] == 10 + 50 * 6 - 1
    assert done.summary["guard.g0.refused"] == done.summary["status:429"] == 600 - 309
    assert done.summary["refused_by:token_bucket, edge to api, rate"] == 291


def test_a_breaker_opens_after_six_failures_and_probes_when_its_time_is_over() -> None:
    done = a_run(
        "clients.edge.guards=[{gobreaker: {timeout: 1s}}]",
        "timeline=[{at: 2s, die: {service: api, for: 500ms}}]",
    )

    # requests of 1.995 s on are lost with their connection or refused: the sixth is that of 2.05 s at the latest
    assert 2.0 < done.summary["guard.g0.first_open_t"] <= 2.06
    assert done.summary["guard.g0.opened"] == 1
    assert done.summary["guard.g0.probes"] == 1
    assert 1.0 < done.summary["guard.g0.open_s"] < 1.05
    assert done.summary["err:circuit breaker is open"] == pytest.approx(100, abs=2)
    opened = done.samples.filter(pl.col("t").is_between(2.1, 3.0))["open_g0"]
    assert opened.to_list() == [1] * opened.len()
    said = done.tables["events"].filter(pl.col("event").str.contains("breaker"))["event"].to_list()
    assert said == [
        "api breaker open", "api breaker open ends", "api breaker half open", "api breaker half open ends",
    ]  # fmt: skip


def test_the_limit_of_an_adaptive_guard_is_a_level() -> None:
    done = a_run("clients.edge.guards=[{vegas: {initial_limit: 5}}]")

    assert done.samples["limit_g0"][0] == 5


def test_a_guard_before_a_backend_answers_with_its_status() -> None:
    done = a_run("services.api.guards=[{concurrency: 1}]", "workloads.w.arrivals.constant.rate=150/s")

    # every second request finds the one before it under way
    assert done.summary["status:429"] == pytest.approx(450, abs=2)
    assert done.summary["guard.g0.refused"] == done.summary["status:429"]


def test_each_backend_has_a_guard_of_its_own() -> None:
    lines = ["services.api.guards=[{concurrency: 1}]", "workloads.w.arrivals.constant.rate=150/s"]

    done = a_run(*lines, "services.api.backends=2", "services.api.resolve=round_robin")

    assert done.summary["n_err"] == 0
    assert done.summary["guard.g0.asked"] == 900


def test_envoy_lets_calls_wait_for_a_connection_and_refuses_when_too_many_do() -> None:
    lines = ["workloads.w.arrivals.constant.rate=300/s", "services.api.service_time=20ms"]

    done = a_run(*lines, "clients.edge.guards=[{envoy: {max_connections: 4, max_pending_requests: 2}}]")

    # four at a time of 20 ms are 200 per second; the others are refused
    assert done.summary["calls_ok_per_s"] == pytest.approx(200, rel=0.02)
    assert done.summary["status:503"] == pytest.approx(600, rel=0.05)
    assert done.summary["c_estab_max"] <= 4
    assert done.summary["call_wait_mean"] > 0.005
    assert done.summary["guard.g0.upstream_rq_pending_overflow"] == done.summary["guard.g0.refused"]


def test_a_call_that_leaves_while_it_waits_takes_no_place() -> None:
    lines = [
        "workloads.w.arrivals.constant.rate=300/s",
        "services.api.service_time=20ms",
        "workloads.w.cancel_after=8ms",
    ]

    done = a_run(*lines, "clients.edge.guards=[{envoy: {max_connections: 4, max_pending_requests: 2}}]")

    counted = done.summary["n_ok"] + done.summary["n_err"]
    assert counted == done.summary["n_requests"] == done.summary["n_calls"] == 1800
    assert done.summary["err:context canceled"] > 600


def test_who_leaves_while_waiting_has_waited_until_then() -> None:
    done = a_run("clients.edge.guards=[{guava_bursty: {rate: 10/s}}]", "workloads.w.cancel_after=50ms")

    # the 600 calls would have to wait for their permits for up to a minute
    assert done.summary["call_wait_mean"] == pytest.approx(0.05, rel=0.05)


def test_a_request_that_finds_the_queue_full_frees_its_place_at_the_guards() -> None:
    done = a_run("services.api={service_time: 20ms, workers: 1, queue: 1, guards: [{concurrency: 3}]}")

    # two are there at a time, so that the third place of the limit is always free
    assert done.summary["status:503"] == pytest.approx(300, abs=3)
    assert "guard.g0.refused" not in done.summary


def test_a_handler_that_panics_is_a_failure_to_the_guards_before_it() -> None:
    done = a_run("services.api.panics=1", "services.api.guards=[gobreaker]")

    assert done.summary["guard.g0.opened"] == 1
    assert done.summary["refused_by:gobreaker, before api, open"] == done.summary["guard.g0.asked"] - 6


def test_a_429_that_a_relay_passes_on_is_a_throttling_to_the_guards_before_it() -> None:
    further = "services.far={guards: [{token_bucket: {rate: 10/s, burst: 1}}]}"

    done = a_run(
        "clients.inner={}", further, "services.api.relay={client: inner, service: far}",
        "services.api.guards=[{aimd: {initial_limit: 20, min_limit: 1}}]", "timeline=[]",
    )  # fmt: skip

    assert done.summary["status:429"] > 500
    assert done.samples["limit_g0"][-1] == 1


def test_a_threshold_outside_its_range_names_itself() -> None:
    with pytest.raises(InputError, match=r"guards\.0\.resilience4j\.failure_rate_threshold.*100"):
        a_run("clients.edge.guards=[{resilience4j: {failure_rate_threshold: 120}}]")


def test_a_breaker_that_is_told_to_be_open_is_shown_so() -> None:
    done = a_run("clients.edge.guards=[{resilience4j: {mode: forced_open}}]")

    assert done.samples["open_g0"].to_list() == [1] * done.samples.height
    assert (done.summary["guard.g0.first_open_t"], done.summary["guard.g0.open_s"]) == (0, 7)
    assert done.tables["events"]["event"].to_list() == ["api breaker open"]
