"""Ports by client and destination: counted like the sockets' states, which a run only adds up."""

import pytest

from models.world import World, world_of
from sim import load
from sim.engine.streams import Streams
from sim.records.trace import Memory

HOLDING = (
    "c_syn_sent", "c_estab", "c_fin_wait1", "c_fin_wait2", "c_closing", "c_time_wait", "c_close_wait", "c_last_ack",
)  # fmt: skip
SEVERAL = """\
duration: 90s
clients:
  a: {instances: 2, transport: {disable_keep_alives: true}}
  b: {kernel: {ip_local_port_range: [40000, 40999], tcp_tw_reuse: 1}, transport: {disable_keep_alives: true}}
services:
  s: {backends: 2, service_time: 5ms, resolve: {dns: rotate}}
  t: {backends: 2, service_time: 5ms, resolve: vip}
workloads:
  v: {client: a, service: s, arrivals: {poisson: {rate: 20/s}}}
  w: {client: b, service: s, arrivals: {poisson: {rate: 60/s}}}
  x: {client: b, service: t, arrivals: {poisson: {rate: 30/s}}}
timeline:
  - {at: 30s, die: {service: s, backend: 0, for: 10s}}
  - {at: 50s, pause: {service: t, backend: 1, for: 5s}}
"""


def run(text: str) -> tuple[World, dict[str, float], dict[str, list[int]]]:
    world = world_of(load(text), Streams(1, 0), Memory())
    world.run()
    _, counts = world.trace.levels.on_grid()
    return world, world.counters(), dict(zip(world.trace.levels.series, counts, strict=True))


@pytest.mark.parametrize("changed", [("", ""), ("keep_alives: true", "keep_alives: false"), ("die", "refuse")])
def test_the_ports_of_all_destinations_add_up_to_the_sockets_that_hold_one(changed: tuple[str, str]) -> None:
    world, _, levels = run(SEVERAL.replace(*changed) if changed[0] else SEVERAL)
    held = sum(int(levels[state][-1]) for state in HOLDING)
    uses = [use for group in world.transports.values() for each in group if (use := each.kernel.port_use)]

    assert sum(sum(use.taken(world.engine.now).values()) for use in uses) == held
    assert len(uses) == 3, "an instance of a client has ports of its own"


def test_the_fullest_pairs_are_named_with_their_range() -> None:
    _, counters, levels = run(SEVERAL)
    most = {name.removeprefix("ports_max:"): n for name, n in counters.items() if name.startswith("ports_max:")}

    assert sorted(most) == ["b to s.0", "b to s.1", "b to t"], "1,000 ports are sooner full than 28,232"
    assert all(counters[f"ports_range:{name}"] == 1000 for name in most)
    assert max(most.values()) < max(sum(int(levels[state][i]) for state in HOLDING) for i in range(900))


def test_reserved_ports_and_those_that_a_dialer_leaves_out_are_not_in_the_range() -> None:
    kernel = "ip_local_port_range: [40000, 40099], ip_local_reserved_ports: 40000-40009"
    text = SEVERAL.replace("ip_local_port_range: [40000, 40999]", kernel).replace(
        "b: {", "b: {dialer: {local_port_range: [40000, 40049]}, "
    )

    assert run(text)[1]["ports_range:b to t"] == 40


def test_of_a_single_pair_the_levels_say_it_all() -> None:
    text = "duration: 1s\nclients: {a: {}}\nservices: {s: {service_time: 5ms}}\n"
    _, counters, _ = run(text + "workloads: {v: {client: a, service: s, arrivals: {poisson: {rate: 20/s}}}}\n")

    assert not [name for name in counters if name.startswith("ports_")]


def test_addresses_that_a_dialer_binds_to_have_a_range_each() -> None:
    text = "duration: 1s\nclients: {a: {dialer: {local_addr: true, source_addresses: 2}}}\nservices: {s: {}}\n"
    _, counters, _ = run(text + "workloads: {v: {client: a, service: s, arrivals: {poisson: {rate: 90/s}}}}\n")

    assert {name for name in counters if name.startswith("ports_max:")} == {"ports_max:a", "ports_max:a (address 1)"}
