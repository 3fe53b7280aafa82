"""Engine: SimPy's environment on an integer-nanosecond clock, with plain calls beside events.

It knows neither randomness nor records; timers that can be moved are in timers.py.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from operator import index
from typing import Any

import simpy
from simpy.core import EmptySchedule, SimTime, StopSimulation
from simpy.events import NORMAL, URGENT, Event, EventPriority

from sim.engine.agenda import Agenda, Entry

BEFORE_ALL = -1
"""Ahead of SimPy's URGENT and NORMAL: what a stopped run still owes to an event's waiters."""


class Engine(Agenda, simpy.Environment):  # type: ignore[misc]  # final are the agenda's methods, which stay as they are
    """An agenda with SimPy's events and processes in its queue; an ordinary event is the call ``_fire(event)``.

    Parameters
    ----------
    initial_time
        The clock's start, ns.
    checked
        Assert at every call that the clock is an integer and never goes back; for tests, a fifth slower.

    Notes
    -----
    Calls of one instant run in the order in which they were scheduled. Ctrl-C is heard between two calls, so
    an interrupted run has lost nothing and can go on; a second one within the same call is heard at once.
    """

    def __init__(self, initial_time: int = 0, checked: bool = False) -> None:
        super(Agenda, self).__init__(initial_time)  # SimPy's part first: the queue and the clock are the agenda's
        Agenda.__init__(self, initial_time)
        for name in ("process", "timeout", "event", "all_of", "any_of"):
            setattr(self, name, getattr(self, name))  # bound once, as SimPy does for its own class: 9 % of a process
        self._checked = checked
        self._interrupted = False

    def schedule(self, event: Event, priority: int = NORMAL, delay: SimTime = 0) -> None:
        """Let `event` happen `delay` ns from now: SimPy's way in, used by all its events."""
        heappush(self._queue, (self._now + delay, priority, self.reserve(), _fire, event))

    def step(self) -> None:
        """Run the next call.

        Raises
        ------
        EmptySchedule
            Nothing is scheduled.
        """
        try:
            entry = heappop(self._queue)
        except IndexError:
            raise EmptySchedule from None
        if self._checked:
            self._check(entry)
        self._now, _, _, fn, arg = entry
        fn(arg)

    def run(self, until: SimTime | Event | None = None) -> Any:
        """Run calls in order until a time, an event, or nothing is left.

        Parameters
        ----------
        until
            An instant, ns: stop before the calls of it, with the clock on it. An event: stop when it has
            happened and return its value. None: stop when nothing is scheduled.

        Raises
        ------
        ValueError
            The instant is not after now.
        RuntimeError
            Nothing is left, and the event has not happened.
        """
        if until is None or isinstance(until, Event):
            return self._run_to_event(until)
        at = _instant(until)
        if at <= self._now:
            raise ValueError(f"until ({at}) must be greater than the current simulation time")
        return self._run_to_instant(at)

    def _run_to_instant(self, at: SimTime) -> Any:
        end: Entry = (at, URGENT, self.reserve(), self._halt, None)
        try:
            heappush(self._queue, end)  # such an end costs nothing per call; a look at the head costs 2-4 %
            self._drive(self._call_all)
        except BaseException as error:
            self._queue[:] = [entry for entry in self._queue if entry is not end]
            heapify(self._queue)
            if isinstance(error, StopSimulation):  # a process may end a run by raising it
                return error.args[0]
            raise
        return None

    def _run_to_event(self, until: Event | None) -> Any:
        if until is not None:
            if until.callbacks is None:
                return until.value
            until.callbacks.append(StopSimulation.callback)
        try:
            self._drive(self._step_all)
        except StopSimulation as stop:
            return stop.args[0]
        except EmptySchedule:
            if until is not None:
                _forget_end(until)
                raise RuntimeError(f'No scheduled events left but "until" event was not triggered: {until}') from None
        except BaseException:
            if until is not None:
                _forget_end(until)
            raise
        return None

    def _drive(self, loop: Callable[[], None]) -> None:
        """Run `loop` while ``_going``; a call may itself run the engine, so the outer run's mark comes back."""
        outer, self._going = self._going, True
        try:
            with self._ctrl_c_between_calls():
                loop()
        finally:
            self._going = outer
        if self._interrupted:
            raise KeyboardInterrupt

    def _call_all(self) -> None:
        if self._checked:
            return self._step_all()
        while self._going:
            self.call_due()
        return None

    def _step_all(self) -> None:
        while self._going:
            self.step()

    def _halt(self, _: None) -> None:
        self._going = False

    @contextmanager
    def _ctrl_c_between_calls(self) -> Iterator[None]:
        """Hear SIGINT between two calls: in the middle of one, a popped entry or half an action would be lost."""
        plain = signal.default_int_handler
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or signal.getsignal(signal.SIGINT) is not plain:  # somebody else listens, or an outer run
            yield
            return
        self._interrupted = False
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, plain)

    def _interrupt(self, signum: int, frame: object) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        self._going = False

    def _check(self, entry: Entry) -> None:
        at, _, _, fn, arg = entry
        assert type(at) is int, f"{fn} with {arg} is due at {at!r}; the clock is an integer number of ns"
        assert at >= self._now, f"{fn} with {arg} is due at {at}, before now ({self._now})"


def _fire(event: Event) -> None:
    """Serve the waiters of a SimPy event, as ``Environment.step`` does; a plain function, so nothing is bound."""
    waiting, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # SimPy's mark: it has happened
    left = iter(waiting)
    try:
        for callback in left:
            callback(event)
    except StopSimulation:  # run() ends here; who still waits is served when it goes on
        event.callbacks = list(left)
        event.env.schedule(event, EventPriority(BEFORE_ALL))
        raise
    if not event._ok and not hasattr(event, "_defused"):
        raise type(event._value)(*event._value.args) from event._value


def _instant(until: SimTime) -> SimTime:
    try:
        return index(until)  # type: ignore[arg-type]  # numpy's integers too become plain ones
    except TypeError:
        return float(until)  # SimPy's users may keep a float clock


def _forget_end(until: Event) -> None:
    """Take the mark of a run that ended otherwise from its event, lest it end a later run."""
    if not until.processed and StopSimulation.callback in until.callbacks:
        until.callbacks.remove(StopSimulation.callback)
