"""Sliding window: so many calls in any stretch of the window's length, by a log or by an estimate. Not a bucket.

The log is exact and remembers each call; the estimate has two counters and takes the calls of the window before for
evenly spread (Cloudflare, "Counting things, a lot of different things", 2017).
"""

from collections import deque
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from models.protection.guard import AT_ONCE, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingLogConfig(Ranged):
    """A log of what passed."""

    limit: Annotated[int, Ge(0)]
    """Calls within the window."""
    window: Annotated[Duration, Gt(0)] = SECOND
    """Its length; a call has left it when it is exactly so old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWindowsConfig(Ranged):
    """A counter for the running window and one for that before it."""

    limit: Annotated[int, Ge(0)]
    """Calls within the window; a call is refused while the estimate is not below it."""
    window: Annotated[Duration, Gt(0)] = SECOND
    """Its length; windows begin at multiples of it."""


class SlidingLog(Limit):
    """Remembers when each of the last calls passed."""

    def __init__(self, config: SlidingLogConfig) -> None:
        self._limit, self._window = config.limit, config.window
        self._log: deque[int] = deque()
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        log = self._log
        while log and now - log[0] >= self._window:
            log.popleft()
        if len(log) >= self._limit:
            return None
        log.append(now)
        return AT_ONCE


class TwoWindows(Limit):
    """Counts what passed, not what was refused."""

    def __init__(self, config: TwoWindowsConfig) -> None:
        self._limit, self._window = config.limit, config.window
        self._number = self._passed = self._before = 0
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        number, elapsed = divmod(now, self._window)
        if number != self._number:
            self._before = self._passed if number == self._number + 1 else 0
            self._number, self._passed = number, 0
        if self._passed + self._before * (1 - elapsed / self._window) >= self._limit:
            return None
        self._passed += 1
        return AT_ONCE
