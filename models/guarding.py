"""Guarding: a world's guards, made, numbered and counted. Not what they decide, not who asks them.

A guard has a number, g0, g1, ...: those of clients first, in their order, of each client those of its services in the
order of its workloads, of each service as they are listed; then those of services. All instances of a client, and all
backends of a service, count under the number of the guard.
"""

from collections.abc import Generator, Iterator
from functools import partial
from typing import Any, NamedTuple

from models.programs.levels import Gauge
from models.protection.guards import GuardConfig, kind_of, make_guard
from models.protection.limits.gauges import IDLE, Gauges
from models.protection.watch import KINDS, Watch
from models.scenario import Scenario
from sim.records.rows import ABSENT
from sim.units import SECOND


class Guarded(NamedTuple):
    """One guard of a scenario."""

    client: str
    """Whose calls it guards; empty for one before the backends of a service."""
    service: str
    config: GuardConfig

    @property
    def text(self) -> str:
        """What it is, and where."""
        where = f"{self.client} to {self.service}" if self.client else f"before {self.service}"
        return f"{kind_of(self.config)}, {where}"


def guards_of(scenario: Scenario) -> tuple[Guarded, ...]:
    """All guards of a scenario; the number of each is its place."""
    calls = [
        Guarded(client, service, config)
        for client, service in guarded_calls(scenario)
        for config in scenario.clients[client].guards
    ]
    before = [Guarded("", name, config) for name, service in scenario.services.items() for config in service.guards]
    return (*calls, *before)


def guarded_calls(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Which clients' calls of which services are protected, in order."""
    for name, client in scenario.clients.items():
        if client.is_guarded:
            workloads = [each for each in scenario.workloads.values() if each.client == name]
            relays = [service.relay for service in scenario.services.values() if service.relay is not None]
            targets = [target for each in workloads for target in each.targets()]
            targets += [relay.service for relay in relays if relay.client == name]
            targets += [service for service, by in _forwarding(scenario) if by == name]
            targets += [bridge.service for bridge in scenario.bridges.values() if bridge.client == name]
            yield from dict.fromkeys((name, service) for service in targets)


def relaying_clients(scenario: Scenario) -> set[str]:
    """The clients by which services ask others, or their backends one another."""
    relaying = {service.relay.client for service in scenario.services.values() if service.relay is not None}
    return relaying | {client for _, client in _forwarding(scenario)}


def _forwarding(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Services whose backends pass items on, each with the client by which they do."""
    for name, service in scenario.services.items():
        if service.shards is not None:
            yield name, service.shards.client


def guard_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of all guards."""
    for number, _ in enumerate(guards_of(scenario)):
        yield from (f"{kind}_g{number}" for kind in KINDS)


class Place(NamedTuple):
    """Where guards stand."""

    name: str
    """Of the streams that they draw from."""
    client: int = 0
    """The instance of a client whose calls they guard, as the records have it; 0 where they stand before a backend."""
    backend: int = ABSENT
    """That backend."""
    gauges: Gauges = IDLE
    """Its machine."""


class Guards:
    """All guards of a world: made here, and counted by number."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._all = guards_of(world.scenario)
        self._gauges = [{kind: self._gauge(f"{kind}_g{n}") for kind in KINDS} for n, _ in enumerate(self._all)]
        self._watches: list[tuple[int, Watch]] = []

    def make(self, client: str, service: str, place: Place) -> tuple[Watch, ...]:
        """The guards of one instance's calls of a service, or, without a client, of one backend."""
        found = [n for n, each in enumerate(self._all) if (each.client, each.service) == (client, service)]
        return tuple(self._one(n, place) for n in found)

    def count(self) -> dict[str, float]:
        """What was counted: guard.g0.asked, guard.g0.refused:REASON, ..., and the times of those that open, s."""
        now, total = self._world.engine.now, dict[str, float]()
        for number, watch in self._watches:
            name, text = f"guard.g{number}", self._all[number].text
            for what, n in watch.counts.items():
                total[f"{name}.{what}"] = total.get(f"{name}.{what}", 0) + n
                if what.startswith("refused:"):
                    key = f"refused_by:{text}, {what.removeprefix('refused:').replace('_', ' ')}"
                    total[key] = total.get(key, 0) + n
            for what, n in watch.guard.counters.items():
                total[f"{name}.{what}"] = total.get(f"{name}.{what}", 0) + n
            if watch.first_open_at is not None:
                self._add_times(name, watch, now, total)
        return total

    def _add_times(self, name: str, watch: Watch, now: int, total: dict[str, float]) -> None:
        """When the first of its instances opened, when the last closed, how long all together were not closed."""
        first, last = (watch.first_open_at or 0) / SECOND, watch.last_closed_at
        total[f"{name}.first_open_t"] = min(total.get(f"{name}.first_open_t", first), first)
        if last is not None:
            total[f"{name}.last_closed_t"] = max(total.get(f"{name}.last_closed_t", 0.0), last / SECOND)
        total[f"{name}.open_s"] = total.get(f"{name}.open_s", 0.0) + watch.not_closed(now) / SECOND

    def _one(self, number: int, place: Place) -> Watch:
        world, one = self._world, self._all[number]
        draw = world.streams.uniforms(f"{place.name}.g{number}")
        now = world.engine.now
        guard = make_guard(one.config, one.service, draw, begins_at=now, gauges=place.gauges)
        watch = Watch(guard, partial(self._note, one.service, place), partial(self._change, number), now)
        self._watches.append((number, watch))
        if watch.tick:
            world.engine.process(_looks(world.engine, watch))
        return watch

    def _change(self, number: int, kind: str, by: int) -> None:
        gauge = self._gauges[number][kind]
        gauge.set(gauge.value + by)

    def _note(self, service: str, place: Place, event: str) -> None:
        self._world.note(f"{service} {event}", backend=place.backend, client=place.client)

    def _gauge(self, name: str) -> Gauge:
        return Gauge(self._world.engine, self._world.trace.levels, name)


def _looks(engine: Any, watch: Watch) -> Generator[Any, Any, None]:
    while True:
        yield engine.timeout(watch.tick)
        watch.look(engine.now)
