"""check_timeline: refuses events that name what a scenario has not."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from models.timeline.event import OF_NAMES, TimelineEvent


def check_timeline(scenario: Any) -> None:
    """Refuse what cannot happen.

    Raises
    ------
    ValueError
        An event names a client, service or backend that is not there, or leaves open which; its place comes first.
    """
    for i, event in enumerate(scenario.timeline):
        if event.close_idle is not None:
            _check_client(scenario, f"timeline.{i}", event)
        else:
            _check_fault(scenario, f"timeline.{i}", event)


def _check_client(scenario: Any, place: str, event: TimelineEvent) -> None:
    assert event.close_idle is not None, "the kind says so"
    client = scenario.client_of(event.close_idle)
    if client not in scenario.clients:
        raise ValueError(f"{place}.close_idle.client: no client is called {ask(client, scenario.clients)}")
    if not event.close_idle.client and len(scenario.clients) > 1:
        raise ValueError(f"{place}: say which client, one of {', '.join(scenario.clients)}")


def _check_fault(scenario: Any, place: str, event: TimelineEvent) -> None:
    service = _checked_service(scenario, place, event)
    by = scenario.services[service].resolve.by
    if event.kind in OF_NAMES and by != "dns":
        raise ValueError(f"{place}: {service} is resolved by {by}, which asks no DNS; write resolve: dns")
    if event.kind == "bad_certificate" and scenario.services[service].scheme != "https":
        raise ValueError(f"{place}.{event.kind}: {service} is a service of http; write scheme: https")
    backends = scenario.services[service].backends
    if event.fault.backend != "all" and event.fault.backend >= backends:
        raise ValueError(f"{place}: {service} has backends 0 to {backends - 1}, not {event.fault.backend}")


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
