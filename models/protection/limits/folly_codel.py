"""Folly CoDel: drops all that waited long while even the least wait of an interval was long. Not RFC 8289's.

Source: folly/executors/Codel.cpp.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Gt

from models.protection.limits.queue_discipline import Next, QueueDiscipline, Waiting
from models.protection.ranges import Ranged
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

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.target >= self.interval:
            raise ValueError("target: is not below interval; write a smaller one, about a twentieth of interval")


class FollyCodel(QueueDiscipline):
    """In the order of arrival; in an overload nobody is served who waited more than twice the target."""

    def __init__(self, config: FollyCodelConfig) -> None:
        self._target, self._interval = config.target, config.interval
        self.is_overloaded = False
        self._least = self._ends_at = 0
        self._is_first = True
        """Whether the next one is the first of an interval, which is never shed."""

    def take(self, queue: Waiting, now: int) -> Next:
        dropped: list[Any] = []
        while queue:
            since, item = queue.popleft()
            if not self._is_shed(now - since, now):
                return Next(item, dropped)
            dropped.append(item)
        return Next(None, dropped)

    def _is_shed(self, wait: int, now: int) -> bool:
        if now > self._ends_at and not self._is_first:
            self.is_overloaded = self._least > self._target
            self._ends_at, self._is_first = now + self._interval, True
        if self._is_first:
            self._least, self._is_first = wait, False
            return False
        self._least = min(self._least, wait)
        return self.is_overloaded and wait > SLOUGH * self._target
