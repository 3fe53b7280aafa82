"""Fixed window: so many calls from one multiple of the window to the next. Not the calls of the last window's length.

Across a boundary twice the limit may pass.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from models.protection.guard import AT_ONCE, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedWindowConfig(Ranged):
    """A counter that begins again with each window."""

    limit: Annotated[int, Ge(0)]
    """Calls of a window."""
    window: Annotated[Duration, Gt(0)] = SECOND
    """Its length; windows begin at multiples of it."""


class FixedWindow(Limit):
    """Counts what passed in the running window."""

    def __init__(self, config: FixedWindowConfig) -> None:
        self._limit, self._window = config.limit, config.window
        self._number = self._passed = 0
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        number = now // self._window
        if number != self._number:
            self._number, self._passed = number, 0
        if self._passed >= self._limit:
            return None
        self._passed += 1
        return AT_ONCE
