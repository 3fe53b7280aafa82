"""Programs of a world: which backends are programs, what is counted in them, and how one is built into its server."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from models.backend.server import Server
from models.programs.home import Home
from models.programs.levels import kinds_of, level_name
from models.programs.program import Program
from models.scenario import Scenario


def program_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of all backends that are programs."""
    first = 0
    for service in scenario.services.values():
        kinds = {kind: None for program in service.programs for kind in kinds_of(program)}
        for backend in range(first, first + service.backends):
            yield from (level_name(kind, backend) for kind in kinds)
        first += service.backends


def add_program(world: Any, service: str, server: Server) -> Program:
    """Give a server of `service` the program that its configuration asks for."""
    config = server.config.program
    assert config is not None, "who calls has looked"
    home = Home(
        engine=world.engine,
        process=server,
        streams=world.streams,
        levels=world.trace.levels,
        service=service,
        index=server.index,
        note=partial(world.note, backend=server.index),
    )
    program = server.program = Program(home, config)
    return program


def replace_program(world: Any, service: str, server: Server) -> None:
    """Another version of a server's program takes the place of the one that has ended; both count."""
    server.program = None
    if server.config.program is not None:
        world.programs.append(add_program(world, service, server))


def count_programs(programs: Iterable[Program]) -> dict[str, float]:
    """The counters of all programs, each alone (name_b0) and their sum; errors by text as a sum, events tell whose."""
    total: dict[str, float] = {}
    for program in programs:
        for name, n in program.count().items():
            total[name] = total.get(name, 0) + n
            if ":" not in name:
                own = f"{name}_b{program.home.index}"
                total[own] = total.get(own, 0) + n
    return total
