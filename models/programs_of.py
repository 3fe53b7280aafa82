"""Programs of a world: which backends are programs, what is counted in them, and how one is built into its server."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from models.backend.server import Server
from models.programs.levels import Gauge, kinds_of, level_name
from models.programs.program import Program
from models.scenario import Scenario


def program_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of all backends that are programs."""
    first = 0
    for service in scenario.services.values():
        if service.program is not None:
            for backend in range(first, first + service.backends):
                yield from (level_name(kind, backend) for kind in kinds_of(service.program))
        first += service.backends


def add_program(world: Any, service: str, server: Server) -> Program:
    """Give a server of `service` the program that its configuration asks for."""
    config = server.config.program
    assert config is not None, "who calls has looked"
    index = server.index
    gauge = partial(_gauge, world, index)
    program = server.program = Program(world.engine, config, world.streams, name=service, index=index, gauges=gauge)
    program.run_in(server)
    return program


def _gauge(world: Any, index: int, kind: str) -> Gauge:
    return Gauge(world.engine, world.trace.levels, level_name(kind, index))


def count_programs(programs: Iterable[Program]) -> dict[str, float]:
    """The counters of all programs, each alone (name_b0) and their sum."""
    total: dict[str, float] = {}
    for program in programs:
        for name, n in program.count().items():
            total[name] = total.get(name, 0) + n
            total[f"{name}_b{program.index}"] = n
    return total
