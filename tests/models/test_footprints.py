"""What the connections of a machine take: weights against what was measured, and nothing else changes."""

from typing import Any

import pytest

from models.backend.footprint import FootprintConfig, bytes_of
from sim import wiring
from sim.units import InputError

KIB = 1024
PLAIN = (18.9 + 3) * KIB
BASE: dict[str, Any] = {
    "duration": "3s",
    "tail": "200ms",
    "clients": {"c": {}},
    "services": {"a": {"service_time": "10ms"}},
    "workloads": {"w": {"client": "c", "service": "a", "arrivals": {"constant": {"rate": "100/s"}}}},
}


def ran(*overrides: str) -> wiring.Run:
    return wiring.run(wiring.load_tree(BASE, overrides), 1)


def last(run: wiring.Run, column: str) -> float:
    return float(run.samples[column][-1])


@pytest.mark.parametrize(
    ("security", "has_streams", "kind", "kib"),
    [
        ("http", False, "connection", 18.9),
        ("https", False, "connection", 28.8),
        ("mutual", False, "connection", 32.6),
        ("https", True, "http2_connection", 39.8),
        ("https", True, "request", 7.2),
        ("https", False, "request", 8.1),
        ("https", False, "session", 28.0),
    ],
)
def test_go_takes_what_was_measured(security: str, has_streams: bool, kind: Any, kib: float) -> None:
    assert bytes_of(FootprintConfig(), security=security, has_streams=has_streams)[kind] == round(kib * KIB)


def test_what_is_stated_counts() -> None:
    config = FootprintConfig(connection=5, request=7)

    found = bytes_of(config, security="http", has_streams=False)

    assert (found["connection"], found["request"]) == (5, 7)


def test_http2_of_nginx_has_to_be_stated() -> None:
    with pytest.raises(ValueError, match="http2_connection: was not measured for nginx"):
        bytes_of(FootprintConfig(program="nginx"), security="https", has_streams=True)


@pytest.mark.parametrize("more", [(), ("services.a.idle_timeout=500ms",), ("services.a.workers=1",)])
def test_counting_changes_nothing_else(more: tuple[str, ...]) -> None:
    plain, weighed = ran(*more), ran(*more, "services.a.footprint={}")

    assert weighed.requests.equals(plain.requests)
    assert weighed.connections.equals(plain.connections)


def test_idle_connections_are_memory_and_descriptors() -> None:
    run = ran("services.a.footprint={}")

    kept = last(run, "open_conns")
    assert kept > 0
    assert last(run, "descriptors_a") == kept
    assert last(run, "memory_a") == pytest.approx(kept * PLAIN, abs=kept)
    open_too = last(run, "memory_a") + 8.1 * KIB
    assert run.summary["memory_max:a"] == pytest.approx(open_too, abs=1), "somewhen a request was open"


def test_services_of_one_machine_add_up_and_sessions_are_no_http() -> None:
    run = ran(
        "services.a.footprint={machine: gw}",
        "services.b={footprint: {machine: gw}}",
        "sessions.f={count: 30, service: b, websocket: {}, start: {over: 1s}}",
    )

    kept = last(run, "open_conns")
    assert last(run, "descriptors_gw") == kept + 30
    assert last(run, "memory_gw") == pytest.approx(kept * PLAIN + 30 * (12.4 + 3) * KIB, abs=40)


def test_streams_are_cheaper_than_connections() -> None:
    slow = ("services.a.scheme=https", "services.a.service_time=1s", "services.a.footprint={}")
    old, new = ran(*slow), ran(*slow, "services.a.http2={}", "clients.c.transport.force_attempt_http2=true")

    assert new.summary["memory_max:a"] < old.summary["memory_max:a"] / 3


def test_http3_connections_have_no_descriptor_of_their_own() -> None:
    run = ran("services.a.scheme=https", "services.a.http3={}", "clients.c.http3={}", "services.a.footprint={}")

    assert run.summary["descriptors_max:a"] < run.summary["memory_max:a"] / (20 * KIB) + 1
    assert last(run, "memory_a") > 0


def test_a_relay_pays_for_its_connections_upstream() -> None:
    asked = ("services.o={}", "clients.up={}", "services.a.relay={client: up, service: o}", "services.a.footprint={}")
    run, alone = ran(*asked), ran("services.a.footprint={}")

    assert last(run, "descriptors_a") == last(run, "open_conns") > last(alone, "descriptors_a")


def test_connections_upstream_that_others_have_too_are_refused() -> None:
    asked = ("services.o={}", "clients.up={}", "services.a.relay={client: up, service: o}", "services.a.footprint={}")

    with pytest.raises(InputError, match=r"services.a.footprint={}: connections to o are also those of workload x"):
        ran(*asked, "clients.d={}", "workloads.x={client: d, service: o, arrivals: {poisson: {rate: 1/s}}}")
