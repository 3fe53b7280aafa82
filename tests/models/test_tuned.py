"""Controllers in whole worlds: nothing is lost while they move limits, and where there is none nothing is recorded."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.metrics import RUN_METRICS
from models.tuning_metrics import TUNING_METRICS
from models.world import World, world_of
from sim import wiring
from sim.engine.streams import Streams
from sim.records.trace import Memory

WORLD = """
duration: 3s
tail: 2s
network: {rtt: 2ms}
clients:
  c:
    timeout: 800ms
    transport: {max_conns_per_host: 6, max_idle_conns_per_host: 3, idle_conn_timeout: 300ms}
    tuning: {period: 100ms, window: 400ms, slices: 4}
services:
  s: {backends: 2, resolve: round_robin, service_time: {lognormal: {mean: 20ms, p99: 120ms}}}
workloads:
  w: {client: c, service: s, method: POST, request_body: {size: 8kB},
      arrivals: {bursts: {on: 300ms, off: 300ms, on_rate: 400/s, off_rate: 10/s}}}
"""
HTTP2 = ("services.s.scheme=https", "services.s.http2={max_concurrent_streams: 5}")


def played(seed: int, *changes: str) -> World:
    world = world_of(wiring.load(WORLD, changes), Streams(seed), Memory())
    world.run()
    return world


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1000),
    http2=st.booleans(),
    strict=st.booleans(),
    hysteresis=st.sampled_from([0, 0.3]),
    caps=st.sampled_from([1, 2, 6]),
    apply=st.sampled_from(["in_place", "new_transport"]),
)
def test_connections_slots_and_requests_are_conserved(
    seed: int, http2: bool, strict: bool, hysteresis: float, caps: int, apply: str
) -> None:
    changes = [*(HTTP2 if http2 else ()), f"clients.c.transport.max_conns_per_host={caps}"]
    changes += [f"clients.c.transport.http2.strict_max_concurrent_requests={str(strict).lower()}"] if http2 else []
    changes += [f"clients.c.tuning.hysteresis={hysteresis}", f"clients.c.tuning.apply={apply}"]
    world = played(seed, *changes)

    (transport,) = world.transports["c"]
    slots = sum(host.conns for host in transport.pool.hosts)
    handles = sum(len(host.idle) for host in transport.pool.hosts)
    if not http2:
        assert slots == len(transport.connections) + len(transport.dials)
        assert sum(len(host.idle) for host in transport.pool.hosts) == transport.pool.n_idle
    else:
        assert slots >= handles
    _, levels = world.trace.levels.on_grid()
    last = dict(zip(world.trace.levels.series, levels[:, -1].tolist(), strict=True))
    assert last["open_conns"] == len(transport.connections)
    assert (levels >= 0).all(), "no level ever falls below zero"
    if not transport.connections:
        assert last["buffer_pages"] == 0
    done, asked = world.trace.tables["requests"].n_rows, next(world.ids)
    assert done == asked


def run(*changes: str) -> wiring.Run:
    return wiring.run(wiring.load(WORLD, changes))


def test_what_a_controller_saw_and_set_is_there_over_time_and_in_the_summary() -> None:
    done = run()

    assert done.tables["tuning"].height == done.summary["tune_looks"] == 30
    assert done.summary["set_write_buffer_size_min"] >= 64 * 1024
    assert done.summary["tune_changes"] >= done.summary["tune_reversals"] > 0
    assert done.summary["buffer_kib_max"] == done.samples["buffer_kib"].max()


def test_each_instance_has_a_controller_of_its_own() -> None:
    looks = run("clients.c.instances=3").tables["tuning"]

    assert sorted(set(looks["client"])) == ["c.0", "c.1", "c.2"]
    assert looks.height == 90


@pytest.mark.parametrize("changes", [("clients.c={}",), ("clients.c={transport: {max_conns_per_host: 6}}",)])
def test_without_one_nothing_of_it_is_recorded(changes: tuple[str, ...]) -> None:
    done = run(*changes)

    assert "tuning" not in done.tables
    assert "buffer_kib" not in done.samples.columns
    assert not {name for name in done.summary if name.startswith(("tune_", "set_", "seen_", "buffer_"))}


def test_no_metric_has_two_meanings() -> None:
    declared: dict[str, Any] = {**TUNING_METRICS}

    assert not declared.keys() & RUN_METRICS.keys()


def test_a_controller_that_sets_what_is_there_changes_no_request() -> None:
    still = ("clients.c.tuning={knobs: [max_conns_per_host], period: 5s}",)
    plain = "{timeout: 800ms, transport: {max_conns_per_host: 6, max_idle_conns_per_host: 3, idle_conn_timeout: 300ms}}"

    assert run(*still).requests.equals(run(f"clients.c={plain}").requests)
