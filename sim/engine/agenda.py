"""Agenda: the clock, and the plain calls that are due, in order. Not SimPy's events, not how a run begins and ends.

It is what the models know of the engine, and compiled with them (docs/adr/0017): an `Engine` is an agenda.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final, final

from mypy_extensions import mypyc_attr

BURST: Final = 4096
"""Calls after which `call_due` returns at the latest, so that Ctrl-C is heard where all calls are compiled, too."""
ORDINARY: Final = 1
"""The priority of plain calls: SimPy's NORMAL."""

Entry = tuple[Any, int, int, Callable[[Any], object], Any]
"""Instant (ns), priority, place in the order of scheduling, function, argument."""


@final  # compiled callers go straight to these methods: none may be overridden
@mypyc_attr(allow_interpreted_subclasses=True)
class Agenda:
    """One queue of ``(time, priority, place, fn, arg)``: calls of one instant run in the order of scheduling.

    Parameters
    ----------
    initial_time
        The clock's start, ns.
    """

    __slots__ = ("_going", "_now", "_places", "_queue")

    def __init__(self, initial_time: int = 0) -> None:
        self._now = initial_time
        self._queue: list[Any] = []  # of Entry; SimPy's own annotation says a 4-tuple with an event
        self._places = 0
        self._going = False

    @property
    def now(self) -> int:
        """The current instant, ns. Code that runs per request may read ``_now``, which costs no call."""
        return self._now

    @property
    def scheduled(self) -> int:
        """How many places in the order were given out so far: calls, events and armed timers."""
        return self._places

    def call_at(self, at: int, fn: Callable[[Any], object], arg: Any = None) -> None:
        """Run ``fn(arg)`` at the instant `at` (ns), after what is already due then.

        Raises
        ------
        ValueError
            `at` lies in the past; nothing was scheduled.
        """
        if at < self._now:
            raise ValueError(f"call_at({at}) lies before now ({self._now})")
        place = self._places
        self._places = place + 1
        heappush(self._queue, (at, ORDINARY, place, fn, arg))

    def call_in(self, delay: int, fn: Callable[[Any], object], arg: Any = None) -> None:
        """Run ``fn(arg)`` `delay` ns from now, after what is already due then.

        Raises
        ------
        ValueError
            `delay` is negative; nothing was scheduled.
        """
        if delay < 0:
            raise ValueError(f"call_in({delay}) lies before now ({self._now})")
        place = self._places
        self._places = place + 1
        heappush(self._queue, (self._now + delay, ORDINARY, place, fn, arg))

    def reserve(self) -> int:
        """Take a place in the order of calls without scheduling one; `call_reserved` fills it, or nobody does."""
        place = self._places
        self._places = place + 1
        return place

    def call_reserved(self, at: int, place: int, fn: Callable[[int], object]) -> None:
        """Run ``fn(place)`` at `at`, among the calls of that instant as if scheduled when `place` was reserved.

        A place may be filled once; the caller sees to it, and that `at` is not in the past.
        """
        heappush(self._queue, (at, ORDINARY, place, fn, place))

    def call_due(self) -> None:
        """Run calls in order while ``_going``, a burst of them at most.

        Raises
        ------
        IndexError
            Nothing is scheduled.
        """
        queue: list[Entry] = self._queue
        for _each in range(BURST):
            self._now, _, _, fn, arg = heappop(queue)
            fn(arg)
            if not self._going:
                return
