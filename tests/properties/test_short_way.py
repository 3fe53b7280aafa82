"""The short way, on which what is certain is recorded at once, against the long one, segment by segment (ADR 0005)."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.backend.config import ResolveConfig
from models.network.config import NetworkConfig
from models.scenario import HostedService, Scenario, WorkloadConfig
from models.tables import TABLES
from models.timeline import CloseIdle, TimelineEvent
from models.tuning.config import TunedClient
from models.workload.arrivals import Poisson
from models.world import World, world_of
from sim.engine.distributions import Constant, Lognormal
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.units import MS, SECOND
from tests.properties.worlds import kernels, transports

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""An example plays two worlds in full; making it smaller takes minutes and tells little more than a difference does."""

clients = st.builds(
    TunedClient,
    transport=transports,
    kernel=kernels.map(lambda kernel: replace(kernel, connect_scan_cost=0)),
    timeout=st.sampled_from([0, 12 * MS, 21 * MS, 45 * MS]),
    go_version=st.sampled_from(["1.22", "1.27"]),
)

workloads = st.builds(
    WorkloadConfig,
    client=st.just("c"),
    service=st.just("s"),
    method=st.sampled_from(["GET", "POST"]),
    read=st.sampled_from(["full", "full", "close", "none"]),
    arrivals=st.just(Poisson(rate=150.0)),
)

INSTANTS = st.lists(st.integers(0, 1200 * MS), min_size=1, max_size=20)


def gateway(client: TunedClient, workload: WorkloadConfig, scheme: Any) -> Scenario:
    service = HostedService(
        scheme=scheme,
        resolve=ResolveConfig(by="dns"),
        backends=2,
        service_time=Lognormal(mean=20 * MS, p99=70 * MS),
    )
    return Scenario(
        duration=SECOND,
        tail=SECOND,
        network=NetworkConfig(rtt=Constant(value=7 * MS)),
        clients={"c": client},
        services={"s": service},
        workloads={"w": workload},
    )


def rows(world: World, table: str) -> list[dict[str, Any]]:
    store: Any = world.trace.store
    names = [field.name for field in TABLES[table]]
    written = [dict(zip(names, row, strict=True)) for chunk in store.rows(table) for row in chunk.tolist()]
    return sorted(written, key=lambda row: (row.get("id", 0), row["conn_id"]))


def played(scenario: Scenario, seed: int, *, short: bool) -> World:
    world = world_of(scenario, Streams(seed), Memory())
    for host in world.hosts:
        host.is_steady = short
    world.run()
    return world


def check_equal(scenario: Scenario, seed: int) -> None:
    short, long = played(scenario, seed, short=True), played(scenario, seed, short=False)
    for table in ("requests", "connections"):
        assert rows(short, table) == rows(long, table), f"{table} of the short way differ"
    (_, ours), (_, theirs) = short.trace.levels.on_grid(), long.trace.levels.on_grid()
    differing = np.flatnonzero((ours != theirs).any(axis=1))
    assert [short.trace.levels.series[i] for i in differing] == [], "levels of the short way differ"
    assert short.counters() == long.counters()


@settings(max_examples=40, phases=WITHOUT_SHRINKING)
@given(clients, workloads, st.sampled_from(["http", "http", "https"]), st.integers(0, 1000))
def test_the_short_way_gives_what_the_long_way_gives(
    client: TunedClient, workload: WorkloadConfig, scheme: str, seed: int
) -> None:
    check_equal(gateway(client, workload, scheme), seed)


@settings(max_examples=30, phases=WITHOUT_SHRINKING)
@given(clients, workloads, st.sampled_from(["http", "http", "https"]), INSTANTS, st.integers(0, 1000))
def test_idle_connections_that_are_closed_leave_the_same_behind(
    client: TunedClient, workload: WorkloadConfig, scheme: str, instants: list[int], seed: int
) -> None:
    timeline = tuple(TimelineEvent(at=at, close_idle=CloseIdle()) for at in instants)

    check_equal(replace(gateway(client, workload, scheme), timeline=timeline), seed)


@pytest.mark.parametrize("timeout", [8, 12, 18, 26, 40])
def test_a_caller_that_leaves_at_any_stage_leaves_the_same_behind(timeout: int) -> None:
    check_equal(
        gateway(
            TunedClient(timeout=timeout * MS),
            WorkloadConfig(client="c", service="s", arrivals=Poisson(rate=150.0)),
            "http",
        ),
        1,
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("timeout", [5, 6, 7, 8])
def test_the_clock_of_a_server_starts_with_its_accept_on_both_ways(scheme: str, timeout: int) -> None:
    workload = WorkloadConfig(client="c", service="s", arrivals=Poisson(rate=150.0))
    scenario = gateway(TunedClient(), workload, scheme)
    hasty = replace(scenario.services["s"], read_header_timeout=timeout * MS, read_timeout=(timeout + 5) * MS)

    check_equal(replace(scenario, services={"s": hasty}), 1)
