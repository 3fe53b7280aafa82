"""Home: where a program stands in its world, and the process that it runs in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from models.programs.draws import Draws
from models.programs.levels import Gauge, level_name
from sim.engine.distributions import Delay
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels


class Process(Protocol):
    """What a program asks of the server that it runs in."""

    is_paused: bool
    overhead: int
    """CPU time that every request costs besides its service time, ns."""

    def pause(self, *, mid_accept: bool) -> None:
        """Stop everything."""

    def resume(self) -> None:
        """Undo one pause."""

    def later(self, fn: Callable[[Any], object], arg: Any) -> None:
        """Keep a step for the end of the pause."""

    def exit(self) -> None:
        """End: nobody listens any more."""

    def listen(self, *, yes: bool) -> None:
        """Accept dials from now on, or have them refused."""

    def start_again(self) -> None:
        """Be there again after an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a program is given."""

    engine: Engine
    process: Process
    streams: Streams
    levels: Levels
    service: str
    """The service; all its backends draw the same for the same request."""
    index: int
    """The backend's number."""
    note: Callable[[str], object]
    """Records what happens."""

    def gauge(self, kind: str) -> Gauge:
        """The level of this kind at this backend."""
        return Gauge(self.engine, self.levels, level_name(kind, self.index))

    def draws(self, purpose: str, delay: Delay, each: int = 1) -> Draws:
        """The random inputs of requests for one purpose."""
        return Draws(self.streams, f"{self.service}.{purpose}", delay, each)
