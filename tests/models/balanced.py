"""Balanced: worlds of several backends with something that happens to them, and what their requests met."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from models.tables import TABLES
from models.world import World, world_of
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.units import MS
from sim.wiring import load

SCENARIO = """
duration: 4s
tail: 1s
network: {rtt: 2ms}
clients: {c: {}}
services: {s: {backends: 3, service_time: 10ms}}
workloads: {w: {client: c, service: s, arrivals: {constant: {rate: 100/s}}}}
"""


class Balanced:
    """A run of the scenario with these settings; `at` is for what no timeline does."""

    def __init__(self, *overrides: str, seed: int = 1) -> None:
        self._store = Memory()
        self.world = world_of(load(SCENARIO, overrides), Streams(seed), self._store)
        self.endpoints = self.world.backends["s"].endpoints
        self.rows: list[dict[str, Any]] = []

    def at(self, ms: int, act: Callable[[World], object]) -> "Balanced":
        """Do something to the world."""
        self.world.engine.call_at(ms * MS, lambda _: act(self.world))
        return self

    def ready(self, ms: int, *indices: int) -> "Balanced":
        """From then on only these are ready."""

        def announce(_: World) -> None:
            for one in self.endpoints.each:
                self.endpoints.announce(one.index, is_ready=one.index in indices)

        return self.at(ms, announce)

    def run(self) -> "Balanced":
        """Run to the end and read the rows of the requests."""
        self.world.run()
        words = self.world.trace.vocabulary.texts()
        names = [field.name for field in TABLES["requests"]]
        chunks = [chunk.tolist() for chunk in self._store.rows("requests")]
        self.rows = [dict(zip(names, row, strict=True)) for chunk in chunks for row in chunk]
        for row in self.rows:
            row |= {"err": words[row["err"]], "client": words[row["client"]], "ms": row["t_arrival"] // MS}
        return self

    def counts(self, start_ms: int = 0, end_ms: int = 1 << 40, by: str = "backend") -> dict[Any, int]:
        """Requests that arrived in this span, by what a column says."""
        return dict(Counter(row[by] for row in self.rows if start_ms <= row["ms"] < end_ms))
