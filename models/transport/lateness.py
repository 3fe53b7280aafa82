"""Lateness: how late the goroutines of a client run that the network or a pause has to wake. Not what they do then."""

from collections.abc import Callable

from models.transport.config import ColdDialConfig
from sim.engine.agenda import Agenda
from sim.units import SECOND


class Lateness:
    """Of one client process."""

    __slots__ = ("_cold", "_draw_read", "_engine", "_wakes_at", "active_at", "delays_dials")

    def __init__(self, engine: Agenda, cold: ColdDialConfig) -> None:
        self._engine, self._cold = engine, cold
        self._draw_read: Callable[[], int] | None = None
        self._wakes_at = 0
        self.delays_dials = cold.lag > 0
        """Whether somebody has to write down `active_at`."""
        self.active_at = -3600 * SECOND
        """When the client last did something; long ago at first."""

    @property
    def delays_reads(self) -> bool:
        """Whether readLoops are late."""
        return self._draw_read is not None

    def delay_reads(self, draw: Callable[[], int]) -> None:
        """From now on readLoops are late by what `draw` says, in ns."""
        self._draw_read = draw

    def wakes_at(self) -> int:
        """When the readLoops run that the network wakes now: what comes until then they find at the same time."""
        now = self._engine._now
        if self._wakes_at <= now:
            assert self._draw_read is not None, "nobody is late"
            self._wakes_at = now + self._draw_read()
        return self._wakes_at

    def of_dial(self) -> int:
        """How much longer a dial takes that begins now, in ns."""
        pause = self._engine._now - self.active_at
        cold = self._cold
        return cold.lag if pause >= cold.after else cold.lag * pause // cold.after
