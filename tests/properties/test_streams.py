"""What holds of HTTP/2 in every world after every event: streams are conserved, limits kept, first fit.

The worlds are those of test_conservation.py, whose services speak HTTP/2 here.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backend.http2 import Http2Connection
from models.backend.http2_config import Http2ServerConfig
from models.protocols.http2 import Http2
from models.protocols.http2_connection import ClientConn
from models.protocols.http2_pool import Http2Pool
from models.samples import sample_columns
from models.scenario import Scenario
from models.transport.config import Http2Config
from models.world import World
from sim.records.frame import samples_of
from sim.records.rows import ABSENT
from sim.units import MS
from tests.properties.test_conservation import SEEDS, a_checked_world, check_caps, rows, transports
from tests.properties.worlds import scenarios, scenarios_that_end


@st.composite
def over_http2(draw: Any, worlds: st.SearchStrategy[Scenario]) -> Scenario:
    """The same, with services that speak HTTP/2; one of two at least."""
    scenario = draw(worlds)
    limits = st.sampled_from([0, 1, 2, 5])
    services = dict(scenario.services)
    for name in services if draw(st.booleans()) else [*services][:1]:
        http2 = Http2ServerConfig(max_concurrent_streams=draw(limits))
        services[name] = replace(services[name], scheme="https", http2=http2)
    client = scenario.clients["c"]
    ping = st.builds(
        Http2Config,
        strict_max_concurrent_requests=st.sampled_from([False, False, True]),
        send_ping_timeout=st.sampled_from([0, 0, 50 * MS]),
        ping_timeout=st.sampled_from([0, 20 * MS]),
    )
    transport = replace(client.transport, http2=draw(ping))
    version = draw(st.sampled_from(["1.19", "1.22", "1.24", "1.27"]))
    return replace(scenario, services=services, clients={"c": replace(client, transport=transport, go_version=version)})


def pools(world: World) -> Iterator[Http2Pool]:
    for transport in transports(world):
        if isinstance(transport.http2, Http2):
            yield from transport.http2.pools


def server_conns(world: World) -> Iterator[Http2Connection]:
    for host in world.hosts:
        for conn in host.server.connections:
            if isinstance(conn, Http2Connection):
                yield conn


def check_limits(world: World) -> None:
    for pool in pools(world):
        for conn in pool.conns:
            assert conn.admission.reserved >= 0
            assert all(number == stream.stream_id for number, stream in conn.streams.items())
            assert not any(stream.is_over for stream in conn.streams.values())
    for server in server_conns(world):
        limit = server._max_streams
        assert not limit or len(server.streams) <= limit, "the excess is refused"
        assert not limit or len(server._running) <= limit, "handlers of reset streams count"


@given(over_http2(scenarios()), SEEDS)
@settings(max_examples=40)
def test_after_every_event_limits_and_caps_are_kept(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    while world.engine.peek() < world.ends_at:
        world.engine.step()
        check_limits(world)
        for transport in transports(world):
            check_caps(transport)


@given(over_http2(scenarios()), SEEDS)
@settings(max_examples=40)
def test_a_known_limit_is_never_exceeded_and_the_first_connection_with_room_is_used(
    scenario: Scenario, seed: int
) -> None:
    world = a_checked_world(scenario, seed)

    def watched(conn: ClientConn, stream: Any) -> None:
        admission = conn.admission
        assert len(conn.streams) < admission.max_streams, "no stream beyond the limit that is known"
        open_stream(conn, stream)

    def chosen(pool: Http2Pool, request: Any, handle: Any, retry: int) -> bool:
        roomy = [conn for conn in pool.conns if conn.can_take_new_request]
        before = {conn: conn.nreq for conn in pool.conns}
        is_cached = try_cached(pool, request, handle, retry)
        if roomy:
            assert roomy[0].nreq > before[roomy[0]], "the oldest connection with room"
        assert is_cached is bool(roomy)
        return is_cached

    open_stream, try_cached = ClientConn.open, Http2Pool.try_cached
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientConn, "open", watched)
        patch.setattr(Http2Pool, "try_cached", chosen)
        world.run()


@given(over_http2(scenarios()), SEEDS)
@settings(max_examples=40)
def test_every_request_has_one_row_and_its_times_are_in_order(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    written = rows(world, "requests")
    assert sorted(row["id"] for row in written) == list(range(next(world.ids)))
    for row in written:
        for ways in (("t_getconn", "t_gotconn", "t_wrote", "t_done"), ("t_getconn", "t_gotconn", "t_first", "t_done")):
            reached = [row[name] for name in ways if row[name] != ABSENT]
            assert reached == sorted(reached), f"{row}"


@given(over_http2(scenarios()), SEEDS)
@settings(max_examples=40)
def test_no_level_is_negative_and_every_goroutine_is_in_one_state(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    _, levels = world.trace.levels.on_grid()
    series = zip(world.trace.levels.series, levels, strict=True)
    assert [name for name, level in series if level.min() < 0] == []
    columns = sample_columns(scenario, len(world.hosts))
    samples = samples_of(world.trace.levels, columns)
    states = [name for name in columns if name.startswith("goroutines_")]
    assert (samples.select(states).sum_horizontal() == samples["goroutines"]).all()
    assert [name for name in states if (samples[name] < 0).any()] == [], "fewer than none"


@given(over_http2(scenarios_that_end()), SEEDS)
@settings(max_examples=30)
def test_a_world_that_is_left_alone_comes_to_rest(scenario: Scenario, seed: int) -> None:
    client = scenario.clients["c"]
    lenient = replace(client.transport, http2=replace(client.transport.http2, strict_max_concurrent_requests=False))
    world = a_checked_world(replace(scenario, clients={"c": replace(client, transport=lenient)}), seed)

    world.run()

    _, levels = world.trace.levels.on_grid()
    left = {name: int(level[-1]) for name, level in zip(world.trace.levels.series, levels, strict=True) if level[-1]}
    assert left.get("pool_idle") == left.get("h2_handles"), "handles stay; the connections are gone"
    slots = {"pool_idle", "h2_handles", "conns_per_host", "conns_per_host_wait"}
    assert {name: n for name, n in left.items() if name not in slots} == {}, (
        "slots stay with their handles, and with them entries of those who wait no more"
    )
    assert [transport.kernel.files.is_open for transport in transports(world)] == [0] * len(transports(world))
