"""Tuned: a world's clients whose buffers are looked at or whose settings a controller moves. Not how it decides."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from models.scenario import Scenario
from models.transport.buffers import LEVEL, Buffers
from models.tuning.config import TuningConfig
from models.tuning.controller import Controller
from models.tuning.features import Features
from models.tuning.knobs import Knobs
from models.tuning.traffic import Traffic
from sim.units import MINUTE


def buffer_levels(scenario: Scenario) -> tuple[str, ...]:
    """The level of the memory of buffers, where a client's are looked at."""
    return (LEVEL,) if any(client.shows_buffers for client in scenario.clients.values()) else ()


class Tuners:
    """The controllers of a world, one for each instance of each client that has any."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._controllers: list[Controller] = []
        for name, client in world.scenario.clients.items():
            for transport in world.transports[name] if client.shows_buffers else ():
                buffers = Buffers(transport, world.trace.levels)
                if client.tuning is not None:
                    self._add(transport, buffers, client.tuning)

    def count(self) -> dict[str, float]:
        """Changes and reversals of all of them, and those of each setting."""
        if not self._controllers:
            return {}
        changes = sum((one.changes for one in self._controllers), Counter())
        reversals = sum((one.reversals for one in self._controllers), Counter())
        minutes = self._world.scenario.duration / MINUTE * len(self._controllers)
        return {
            "tune_changes": changes.total(),
            "tune_reversals": reversals.total(),
            "tune_reversals_per_min": reversals.total() / minutes,
            **{f"tune_changes:{knob}": n for knob, n in changes.items()},
            **{f"tune_reversals:{knob}": n for knob, n in reversals.items()},
        }

    def _add(self, transport: Any, buffers: Buffers, config: TuningConfig) -> None:
        world, traffic = self._world, Traffic(transport, config.window)
        note = partial(world.note, client=traffic.label)
        record = self._recorder(traffic.label)
        controller = Controller(config, traffic, Knobs(transport, buffers), note=note, record=record)
        self._controllers.append(controller)
        world.engine.process(controller.work(world.engine, world.scenario.duration))

    def _recorder(self, label: int) -> Callable[[Features, dict[str, int], int], None]:
        """Writes the row of a look of the controller of an instance."""
        rows, engine = self._world.trace.tables["tuning"], self._world.engine

        def record(seen: Features, settings: dict[str, int], moved: int) -> None:
            rows.append(
                engine.now, label, seen.qps, seen.p99, seen.p99_volatility, seen.packet_size, seen.burst_entropy,
                seen.lifetime_skewness, seen.concurrency, seen.lull, *settings.values(), moved,
            )  # fmt: skip

        return record
