"""Silence: when a broker takes a client for dead of which it hears nothing. Not what the client does for it (`pinger`).

As long as nothing is wrong with path and peer a client's pings come as they should: nobody looks. From a disturbance on
the broker looks, until all is well again.

Sources: MQTT 5.0 and 3.1.1, 3.1.2.10 (1.5 times Keep Alive); mosquitto, keepalive.c (it looks at all clients in turn).
"""

from collections.abc import Callable
from typing import Any

from models.sessions.seam import Line

KEEP_ALIVE_OVER = "keep alive timeout"


class Silence:
    """One client of a broker, which has to say something every `keep_alive`."""

    __slots__ = ("_draw_late", "_heard_at", "_is_looking", "_keep_alive", "_life", "_line")

    def __init__(self, line: Line, keep_alive: int, *, draw_late: Callable[[], int]) -> None:
        self._line, self._life = line, line.life
        self._keep_alive, self._draw_late = keep_alive, draw_late
        self._heard_at = line.engine._now
        self._is_looking = False
        self.disturbed()

    def heard(self) -> None:
        """A packet has come."""
        self._heard_at = self._line.engine._now

    def disturbed(self) -> None:
        """From now on the client may fall silent."""
        if self._is_looking or self._line.is_calm:
            return
        self._is_looking = True
        self._look_again()

    def _look_again(self) -> None:
        now, end = self._line.engine._now, self._line.end
        peer = end.peer
        if peer is not None:  # pings that were not played: the last one, or the one before where it is under way
            for arrived_at in (peer.clear_at, peer.clear_at - self._keep_alive):
                if arrived_at <= now:  # and not what is sent again and again until the path is back
                    self._heard_at = max(self._heard_at, arrived_at)
        due = self._heard_at + self._keep_alive * 3 // 2 + self._draw_late()
        self._line.engine.call_at(max(due, now), self._look, self._heard_at)

    def _look(self, heard_at: Any) -> None:
        line = self._line
        if not line.is_open or line.life is not self._life:
            return
        if line.is_stopped:
            line.later(self._look, heard_at)
        elif self._heard_at == heard_at:
            self._is_looking = False
            line.give_up(KEEP_ALIVE_OVER)
        elif line.is_calm:
            self._is_looking = False
        else:
            self._look_again()
