"""Little's law without statistics: the area under each level is the sum of the times spent in it, to the nanosecond."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.tables import TABLES, level_names
from models.world import World
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.records.rows import ABSENT
from sim.records.trace import Memory, Trace
from sim.units import SECOND
from tests.validation.theory_worlds import a_scenario

EXPONENTIAL = {"exponential": {"mean": "10ms"}}
OPEN, CLOSED = {"poisson": "280/s"}, {"closed_loop": {"workers": 8, "think": {"exponential": {"mean": "20ms"}}}}
OVERHEADS: dict[str, Any] = {"rtt": "5ms", "client": {"overhead": "250us"}}
WORLDS = {
    "open": a_scenario(service={"workers": 3, "service_time": EXPONENTIAL}, arrivals=OPEN),
    "closed": a_scenario(service={"workers": 3, "service_time": EXPONENTIAL}, arrivals=CLOSED),
    "bounded": a_scenario(service={"workers": 3, "queue": 4, "service_time": EXPONENTIAL}, arrivals=OPEN),
    "far away": a_scenario(service={"workers": 3, "service_time": EXPONENTIAL}, arrivals=OPEN, **OVERHEADS),
    "churning": a_scenario(
        service={"workers": 3, "service_time": EXPONENTIAL}, arrivals=OPEN, transport={"max_idle_conns_per_host": 1}
    ),
    "foreseen": a_scenario(
        service={"service_time": EXPONENTIAL}, arrivals=OPEN, transport={"max_idle_conns_per_host": 2}
    ),
    "slots": a_scenario(
        service={"service_time": EXPONENTIAL},
        arrivals=OPEN,
        transport={"max_conns_per_host": 3, "max_idle_conns_per_host": 3},
    ),
    "slots and workers": a_scenario(
        service={"workers": 3, "service_time": EXPONENTIAL},
        arrivals=OPEN,
        transport={"max_conns_per_host": 5, "max_idle_conns_per_host": 2},
    ),
}
WORLDS["costly"] = a_scenario(
    service={"workers": 3, "service_time": EXPONENTIAL, "overhead": "250us"}, arrivals={"poisson": "200/s"}, **OVERHEADS
)
every_world = pytest.mark.parametrize("name", WORLDS)


@dataclass
class Ledger:
    """A run in which everybody has left at the end: its rows, and every change of every level."""

    world: World
    changes: NDArray[np.int64]
    requests: NDArray[Any]
    connections: NDArray[Any]

    def steps(self, level: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """When the level changes, in order of time, and by how much."""
        code = self.changes & 0xFFF
        mine = code >> 1 == self.world.trace.levels.series.index(level)
        instants, deltas = self.changes[mine] >> 12, 1 - 2 * (code[mine] & 1)
        order = np.argsort(instants, kind="stable")
        return instants[order], deltas[order]

    def area(self, level: str, above: int = 0) -> int:
        """The area under what of the level lies above a height, up to the end of the run or the last change."""
        instants, deltas = self.steps(level)
        widths = np.diff(instants, append=max(self.world.ends_at, instants[-1]))
        return int((np.maximum(deltas.cumsum() - above, 0) * widths).sum())


@cache
def a_ledger(name: str) -> Ledger:
    scenario = WORLDS[name]
    chunks: list[NDArray[np.int64]] = []
    names, until, store = level_names(1), scenario.duration + scenario.tail, Memory()
    trace = Trace(TABLES, names, until=until, store=store)
    trace.levels = Levels(names, SECOND, until, lambda chunk: chunks.append(chunk.copy()))
    world = World(scenario, Streams(1), trace)
    world.raise_()
    world.run()
    changes = trace.levels._unbundled(np.concatenate(chunks))
    requests, connections = (np.concatenate(store.rows(table)) for table in ("requests", "connections"))
    assert (requests["t_done"] < until).all(), "the tail is long enough for all to leave"
    return Ledger(world, changes, requests, connections)


@every_world
def test_the_area_of_requests_in_flight_is_the_sum_of_their_sojourn_times(name: str) -> None:
    run = a_ledger(name)

    assert run.area("inflight") == (run.requests["t_done"] - run.requests["t_arrival"]).sum()


@every_world
def test_the_area_of_handlers_is_the_sum_of_waiting_and_service_times(name: str) -> None:
    run = a_ledger(name)

    served = run.requests[run.requests["status"] == 200]
    overhead = run.world.scenario.services["s"].overhead
    assert run.area("srv_handlers") == (served["srv_q"] + served["srv_s"] + overhead).sum()


@every_world
def test_the_area_of_handlers_beyond_the_workers_is_the_sum_of_waiting_times(name: str) -> None:
    run = a_ledger(name)

    served = run.requests[run.requests["status"] == 200]
    workers = run.world.scenario.services["s"].workers or len(run.requests)
    assert run.area("srv_handlers", above=workers) == served["srv_q"].sum()


@pytest.mark.parametrize("name", ["slots", "slots and workers"])
def test_the_area_of_waits_for_a_connection_is_their_sum(name: str) -> None:
    run = a_ledger(name)

    waits = run.requests["t_gotconn"] - run.requests["t_getconn"]
    assert waits.sum() > 0
    assert run.area("pool_idle_wait") == waits.sum()


def test_in_gos_queue_for_a_slot_the_served_stand_until_the_next_one_joins() -> None:
    # queueForDial cleans the front of connsPerHostWait before it appends; a returned connection does not
    run = a_ledger("slots")

    waited = run.requests[run.requests["t_gotconn"] > run.requests["t_getconn"]]
    joined, served = np.sort(waited["t_getconn"]), np.sort(waited["t_gotconn"])
    left = np.append(joined, run.world.ends_at)[np.searchsorted(joined, served, side="right")]
    assert run.area("conns_per_host_wait") == (left - joined).sum()


@every_world
def test_the_area_of_open_connections_is_the_sum_of_their_lives(name: str) -> None:
    run = a_ledger(name)

    closed_at = np.where(run.connections["t_close"] == ABSENT, run.world.ends_at, run.connections["t_close"])
    assert run.area("open_conns") == (closed_at - run.connections["t_connected"]).sum()


@every_world
def test_the_area_of_idle_connections_is_the_sum_of_their_idle_times(name: str) -> None:
    run = a_ledger(name)

    until_taken = run.requests["idle_time"][run.requests["was_idle"] == 1].sum()
    left = run.connections[run.connections["t_close"] == ABSENT]
    since = np.where(left["t_last_read"] == ABSENT, left["t_connected"], left["t_last_read"])
    assert run.area("pool_idle") == until_taken + (run.world.ends_at - since).sum()


def test_the_area_of_time_wait_is_the_sum_of_its_timers() -> None:
    run = a_ledger("churning")

    wheel = run.world._wheels[250]
    closed_at = run.connections["t_close"][run.connections["t_close"] != ABSENT].tolist()
    assert len(closed_at) > 100
    assert run.area("c_time_wait") == sum(wheel.fires_at(at, 60 * SECOND) - at for at in closed_at)


def test_the_number_in_flight_is_the_arrival_rate_times_the_sojourn_time() -> None:
    run = a_ledger("open")

    seconds = run.world.ends_at / SECOND
    number, rate = run.area("inflight") / SECOND / seconds, len(run.requests) / seconds
    time = (run.requests["t_done"] - run.requests["t_arrival"]).mean() / SECOND
    assert number == pytest.approx(rate * time, rel=1e-12)
