"""play: an event of the timeline as a SimPy script."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

from models.timeline.certificate_events import CERTIFICATE_KINDS, certificate_event
from models.timeline.chaos import chaos
from models.timeline.close_idle import close_idle
from models.timeline.effect import Effect, Hit
from models.timeline.event import OUTSIDE, TimelineEvent
from models.timeline.fleet_scripts import FLEET_SCRIPTS
from models.timeline.path_change import change_path
from models.timeline.path_faults import NAME_FAULTS, PATH_FAULTS
from models.timeline.pod_faults import POD_FAULTS
from models.timeline.program_faults import PROGRAM_FAULTS

EFFECTS: dict[str, Effect] = {**PROGRAM_FAULTS, **PATH_FAULTS, **NAME_FAULTS, **POD_FAULTS}


def start(world: Any, event: TimelineEvent) -> None:
    """Let `event` happen in its time."""
    if event.close_idle is not None:
        transports = world.transports[world.scenario.client_of(event.close_idle)]
        world.engine.process(close_idle(world, event.at, transports))
    elif event.path_change is not None:
        for host in world.hosts:
            host.is_steady = False
        for number in range(len(world.transports[world.scenario.client_of(event.path_change)])):
            world.engine.process(change_path(world, event.at, event.path_change, number=number))
    elif event.chaos is not None:
        for index in world.backends[world.scenario.service_of(event)].indices:
            world.hosts[index].is_steady = False
        world.engine.process(_chaos(world, event))
    elif event.kind in CERTIFICATE_KINDS:
        world.engine.process(certificate_event(world, event))
    elif event.kind in FLEET_SCRIPTS:
        fleet = world.fleets[world.scenario.service_of(event)]
        fleet.take_over()
        world.engine.process(_change(world, event, fleet))
    else:
        world.engine.process(play(world, event, _hit(world, event)))


def _change(world: Any, event: TimelineEvent, fleet: Any) -> Generator[Any, Any, None]:
    """The script of what is done to a fleet."""
    yield world.engine.timeout(event.at)
    yield from FLEET_SCRIPTS[event.kind](world, fleet, event.told)


def _hit(world: Any, event: TimelineEvent) -> list[Any]:
    """The backends that a fault hits; they are not steady any more."""
    sites = [world.site(index) for index in _indices(world, event)]
    for site in sites:
        site.host.is_steady = site.host.is_steady and event.kind in OUTSIDE
    return sites


def _indices(world: Any, event: TimelineEvent) -> list[int]:
    if event.zone_loss is not None:
        services = [event.zone_loss.service] if event.zone_loss.service else list(world.backends)
        return [index for name in services for index in _in_zone(world.backends[name], event.zone_loss.zone)]
    indices = world.backends[world.scenario.service_of(event)].indices
    backend = event.told.backend
    return list(indices) if backend == "all" else [indices[backend]]


def _in_zone(backends: Any, zone: str) -> list[int]:
    zones = backends.config.zones
    return [index for i, index in enumerate(backends.indices) if zones and zones[i % len(zones)] == zone]


def play(world: Any, event: TimelineEvent, sites: list[Any]) -> Generator[Any, Any, None]:
    """The script of one fault; run with ``engine.process(play(...))``."""
    yield world.engine.timeout(event.at)
    yield from _inflict(world, event.kind, event.fault, sites)


def _inflict(world: Any, kind: str, fault: Any, sites: list[Any]) -> Generator[Any, Any, None]:
    """It begins now."""
    engine, effect, length = world.engine, EFFECTS[kind], fault.length
    until = engine.now + length if length else world.ends_at + 1
    hits = [Hit(world, site, fault, until) for site in sites]
    for hit in hits:
        world.note(kind, backend=hit.site.index)
        effect.begin(hit)
        world.sessions.disturbed(kind, hit.site.index, until)
    if length:
        yield engine.timeout(length)
        for hit in hits:
            world.note(f"{kind} ends", backend=hit.site.index)
            effect.end(hit)


def _chaos(world: Any, event: TimelineEvent) -> Generator[Any, Any, None]:
    """Any backend of the service may be hit."""
    assert event.chaos is not None, "the kind says so"
    name = world.scenario.service_of(event)
    yield world.engine.timeout(event.at)
    if event.chaos.backend != "each":
        yield from chaos(world, event.chaos, name, hit=partial(_inflict_one, world))
        return
    n = len(world.backends[name].indices)
    for i in range(n):
        clock = chaos(world, replace(event.chaos, backend=i), name, hit=partial(_inflict_one, world))
        world.engine.process(clock)
        yield world.engine.timeout(round(event.chaos.every.mean_ns / n))


def _inflict_one(world: Any, kind: str, fault: Any, index: int) -> Generator[Any, Any, None]:
    return _inflict(world, kind, fault, [world.site(index)])
