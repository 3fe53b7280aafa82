"""CoDel: drops at ever shorter distances while waits stay above a target. Not folly's, which looks at the least wait.

Source: RFC 8289, sections 4 and 5. A packet there is a request here.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Any

from annotated_types import Gt

from models.protection.limits.queue_discipline import Next, QueueDiscipline, Waiting
from models.protection.ranges import Ranged
from sim.units import MS, Duration

RECENTLY = 16
"""Intervals within which a new phase of drops goes on where the last one was (section 5.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodelConfig(Ranged):
    """Controlled delay."""

    target: Annotated[Duration, Gt(0)] = 5 * MS
    """Waits above it are too long."""
    interval: Annotated[Duration, Gt(0)] = 100 * MS
    """How long waits have to be too long before the first is dropped."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.target >= self.interval:
            raise ValueError("target: is not below interval; write a smaller one, about a twentieth of interval")


class Codel(QueueDiscipline):
    """In the order of arrival; the n-th drop of a phase comes interval / sqrt(n) after the one before it."""

    def __init__(self, config: CodelConfig) -> None:
        self._target, self._interval = config.target, config.interval
        self._above_until: int | None = None
        """When waits will have been too long for an interval."""
        self.is_dropping = False
        self._next_at = 0
        self._count = self._last_count = 0

    def take(self, queue: Waiting, now: int) -> Next:
        dropped: list[Any] = []
        item, may_drop = self._dequeue(queue, now)
        if self.is_dropping:
            self.is_dropping = may_drop
            while self.is_dropping and now >= self._next_at:
                dropped.append(item)
                self._count += 1
                item, self.is_dropping = self._dequeue(queue, now)
                if self.is_dropping:
                    self._next_at = self._after(self._next_at)
        elif may_drop:
            dropped.append(item)
            item, _ = self._dequeue(queue, now)
            self._begin(now)
        return Next(item, dropped)

    def _dequeue(self, queue: Waiting, now: int) -> tuple[Any, bool]:
        """The oldest, and whether it may be dropped: waits have been too long for an interval."""
        if not queue:
            self._above_until = None
            return None, False
        since, item = queue.popleft()
        # one that is left behind is no queue: in the RFC, bytes of no more than a packet
        if now - since < self._target or len(queue) <= 1:
            self._above_until = None
        elif self._above_until is None:
            self._above_until = now + self._interval
        else:
            return item, now >= self._above_until
        return item, False

    def _begin(self, now: int) -> None:
        """A phase of drops has begun; soon after the last one it goes on about where that was."""
        self.is_dropping = True
        grown = self._count - self._last_count
        is_recent = now - self._next_at < RECENTLY * self._interval
        self._count = grown if grown > 1 and is_recent else 1
        self._next_at = self._after(now)
        self._last_count = self._count

    def _after(self, instant: int) -> int:
        return instant + int(self._interval / sqrt(self._count))
