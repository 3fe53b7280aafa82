"""Programs of a world: which backends are programs, what is counted in them, and how one is built into its server."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from models.backend.server import Server
from models.lifecycle.config import BASE
from models.programs.home import Home
from models.programs.levels import kinds_of, level_name
from models.programs.program import Program
from models.scenario import Scenario


def program_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of all backends that are programs."""
    first = 0
    for service in scenario.services.values():
        programs = [service.as_version(name).program for name in (BASE, *service.versions)]
        kinds = dict.fromkeys(kind for each in programs if each is not None for kind in kinds_of(each))
        for backend in range(first, first + service.backends):
            yield from (level_name(kind, backend) for kind in kinds)
        first += service.backends


class Programs:
    """The programs of all backends, each made when it is first needed."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._each: dict[tuple[int, str], Program] = {}

    def install(self, service: str, server: Server, version: str = BASE) -> None:
        """Give a server the program that its configuration asks for, or none; it does not run yet."""
        config = server.config.program
        if server.program is not None:
            server.program.die()
        if config is None:
            server.program = None
            return
        own = self._world.scenario.services[service].versions.get(version)
        place = (server.index, version if own is not None and own.program is not None else BASE)
        if place not in self._each:
            self._each[place] = Program(self._home(service, server, place[1]), config)
        server.program = self._each[place]

    def _home(self, service: str, server: Server, version: str) -> Home:
        world = self._world
        return Home(
            engine=world.engine,
            process=server,
            streams=world.streams,
            levels=world.trace.levels,
            service=service if version == BASE else f"{service}.{version}",
            index=server.index,
            note=partial(world.note, backend=server.index),
        )

    def count(self) -> dict[str, float]:
        """The counters of all, each backend alone (name_b0) and their sum."""
        return count_programs(self._each.values())


def count_programs(programs: Iterable[Program]) -> dict[str, float]:
    """The counters of all programs, each alone (name_b0) and their sum."""
    total: dict[str, float] = {}
    for program in programs:
        for name, n in program.count().items():
            total[name] = total.get(name, 0) + n
            alone = f"{name}_b{program.home.index}"
            total[alone] = total.get(alone, 0) + n
    return total
