"""A scenario put together: who reaches whom, what is written at the end, what must not change the run."""

import pytest

from models.scenario import Scenario
from models.tables import TABLES
from models.world import World, world_of
from sim.engine.streams import Streams
from sim.records.trace import Memory, Nowhere
from sim.wiring import Run, load, run

SCENARIO = """
duration: 3s
tail: 1s
network: {rtt: 2ms}
clients: {c: {}}
services: {s: {backends: 3, service_time: {exponential: {mean: 20ms}}}}
workloads: {w: {client: c, service: s, arrivals: {poisson: {rate: 200/s}}}}
"""


def a_scenario(*overrides: str) -> Scenario:
    return load(SCENARIO, overrides)


def a_run(*overrides: str, seed: int = 1) -> Run:
    return run(a_scenario(*overrides), seed)


def shares(done: Run, column: str = "backend") -> dict[object, int]:
    counts = done.requests[column].value_counts()
    return dict(zip(counts[column].to_list(), counts["count"].to_list(), strict=True))


def test_a_hosts_file_sends_everything_to_the_first_address() -> None:
    assert set(shares(a_run("services.s.resolve=hosts"))) == {0}, "the resolver's order is kept"


def test_round_robin_gives_every_backend_its_share() -> None:
    counts = shares(a_run("services.s.resolve=round_robin"))

    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_virtual_address_spreads_connections_in_turn() -> None:
    done = a_run("services.s.resolve=vip", "clients.c.transport.max_idle_conns_per_host=-1")

    counts = shares(done)
    assert set(counts) == {0, 1, 2}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_behind_a_virtual_address_all_backends_share_the_ports() -> None:
    narrow = ("clients.c.transport.max_idle_conns_per_host=-1", "clients.c.kernel.ip_local_port_range=[40000,40059]")

    one_address = shares(a_run("services.s.resolve=vip", *narrow), "err")
    three_addresses = shares(a_run("services.s.resolve=round_robin", *narrow), "err")

    assert one_address[""] == 60, "one destination: 60 ports, each 60 s in TIME_WAIT"
    assert three_addresses[""] == 180


def test_instances_of_a_client_take_turns_and_have_pools_and_ports_of_their_own() -> None:
    done = a_run("clients.c.instances=2", "clients.c.kernel.ip_local_port_range=[40000,40009]")

    counts = shares(done, "client")
    assert set(counts) == {"c.0", "c.1"}
    assert abs(counts["c.0"] - counts["c.1"]) <= 1


def test_what_hangs_at_the_end_is_cut_off_and_marked() -> None:
    done = a_run("services.s.service_time=100s")

    assert set(done.requests["err"].to_list()) == {"lab-end"}
    assert set(done.requests["t_done"].to_list()) == {4.0}


def test_connections_that_are_open_at_the_end_are_written_without_a_close() -> None:
    done = a_run()

    still_open = done.connections.filter(done.connections["t_close"].is_null())
    assert len(still_open) == done.samples["open_conns"][-1]


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    first, again, other = (a_run(seed=seed).manifest["fingerprint"] for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_recording_does_not_change_the_run() -> None:
    scenario = a_scenario()

    assert run(scenario, record=True).manifest["fingerprint"] == run(scenario, record=False).manifest["fingerprint"]


@pytest.mark.parametrize("step", [0, 1_000_000, 37_000_001])
def test_how_often_progress_is_asked_for_does_not_change_the_run(step: int) -> None:
    def fingerprint(step: int) -> dict[str, str]:
        world = world_of(a_scenario(), Streams(1), Nowhere())
        world.run(step=step)
        return world.trace.fingerprint.text()

    assert fingerprint(step) == fingerprint(0)


def test_a_world_is_built_before_anything_happens() -> None:
    world = world_of(a_scenario(), Streams(1), Memory())

    assert isinstance(world, World)
    assert world.engine.now == 0
    assert [world.trace.tables[name].n_rows for name in TABLES] == [0, 0, 0]


def test_two_workloads_of_one_client_and_service_share_the_pool() -> None:
    tree = """
    duration: 2s
    clients: {c: {}}
    services: {s: {service_time: 1ms}}
    workloads:
      one: {client: c, service: s, arrivals: {constant: {rate: 10/s}}}
      two: {client: c, service: s, arrivals: {closed_loop: {workers: 1, think: 30ms}}}
    """

    assert len(run(load(tree)).connections) <= 2
