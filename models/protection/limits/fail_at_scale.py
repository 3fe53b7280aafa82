"""Fail at Scale: short waits only while the queue does not become empty, and then the newest first. Not folly's code.

Source: Maurer, Fail at Scale, ACM Queue 13(8), 2015, read in quotation.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Gt

from models.protection.limits.queue_discipline import Next, QueueDiscipline, Waiting
from models.protection.ranges import Ranged
from sim.units import MS, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class FailAtScaleConfig(Ranged):
    """Controlled delay with adaptive LIFO."""

    target: Annotated[Duration, Gt(0)] = 5 * MS
    """How long one may wait who comes when the queue was not empty for an interval (M)."""
    interval: Annotated[Duration, Gt(0)] = 100 * MS
    """That interval; and how long others may wait (N)."""
    adaptive_lifo: bool = True
    """Whether the newest goes first while several wait; else the oldest does."""


class FailAtScale(QueueDiscipline):
    """How long somebody may wait is settled when he comes; who has waited longer is dropped when somebody is served."""

    def __init__(self, config: FailAtScaleConfig) -> None:
        self._target, self._interval, self._is_lifo = config.target, config.interval, config.adaptive_lifo
        self._busy_since: int | None = None
        """When the first came who met an empty queue; all that wait came since."""

    def take(self, queue: Waiting, now: int) -> Next:
        if not queue:
            return Next(None, [])
        if self._busy_since is None:
            self._busy_since = queue[0][0]
        kept, dropped = self._sorted(queue, now)
        queue.clear()
        queue.extend(kept)
        served: Any = None
        if queue:
            served = (queue.pop() if self._is_lifo else queue.popleft())[1]
        if not queue:
            self._busy_since = None
        return Next(served, dropped)

    def emptied(self) -> None:
        self._busy_since = None

    def _sorted(self, queue: Waiting, now: int) -> tuple[list[tuple[int, Any]], list[Any]]:
        """Who may still be served, and who has waited too long."""
        short_from = (self._busy_since or 0) + self._interval
        kept: list[tuple[int, Any]] = []
        dropped: list[Any] = []
        for since, item in queue:
            may_wait = self._target if since > short_from else self._interval
            if now - since > may_wait:
                dropped.append(item)
            else:
                kept.append((since, item))
        return kept, dropped
