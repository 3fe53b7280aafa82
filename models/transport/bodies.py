"""Bodies: how many response bodies are being read, lie unread, or are drained. Not the steps of an attempt."""

from collections.abc import Mapping

from models.transport.attempt import Reading
from sim.engine.agenda import Agenda
from sim.records.levels import Levels

BODY_LEVELS = {Reading.BODY: "reading_body", Reading.UNREAD: "unread", Reading.DRAINING: "draining"}
"""The level in which an attempt counts in each of its states; the others are told from `open_conns` and `inflight`."""


class Bodies:
    """Keeps the levels; a body of one flight that is simply read takes no time and is not counted."""

    def __init__(self, engine: Agenda, levels: Levels, names: Mapping[Reading, str] = BODY_LEVELS) -> None:
        self._engine, self._change = engine, levels.change
        self._up = {state: levels.rise(name) for state, name in names.items()}
        self._down = {state: levels.fall(name) for state, name in names.items()}

    def move(self, before: Reading, after: Reading) -> None:
        """An attempt goes from one state to another."""
        now = self._engine._now << 12
        if before in self._down:
            self._change(now | self._down[before])
        if after in self._up:
            self._change(now | self._up[after])

    def was_read(self, since: int) -> None:
        """A body that came whole, in several flights: read from `since` until now."""
        self.is_read(since)
        self._change(self._engine._now << 12 | self._down[Reading.BODY])

    def is_read(self, since: int) -> None:
        """One that is still being read when the run ends."""
        self._change(since << 12 | self._up[Reading.BODY])
