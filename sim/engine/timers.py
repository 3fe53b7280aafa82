"""Timers that cost a few attribute writes to move, and one timer for all who wait for the same constant.

Neither shows in the order of calls: both fire exactly when and where one call each, scheduled when it was
armed, would have fired.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from sim.engine.agenda import Agenda

NEVER: Final = (1 << 63) - 1
"""The deadline of a timer that is not armed."""


class Timer:
    """Calls ``fn(arg)`` once at its deadline (ns). Moving the deadline later, or cancelling, touches no queue.

    Notes
    -----
    The queue holds one entry; when it comes up too early, it goes back in for the deadline of then. Only
    moving the deadline to before that entry adds another, and the late one dies when its time comes.
    """

    __slots__ = ("_arg", "_engine", "_fn", "_place", "_wakes_as", "_wakes_at", "deadline")

    def __init__(self, engine: Agenda, fn: Callable[[Any], object], arg: Any = None) -> None:
        self._engine, self._fn, self._arg = engine, fn, arg
        self._wakes_at = self.deadline = NEVER
        self._place = self._wakes_as = -1  # places in the engine's order: of the last arming, of the live entry

    def arm(self, deadline: int) -> None:
        """Fire at `deadline` (ns) and at no other time, whatever was armed before.

        Raises
        ------
        ValueError
            `deadline` lies in the past; the timer stays as it was.
        """
        engine = self._engine
        if deadline < engine._now:
            raise ValueError(f"arm({deadline}) lies before now ({engine._now})")
        self.deadline = deadline
        self._place = engine.reserve()
        if deadline < self._wakes_at:
            self._sleep()

    def cancel(self) -> None:
        """Do not fire; nothing happens where the timer is not armed."""
        self.deadline = NEVER

    def _sleep(self) -> None:
        self._wakes_at, self._wakes_as = self.deadline, self._place
        self._engine.call_reserved(self.deadline, self._place, self._wake)

    def _wake(self, place: int) -> None:
        if place != self._wakes_as:
            return  # an earlier deadline was armed after this entry had been queued
        self._wakes_at, self._wakes_as = NEVER, -1
        if place == self._place and self.deadline != NEVER:
            self.deadline = NEVER
            self._fn(self._arg)
        elif self.deadline != NEVER:
            self._sleep()


class Timed(Protocol):
    """What waits in a TimeoutQueue."""

    @property
    def done(self) -> bool:
        """True when the timeout has become pointless."""


Item = TypeVar("Item", bound=Timed)


class TimeoutQueue(Generic[Item]):
    """Items that all time out the same `delay` (ns) after they were pushed, unless they are done by then.

    The engine's queue holds one entry, for the oldest item that is not done, however many wait.
    """

    __slots__ = ("_delay", "_engine", "_expire", "_items", "_watching")

    def __init__(self, engine: Agenda, delay: int, expire: Callable[[Item], object]) -> None:
        if delay < 0:
            raise ValueError(f"delay: {delay} ns lies below 0")
        self._engine, self._delay, self._expire = engine, delay, expire
        self._items: deque[tuple[int, int, Item]] = deque()  # deadline, place in the order of calls, item
        self._watching = False

    def __len__(self) -> int:
        """How many items are kept; those that are done leave when they are the oldest."""
        return len(self._items)

    def push(self, item: Item) -> None:
        """Call ``expire(item)`` at now + delay, unless `item` is done by then."""
        engine, items = self._engine, self._items
        while items and items[0][2].done:
            items.popleft()
        items.append((engine._now + self._delay, engine.reserve(), item))
        if not self._watching:
            self._watch()

    def _watch(self) -> None:
        items = self._items
        while items and items[0][2].done:
            items.popleft()
        self._watching = bool(items)
        if items:
            deadline, place, _ = items[0]
            self._engine.call_reserved(deadline, place, self._wake)

    def _wake(self, place: int) -> None:
        items = self._items
        expired = items.popleft()[2] if items and items[0][1] == place else None
        self._watch()  # before expiring: whatever that does or raises, the next item is watched
        if expired is not None and not expired.done:
            self._expire(expired)
