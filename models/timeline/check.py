"""check_timeline: refuses events that name what a scenario has not."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from models.lifecycle.config import BASE
from models.timeline.certificate_events import CERTIFICATE_KINDS, check_certificate_event
from models.timeline.event import FLEET_KINDS, OF_CLIENTS, OF_NAMES, TimelineEvent
from models.timeline.fault import ZoneLoss
from models.timeline.fleet_events import Autoscale, Release, Scale
from models.timeline.overlap import ALL, check_overlaps


def check_timeline(scenario: Any) -> None:
    """Refuse what cannot happen.

    Raises
    ------
    ValueError
        An event names a client, service or backend that is not there, or leaves open which; its place comes first.
    """
    for i, event in enumerate(scenario.timeline):
        if event.kind in OF_CLIENTS:
            _check_client(scenario, f"timeline.{i}", event)
        elif event.zone_loss is not None:
            _check_zone(scenario, f"timeline.{i}", event.zone_loss)
        elif event.chaos is not None:
            _check_chaos(scenario, f"timeline.{i}", event)
        elif event.kind in CERTIFICATE_KINDS:
            check_certificate_event(scenario, f"timeline.{i}", event, ask=ask)
        elif event.kind in FLEET_KINDS:
            _check_fleet(scenario, f"timeline.{i}", event)
        else:
            _check_fault(scenario, f"timeline.{i}", event)
    check_overlaps([(event, _reach(scenario, event)) for event in scenario.timeline])


def _reach(scenario: Any, event: TimelineEvent) -> list[tuple[str, int]]:
    """What an event hits, by service and number of the backend."""
    if event.kind in (*OF_CLIENTS, *CERTIFICATE_KINDS):
        return []
    if event.zone_loss is not None:
        names = [event.zone_loss.service] if event.zone_loss.service else list(scenario.services)
        return [hit for name in names for hit in _in_zone(name, scenario.services[name], event.zone_loss.zone)]
    service = scenario.service_of(event)
    if event.kind in FLEET_KINDS:
        return [(service, ALL)]
    if event.told.backend in ("all", "any", "each"):
        return [(service, i) for i in range(scenario.services[service].backends)]
    return [(service, event.told.backend)]


def _in_zone(name: str, service: Any, zone: str) -> list[tuple[str, int]]:
    zones = service.zones
    return [(name, i) for i in range(service.backends) if zones and zones[i % len(zones)] == zone]


def _check_client(scenario: Any, place: str, event: TimelineEvent) -> None:
    client = scenario.client_of(event.told)
    if client not in scenario.clients:
        raise ValueError(f"{place}.{event.kind}.client: no client is called {ask(client, scenario.clients)}")
    if not event.told.client and len(scenario.clients) > 1:
        raise ValueError(f"{place}: say which client, one of {', '.join(scenario.clients)}")


def _check_fault(scenario: Any, place: str, event: TimelineEvent) -> None:
    service = _checked_service(scenario, place, event)
    by = scenario.services[service].resolve.by
    if event.kind in OF_NAMES and by != "dns":
        raise ValueError(f"{place}: {service} is resolved by {by}, which asks no DNS; write resolve: dns")
    if event.kind == "unready" and by in ("literal", "hosts"):
        raise ValueError(f"{place}: {service} is resolved by {by}, whoever is ready; write dns, vip or each")
    programs = scenario.services[service].programs
    if event.kind == "flush" and all(program.cache is None for program in programs):
        raise ValueError(f"{place}.flush: {service} has no cache; give its program one")
    if event.kind == "stream_limit" and scenario.services[service].http2 is None:
        raise ValueError(f"{place}.stream_limit: {service} speaks HTTP/1.1 only; write http2: {{}} under it")
    _check_scheme(scenario, f"{place}.{event.kind}", service, {event.kind})
    _check_backend(scenario, place, service, event.told.backend)


def _check_backend(scenario: Any, place: str, service: str, backend: int | str) -> None:
    backends = scenario.services[service].backends
    if isinstance(backend, int) and backend >= backends:
        raise ValueError(f"{place}: {service} has backends 0 to {backends - 1}, not {backend}")


def _check_scheme(scenario: Any, place: str, service: str, kinds: Collection[str]) -> None:
    if "bad_certificate" in kinds and scenario.services[service].scheme != "https":
        raise ValueError(f"{place}: {service} is a service of http and shows no certificate; write scheme: https")


def _check_chaos(scenario: Any, place: str, event: TimelineEvent) -> None:
    assert event.chaos is not None, "the kind says so"
    service = _checked_service(scenario, place, event)
    _check_scheme(scenario, f"{place}.chaos.kinds", service, event.chaos.kinds)
    _check_backend(scenario, place, service, event.chaos.backend)


def _check_zone(scenario: Any, place: str, told: ZoneLoss) -> None:
    if told.service and told.service not in scenario.services:
        raise ValueError(f"{place}.zone_loss.service: no service is called {ask(told.service, scenario.services)}")
    services = [scenario.services[told.service]] if told.service else scenario.services.values()
    zones = {zone: None for service in services for zone in service.zones}
    if not zones:
        raise ValueError(f"{place}.zone_loss.zone: no service says where its backends are; give it zones: [a, b, c]")
    if told.zone not in zones:
        raise ValueError(f"{place}.zone_loss.zone: no zone is called {ask(told.zone, zones)}")


def _check_fleet(scenario: Any, place: str, event: TimelineEvent) -> None:
    service, told = _checked_service(scenario, place, event), event.told
    config = scenario.services[service]
    versions = {BASE: None, **config.versions}
    if event.kind in ("deploy", "release") and told.version not in versions:
        raise ValueError(f"{place}.{event.kind}.version: {service} has no version {ask(told.version, versions)}")
    for key, n in _counts(event):
        if n is not None and n > config.backends:
            raise ValueError(
                f"{place}.{event.kind}.{key}: {service} has {config.backends} backends, not {n}; raise its backends"
            )
    if isinstance(told, Autoscale) and told.metric == "workers" and not config.workers:
        raise ValueError(f"{place}.autoscale.metric: {service} has workers without limit; write metric: requests")
    if isinstance(told, Autoscale) and told.metric == "cpu" and config.program is None:
        raise ValueError(f"{place}.autoscale.metric: {service} has no program that uses CPU; write metric: workers")


def _counts(event: TimelineEvent) -> list[tuple[str, int | None]]:
    """The keys that state a number of backends."""
    match event.told:
        case Scale(to=to):
            return [("to", to)]
        case Autoscale(min=least, max=most):
            return [("min", least), ("max", most)]
        case Release(backends=backends):
            return [("backends", backends)]
    return []


def _checked_service(scenario: Any, place: str, event: TimelineEvent) -> str:
    service: str = scenario.service_of(event)
    if service not in scenario.services:
        raise ValueError(f"{place}.{event.kind}.service: no service is called {ask(service, scenario.services)}")
    if not event.told.service and len(scenario.services) > 1:
        raise ValueError(f"{place}: say which service, one of {', '.join(scenario.services)}")
    return service


def ask(unknown: str, known: Mapping[str, object]) -> str:
    """The unknown name, and the one that was probably meant."""
    near = get_close_matches(unknown, known, 1)
    return f"{unknown}; did you mean {near[0]}?" if near else f"{unknown}; known here: {', '.join(known)}"
