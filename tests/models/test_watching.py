"""The rows of sockets: the same on the short way and on the long one, and no part of the trajectory."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.records_config import RecordsConfig
from models.scenario import Scenario, WorkloadConfig
from models.sockets import NAMES
from models.timeline import CloseIdle, TimelineEvent
from models.tuning.config import TunedClient
from models.world import World, world_of
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.units import MS
from sim.wiring import load, run
from tests.properties.test_short_way import INSTANTS, WITHOUT_SHRINKING, clients, gateway, workloads

WATCHED = RecordsConfig(sockets=True)


def played(scenario: Scenario, seed: int = 1, *, short: bool = True) -> World:
    world = world_of(replace(scenario, records=WATCHED), Streams(seed), Memory())
    for host in world.hosts:
        host.is_steady &= short
    world.run()
    return world


def changes(world: World) -> list[tuple[int, ...]]:
    """All rows up to the end, in order of time; of one instant in an order of their own."""
    store: Any = world.trace.store
    rows = np.concatenate(store.rows("sockets"))
    return sorted(tuple(row) for row in rows[rows["t"] <= world.ends_at].tolist())


def story(world: World, *, server: bool) -> list[str]:
    """The states of the sockets of one side, in order."""
    rows = [row for row in changes(world) if row[1] == server and row[2] >= 0]
    return [f"{row[0] // MS} {NAMES[row[6]]}>{NAMES[row[7]]}" for row in rows]


@settings(max_examples=30, phases=WITHOUT_SHRINKING)
@given(clients, workloads, st.sampled_from(["http", "http", "https"]), INSTANTS, st.integers(0, 1000))
def test_connections_without_ends_leave_the_rows_of_those_with_ends(
    client: TunedClient, workload: WorkloadConfig, scheme: str, instants: list[int], seed: int
) -> None:
    timeline = tuple(TimelineEvent(at=at, close_idle=CloseIdle()) for at in instants)
    scenario = replace(gateway(client, workload, scheme), timeline=timeline)

    assert changes(played(scenario, seed)) == changes(played(scenario, seed, short=False))


@settings(max_examples=15, phases=WITHOUT_SHRINKING)
@given(clients, workloads, st.sampled_from(["http", "https"]), st.integers(0, 1000))
def test_every_socket_goes_from_state_to_state_without_a_gap(
    client: TunedClient, workload: WorkloadConfig, scheme: str, seed: int
) -> None:
    # without room for mini sockets a client dials again from a port whose server still has the old connection
    roomy = replace(client, kernel=replace(client.kernel, tcp_max_tw_buckets=1000))
    world = played(gateway(roomy, workload, scheme), seed)

    store: Any = world.trace.store
    rows = np.concatenate(store.rows("sockets"))
    state: dict[tuple[int, ...], int] = {}
    for _, *place, old, new, until in rows[np.argsort(rows["t"], kind="stable")].tolist():
        key = tuple(place)
        known = state.get(key, 7)
        assert known in (old, 6), f"{place}: {NAMES[old]} to {NAMES[new]}, after it came to {NAMES[known]}"
        assert (until >= 0) is (new == 6), "a TIME_WAIT, and nothing else, says when it ends"
        state[key] = new


@pytest.mark.parametrize("name", ["churn", "queue", "faults", "grpc"])
def test_a_run_is_the_same_with_and_without_its_sockets(name: str) -> None:
    from tests.fingerprints.test_fingerprints import SCENARIOS

    plain, watched = (run(load(SCENARIOS[name], [f"records.sockets={value}"])) for value in ("false", "true"))

    assert watched.manifest["fingerprint"] == plain.manifest["fingerprint"]
    assert watched.summary == plain.summary
    assert watched.tables["sockets"].height > 0


def a_world(requests: str = "{constant: {rate: 1/s}}", **settings: str) -> Scenario:
    """One client, 10 ms from a backend, whose requests have connections of their own."""
    text = f"""
duration: 1s
tail: 3s
network: {{rtt: 10ms}}
clients: {{c: {{transport: {{disable_keep_alives: true}}, overhead: 0s, kernel: {{connect_scan_cost: 0s}}}}}}
services: {{s: {{resolve: literal, service_time: 20ms, overhead: 0s}}}}
workloads: {{w: {{client: c, service: s, arrivals: {requests}}}}}
"""
    return load(text, [f"{key.replace('__', '.')}={value}" for key, value in settings.items()])


def test_the_end_that_closes_first_waits_and_the_other_one_is_gone() -> None:
    world = played(a_world(clients__c__close_race="1", clients__c__transport__disable_keep_alives="false",
                           clients__c__transport__idle_conn_timeout="50ms"))  # fmt: skip

    assert story(world, server=False) == [
        "0 CLOSE>SYN_SENT", "10 SYN_SENT>ESTABLISHED", "90 ESTABLISHED>FIN_WAIT1", "100 FIN_WAIT1>TIME_WAIT"
    ]  # fmt: skip
    assert story(world, server=True) == [
        "5 CLOSE>NEW_SYN_RECV", "15 NEW_SYN_RECV>ESTABLISHED", "95 ESTABLISHED>CLOSE_WAIT", "95 CLOSE_WAIT>LAST_ACK",
        "105 LAST_ACK>CLOSE",
    ]  # fmt: skip


def test_a_refused_dial_goes_from_syn_sent_to_close() -> None:
    world = played(a_world(timeline="[{at: 0s, refuse: {}}]"))

    assert story(world, server=False) == ["0 CLOSE>SYN_SENT", "10 SYN_SENT>CLOSE"]
    assert story(world, server=True) == []


def test_a_dial_without_a_port_is_three_sockets_without_one() -> None:
    world = played(a_world("{constant: {rate: 2/s}}", clients__c__kernel__ip_local_port_range="[40000, 40000]",
                           clients__c__close_race="1"))  # fmt: skip

    rows = [row for row in changes(world) if row[4] == 0 and row[2] >= 0]
    assert [(NAMES[old], NAMES[new]) for *_, old, new, _ in rows].count(("CLOSE", "SYN_SENT")) == 3, (
        "Go tries EADDRNOTAVAIL twice more (net/tcpsock_posix.go, doDialTCPProto)"
    )


def test_a_listener_is_there_from_the_start_and_goes_with_its_program() -> None:
    world = played(a_world(timeline="[{at: 500ms, die: {for: 200ms}}]"))

    listeners = [row for row in changes(world) if row[2] < 0]
    assert [(row[0] // MS, NAMES[row[6]], NAMES[row[7]]) for row in listeners] == [
        (0, "CLOSE", "LISTEN"), (500, "LISTEN", "CLOSE"), (700, "CLOSE", "LISTEN")
    ]  # fmt: skip


def test_without_being_asked_a_run_has_no_table_of_sockets() -> None:
    assert "sockets" not in run(a_world()).tables
