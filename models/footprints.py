"""Footprints of a world: what is counted for the machines whose memory and descriptors are asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from models.backend.footprint import FootprintConfig, Kind, Tally, bytes_of
from models.backend.server import Server
from sim.records.levels import Levels

if TYPE_CHECKING:
    from models.scenario import HostedService, Scenario

MEMORY, DESCRIPTORS = "memory_", "descriptors_"
"""Names of columns begin so, and end with that of the machine."""
_COUNTED = {"connection": "kept", "http2_connection": "kept_h2", "http3_connection": "kept_h3", "session": "kept_up",
            "request": "kept_open"}  # fmt: skip
"""Kind to the beginning of its level's name."""


def _level(kind: str, service: str) -> str:
    return f"{_COUNTED[kind]}_{service}"


def footprint_levels(scenario: "Scenario") -> Iterator[str]:
    """The levels of services that have one."""
    for name, service in scenario.services.items():
        if service.footprint is not None:
            yield from (_level(kind, name) for kind in _COUNTED)


def footprint_columns(scenario: "Scenario") -> dict[str, tuple[dict[str, int], int]]:
    """The columns of samples of the machines: weights by level."""
    columns: dict[str, tuple[dict[str, int], int]] = {}
    first = 0
    for name, service in scenario.services.items():
        if service.footprint is not None:
            machine = service.footprint.machine or name
            memory, _ = columns.setdefault(MEMORY + machine, ({}, 0))
            descriptors, _ = columns.setdefault(DESCRIPTORS + machine, ({}, 0))
            _add_own(memory, descriptors, name, service, service.footprint)
            _add_upstream(memory, descriptors, scenario, service)
        first += service.backends
    return columns


def _add_own(  # parameters: where to, and of whom
    memory: dict[str, int], descriptors: dict[str, int], name: str, service: "HostedService", config: FootprintConfig
) -> None:
    size = _bytes_of(service, config)
    plain = size["connection"] + config.socket
    memory |= {
        _level("connection", name): plain,
        _level("http2_connection", name): size["http2_connection"] - size["connection"],
        _level("http3_connection", name): size["http3_connection"] - plain,
        _level("session", name): size["session"] - size["connection"],
        _level("request", name): size["request"],
    }
    descriptors |= {_level("connection", name): 1, _level("http3_connection", name): -1}
    if config.program == "nginx":  # a proxied session has a second socket
        memory[_level("session", name)] += config.socket
        descriptors[_level("session", name)] = 1


def _add_upstream(
    memory: dict[str, int], descriptors: dict[str, int], scenario: "Scenario", service: "HostedService"
) -> None:
    if service.relay is None or service.footprint is None:
        return
    size = _bytes_of(service, service.footprint)["upstream_connection"] + service.footprint.socket
    first = 0
    for name, asked in scenario.services.items():
        for backend in range(first, first + asked.backends if name == service.relay.service else first):
            memory[f"c_estab_b{backend}"] = size
            descriptors[f"c_estab_b{backend}"] = 1
        first += asked.backends


def check_footprints(scenario: "Scenario") -> None:
    """Raise ValueError where one cannot be reckoned."""
    for name, service in scenario.services.items():
        if service.footprint is None:
            continue
        at = f"services.{name}.footprint"
        try:
            _bytes_of(service, service.footprint)
        except ValueError as error:
            raise ValueError(f"{at}.{error}") from None
        relay = service.relay
        others = [] if relay is None else _others_that_ask(scenario, name, relay.service)
        if others:
            raise ValueError(
                f"{at}: connections to {relay.service if relay else ''} are also those of {', '.join(others)}, so that"
                " they cannot be told apart; give each its own service, or leave the footprint out"
            )


def _others_that_ask(scenario: "Scenario", name: str, asked: str) -> list[str]:
    machine = (scenario.services[name].footprint or FootprintConfig()).machine
    found = [f"workload {other}" for other, workload in scenario.workloads.items() if asked in workload.targets()]
    for other, service in scenario.services.items():
        if other == name or service.relay is None or service.relay.service != asked:
            continue
        if not machine or (service.footprint or FootprintConfig()).machine != machine:
            found.append(f"service {other}")
    return found


def _bytes_of(service: "HostedService", config: FootprintConfig) -> dict[Kind, int]:
    security = "mutual" if service.tls.client_auth != "none" else service.scheme
    return bytes_of(config, security=security, has_streams=service.http2 is not None or service.http3 is not None)


def weigh(server: Server, levels: Levels, service: str) -> None:
    """Count the connections of a backend for its service too."""

    def both(code: int, level: int) -> int:
        return levels.bundle((0, code), (0, level))

    rise, fall = levels.rise, levels.fall
    kept, h2, h3, up, opened = (_level(kind, service) for kind in _COUNTED)
    server.rise_connections = both(server.rise_connections, rise(kept))
    server.fall_connections = both(server.fall_connections, fall(kept))
    server.rise_http2, server.fall_http2 = both(server.rise_http2, rise(h2)), both(server.fall_http2, fall(h2))
    server.tally = Tally(rise(h3), fall(h3), rise(up), fall(up))
    server.rise_handlers = both(server.rise_handlers, rise(opened))
    server.fall_handlers = both(server.fall_handlers, fall(opened))


def weigh_backend(world: Any, service: str, server: Server) -> None:
    """The same, where its service has a footprint."""
    if world.scenario.services[service].footprint is not None:
        weigh(server, world.trace.levels, service)
