"""What holds in every world after every event: nothing is lost, nothing is held twice, no cap is exceeded."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.guarding import Guards, guard_levels
from models.protecting import tables_of
from models.samples import sample_columns
from models.scenario import Scenario
from models.tables import level_names
from models.transport.pool import DEFAULT_MAX_IDLE_CONNS_PER_HOST
from models.transport.round_trip import Transport
from models.world import World, world_of
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.frame import samples_of
from sim.records.rows import ABSENT
from sim.records.trace import Memory, Nowhere, Store, Trace
from tests.properties.worlds import calm_scenarios, scenarios, scenarios_that_end

SEEDS = st.integers(0, 1000)


def a_checked_world(scenario: Scenario, seed: int) -> World:
    """A world whose clock asserts that it never goes back."""
    n_backends = sum(service.backends for service in scenario.services.values())
    until = scenario.duration + scenario.tail
    levels = (*level_names(n_backends), *guard_levels(scenario))
    world = World(scenario, Streams(seed), Trace(tables_of(scenario), levels, until=until, store=Memory()))
    world.engine = Engine(checked=True)
    world.guards = Guards(world)  # they take down when things happen, and so read this clock
    world.raise_()
    return world


def rows(world: World, table: str) -> list[dict[str, Any]]:
    store: Any = world.trace.store
    names = [field.name for field in tables_of(world.scenario)[table]]
    return [dict(zip(names, row, strict=True)) for chunk in store.rows(table) for row in chunk.tolist()]


def transports(world: World) -> list[Transport]:
    return [transport for group in world.transports.values() for transport in group]


def fingerprint(scenario: Scenario, seed: int, store: Store) -> dict[str, str]:
    world = world_of(scenario, Streams(seed), store)
    world.run()
    return world.trace.fingerprint.text()


def check_caps(transport: Transport) -> None:
    pool, config = transport.pool, transport.config.transport
    idle = {host: len(host.idle) for host in pool.hosts}
    per_host = config.max_idle_conns_per_host or DEFAULT_MAX_IDLE_CONNS_PER_HOST
    assert sum(idle.values()) == pool.n_idle
    assert max(idle.values(), default=0) <= max(per_host, 0), f"idle {list(idle.values())} at {transport.engine.now} ns"
    assert config.max_idle_conns == 0 or pool.n_idle <= max(config.max_idle_conns, 0), (
        f"idle {list(idle.values())} in all"
    )


def check_slots(transport: Transport) -> None:
    limit = transport.config.transport.max_conns_per_host
    held = Counter(conn.host for conn in transport._open)
    held.update(dial.want.request.host for dial in transport._dials)
    for host in transport.pool.hosts:
        assert limit <= 0 or host.conns == held[host] <= limit, f"{host.name}: {host.conns} counted, {held[host]} held"


def check_queues(transport: Transport) -> None:
    for host in transport.pool.hosts:
        waiting = [want for want in host.idle_wait if not want.done]
        assert not (waiting and host.idle), "a connection is idle while a request waits for one"
        assert all(not conn.is_broken and conn.request is None for conn in host.idle), (
            "an idle connection is whole and free"
        )


@given(scenarios(), SEEDS)
@settings(max_examples=40)
def test_after_every_event_caps_slots_and_queues_are_in_order(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    while world.engine.peek() < world.ends_at:
        world.engine.step()
        for transport in transports(world):
            check_caps(transport)
            check_slots(transport)
            check_queues(transport)


@given(scenarios(), SEEDS)
@settings(max_examples=40)
def test_every_request_is_done_or_failed_or_cut_off_exactly_once(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    written = [row["id"] for row in rows(world, "requests")]
    assert sorted(written) == list(range(next(world.ids))), "each request that was made has one row"
    both = [row for row in rows(world, "requests") if (row["status"] > 0) == (row["err"] > 0)]
    assert all(row["status"] > 0 and ABSENT < row["t_first"] < row["t_done"] for row in both), (
        "an answer or an error; both only where a body that had begun came to no end"
    )


@given(scenarios(), SEEDS)
@settings(max_examples=40)
def test_the_times_of_a_request_are_in_order(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    for row in rows(world, "requests"):
        assert row["t_arrival"] <= row["t_getconn"] <= row["t_done"]
        for ways in (("t_getconn", "t_gotconn", "t_wrote", "t_done"), ("t_getconn", "t_gotconn", "t_first", "t_done")):
            reached = [row[name] for name in ways if row[name] != ABSENT]  # an answer may overtake its upload
            assert reached == sorted(reached), f"{row}"


@given(scenarios(), SEEDS)
@settings(max_examples=40)
def test_no_port_is_held_twice_for_one_4_tuple(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    words = world.trace.vocabulary.texts()
    held = defaultdict(list)
    for row in rows(world, "connections"):
        is_failed_dial = words[row["read_err"]].startswith("dial: ")
        if row["t_connected"] != ABSENT and not is_failed_dial:
            end = row["t_close"] if row["t_close"] != ABSENT else world.ends_at + 1
            name = words[row["remote"]]
            is_shared = scenario.services[name.partition(".")[0]].resolve.by == "vip"
            key = (row["client"], name.partition(".")[0] if is_shared else name, row["lport"])
            held[key].append((row["t_connected"], end))
    for spans in held.values():
        spans.sort()
        assert all(end <= begin for (_, end), (begin, _) in pairwise(spans)), f"{spans}"


@given(scenarios(), SEEDS)
@settings(max_examples=40)
def test_no_level_is_ever_negative(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    _, levels = world.trace.levels.on_grid()
    negative = [name for name, level in zip(world.trace.levels.series, levels, strict=True) if level.min() < 0]
    assert negative == []


@given(scenarios(), SEEDS)
@settings(max_examples=30)
def test_every_goroutine_is_in_one_state(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    columns = sample_columns(scenario, len(world.hosts))
    samples = samples_of(world.trace.levels, columns)
    states = [name for name in columns if name.startswith("goroutines_")]
    assert (samples.select(states).sum_horizontal() == samples["goroutines"]).all()
    negative = [name for name in states if (samples[name] < 0).any()]
    assert negative == [], "fewer than none"


@given(scenarios_that_end(), SEEDS)
@settings(max_examples=30)
def test_a_world_that_is_left_alone_comes_to_rest(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    _, levels = world.trace.levels.on_grid()
    left = {name: int(level[-1]) for name, level in zip(world.trace.levels.series, levels, strict=True) if level[-1]}
    assert left == {}, "minutes after the last request nobody holds anything"
    assert [transport.kernel.files.is_open for transport in transports(world)] == [0] * len(transports(world))


@given(calm_scenarios(), SEEDS)
@settings(max_examples=30)
def test_connections_are_given_out_in_order_of_arrival(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    first_tries = [row for row in rows(world, "requests") if row["attempts"] == 1]  # the others queue up once more
    got = sorted((row["id"], row["t_gotconn"]) for row in first_tries if row["t_gotconn"] != ABSENT)
    instants = [instant for _, instant in got]
    assert instants == sorted(instants), "waiters are served first in, first out"


@given(scenarios(), SEEDS)
@settings(max_examples=12)
def test_the_same_seed_gives_the_same_trajectory_whether_it_is_recorded_or_not(scenario: Scenario, seed: int) -> None:
    first = fingerprint(scenario, seed, Memory())

    assert fingerprint(scenario, seed, Memory()) == first
    assert fingerprint(scenario, seed, Nowhere()) == first, "watching a run changes nothing"
