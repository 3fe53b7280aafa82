"""Signal: what an autoscaler saw when it last decided, and how many pods it wants, as levels. Not how it decides."""

from collections.abc import Iterator
from typing import Any, Final

from models.programs.levels import Gauge
from sim.engine.environment import Engine
from sim.records.levels import Levels

MEANINGS: Final = {
    "autoscale_pods": "pods that the autoscaler of a service wants; 0 while none works",
    "autoscale_load": "the mean over the ready pods by which it decided last, in hundredths: percent of the workers or "
    "of the CPUs, or of one request",
}
"""Name of a level, without the number of its service, and what it is."""


def autoscaler_levels(scenario: Any) -> Iterator[str]:
    """The levels of all services that an autoscaler works on, by their number in the scenario."""
    scaled = {scenario.service_of(event) for event in scenario.timeline if event.autoscale is not None}
    for number, service in enumerate(scenario.services):
        if service in scaled:
            yield from (f"{kind}_s{number}" for kind in MEANINGS)


class Signal:
    """Of the autoscaler of the service with this number."""

    def __init__(self, engine: Engine, levels: Levels, number: int) -> None:
        self._pods, self._load = (Gauge(engine, levels, f"{kind}_s{number}") for kind in MEANINGS)

    def tell(self, pods: int, load: float | None = None) -> None:
        """It wants so many pods from now on, and saw this mean load; None leaves what it saw before."""
        self._pods.set(pods)
        if load is not None:
            self._load.set(round(100 * load))
