"""play: an event of the timeline as a SimPy script."""

from collections.abc import Generator
from typing import Any

from models.timeline.close_idle import close_idle
from models.timeline.effect import Effect, Hit
from models.timeline.event import TimelineEvent
from models.timeline.path_faults import NAME_FAULTS, PATH_FAULTS
from models.timeline.program_faults import PROGRAM_FAULTS

EFFECTS: dict[str, Effect] = {**PROGRAM_FAULTS, **PATH_FAULTS, **NAME_FAULTS}


def start(world: Any, event: TimelineEvent) -> None:
    """Let `event` happen in its time."""
    if event.close_idle is not None:
        transports = world.transports[world.scenario.client_of(event.close_idle)]
        world.engine.process(close_idle(world, event.at, transports))
    else:
        world.engine.process(play(world, event, _hit(world, event)))


def _hit(world: Any, event: TimelineEvent) -> list[Any]:
    """The backends that a fault hits; they are not steady any more."""
    indices = world.backends[world.scenario.service_of(event)].indices
    hit = indices if event.fault.backend == "all" else (indices[event.fault.backend],)
    sites = [world.site(index) for index in hit]
    for site in sites:
        site.host.is_steady = site.host.is_steady and event.kind in NAME_FAULTS
    return sites


def play(world: Any, event: TimelineEvent, sites: list[Any]) -> Generator[Any, Any, None]:
    """The script of one fault; run with ``engine.process(play(...))``."""
    engine, kind, effect, length = world.engine, event.kind, EFFECTS[event.kind], event.fault.for_
    until = event.at + length if length else world.ends_at + 1
    hits = [Hit(world, site, event.fault, until) for site in sites]
    yield engine.timeout(event.at)
    for hit in hits:
        world.note(kind, backend=hit.site.index)
        effect.begin(hit)
    if length:
        yield engine.timeout(length)
        for hit in hits:
            world.note(f"{kind} ends", backend=hit.site.index)
            effect.end(hit)
