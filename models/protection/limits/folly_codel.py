"""Folly CoDel: drops all that waited long while even the least wait of an interval was long. Not RFC 8289's.

Source: folly/executors/Codel.cpp.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Gt

from models.protection.limits.queue_discipline import Next, QueueDiscipline, Waiting
from models.protection.limits.ranges import Ranged
from sim.units import MS, Duration

SLOUGH = 2
"""How many times the target a wait may be in an overload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollyCodelConfig(Ranged):
    """Codel::Options."""

    target: Annotated[Duration, Gt(0)] = 5 * MS
    """An interval is an overload if the least wait of the one before was longer."""
    interval: Annotated[Duration, Gt(0)] = 100 * MS
    """Over which the least wait is kept."""


class FollyCodel(QueueDiscipline):
    """In the order of arrival; in an overload nobody is served who waited more than twice the target."""

    def __init__(self, config: FollyCodelConfig) -> None:
        self._target, self._interval = config.target, config.interval
        self.is_overloaded = False
        self._least = 0
        self._ends_at = 0

    def take(self, queue: Waiting, now: int) -> Next:
        dropped: list[Any] = []
        while queue:
            since, item = queue.popleft()
            if not self._is_shed(now - since, now):
                return Next(item, dropped)
            dropped.append(item)
        return Next(None, dropped)

    def _is_shed(self, wait: int, now: int) -> bool:
        if now > self._ends_at:  # the first of an interval is never shed
            self.is_overloaded = self._least > self._target
            self._ends_at, self._least = now + self._interval, wait
            return False
        self._least = min(self._least, wait)
        return self.is_overloaded and wait > SLOUGH * self._target
