"""Levels of a world: which ones a scenario makes beside those that every run has (`tables`). Not what they show."""

from collections.abc import Iterator

from models.bridge.bridge import BRIDGE_LEVELS
from models.channeling import grpc_levels
from models.footprints import footprint_levels
from models.guarding import guard_levels
from models.http3_of import http3_levels
from models.lifecycle.signal import autoscaler_levels
from models.network.nat import nat_levels
from models.programs_of import program_levels
from models.scenario import Scenario
from models.sessions_of import session_levels
from models.tables import level_names
from models.tuned import buffer_levels


def levels_of_parts(scenario: Scenario) -> Iterator[str]:
    """Those of its NAT, its programs, its autoscalers, its guards, its other protocols and its fleets of devices."""
    yield from nat_levels(scenario)
    yield from program_levels(scenario)
    yield from autoscaler_levels(scenario)
    yield from guard_levels(scenario)
    yield from http3_levels(scenario)
    yield from grpc_levels(scenario)
    yield from session_levels(scenario)
    yield from footprint_levels(scenario)
    if scenario.bridges:
        yield from BRIDGE_LEVELS


def levels_of(scenario: Scenario) -> tuple[str, ...]:
    """All of them."""
    n_backends = sum(service.backends for service in scenario.services.values())
    return (*level_names(n_backends), *levels_of_parts(scenario), *buffer_levels(scenario))
