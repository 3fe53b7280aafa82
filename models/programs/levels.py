"""Levels: what is counted over time in each backend that is a program, and how a share becomes a level."""

from collections.abc import Callable, Mapping

from models.programs.config import ProgramConfig
from sim.engine.environment import Engine
from sim.records.levels import Levels

MEANINGS: Mapping[str, str] = {
    "busy": "workers that have a request",
    "queue": "requests that wait for a worker",
    "stopped": "1 while the program is stopped: a collection that stops the world, or a pause of the timeline",
    "eden": "percent of eden that is used (jstat's E)",
    "old": "percent of the old generation that is used (jstat's O)",
    "heap": "percent of the heap that is used",
    "heap_mib": "MiB of a Go program's heap",
    "call0_held": "connections of the pool of the first call that are in use; the next call is call1",
    "call0_wait": "requests that wait for one of them",
    "cache_held": "questions that the store behind the cache is at",
    "cache_wait": "questions that wait for it",
    "throttled": "1 while its quota of CPU time is used up",
}
"""Name of a level, without its backend, and what it is."""


def kinds_of(config: ProgramConfig) -> tuple[str, ...]:
    """Which levels a program has."""
    kinds = ["busy", "queue", "stopped"]
    if config.cpu.quota:
        kinds.append("throttled")
    if config.jvm is not None:
        kinds += ["eden", "old", "heap"]
    if config.go is not None:
        kinds.append("heap_mib")
    if config.cache is not None:
        kinds += ["cache_held", "cache_wait"]
    kinds += [f"call{n}_{what}" for n in range(len(config.calls)) for what in ("held", "wait")]
    return tuple(kinds)


def level_name(kind: str, backend: int) -> str:
    """What the level of one backend is called."""
    return f"{kind}_b{backend}"


class Gauge:
    """A level that is set to a whole number."""

    __slots__ = ("_change", "_engine", "_fall", "_rise", "value")

    def __init__(self, engine: Engine, levels: Levels, name: str) -> None:
        self._engine, self._change = engine, levels.change
        self._rise, self._fall = levels.rise(name), levels.fall(name)
        self.value = 0

    def set(self, value: int) -> None:
        """It is `value` from now on."""
        if value == self.value:
            return
        stamp = self._engine._now << 12
        code = self._rise if value > self.value else self._fall
        for _ in range(abs(value - self.value)):
            self._change(stamp | code)
        self.value = value


Gauges = Callable[[str], Gauge]
"""The gauge of a kind, for one backend."""
