"""Timer and TimeoutQueue against the slow, obvious way: one call each, checked when it comes up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.environment import Engine
from sim.engine.timers import NEVER, TimeoutQueue, Timer


class EagerTimer:
    """One call for each arming; those that were overtaken do nothing. The reference for Timer."""

    def __init__(self, engine: Engine, fn: Callable[[Any], object], arg: Any = None) -> None:
        self._engine, self._fn, self._arg = engine, fn, arg
        self._armings, self._live = 0, 0

    def arm(self, deadline: int) -> None:
        self._armings += 1
        self._live = self._armings
        self._engine.call_at(deadline, self._wake, self._armings)

    def cancel(self) -> None:
        self._live = 0

    def _wake(self, arming: int) -> None:
        if arming == self._live:
            self._live = 0
            self._fn(self._arg)


@dataclass
class Waiting:
    number: int
    done: bool = False


@dataclass
class EagerQueue:
    """One call for each item. The reference for TimeoutQueue."""

    engine: Engine
    delay: int
    expire: Callable[[Waiting], object]
    items: list[Waiting] = field(default_factory=list)

    def push(self, item: Waiting) -> None:
        self.engine.call_in(self.delay, lambda _: None if item.done else self.expire(item))


class MakesTimers(Protocol):
    def __call__(self, engine: Engine, fn: Callable[[Any], object], arg: Any = None, /) -> Timer | EagerTimer: ...


class MakesQueues(Protocol):
    def __call__(
        self, engine: Engine, delay: int, expire: Callable[[Waiting], object], /
    ) -> TimeoutQueue[Waiting] | EagerQueue: ...


Orders = list[tuple[int, int, int | None]]
"""When, which timer, and the delay to arm it with; None cancels."""
ORDERS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 12))), max_size=40
)


def firings(make: MakesTimers, orders: Orders, rearm: int | None) -> list[tuple[int, object]]:
    """What happens, in order: firings, and plain calls that stand among them at the same instants."""
    engine, log = Engine(checked=True), list[tuple[int, object]]()
    left = [2, 2, 2]

    def fired(which: int) -> None:
        log.append((engine.now, f"timer {which}"))
        if rearm is not None and left[which]:
            left[which] -= 1
            timers[which].arm(engine.now + rearm)

    timers = [make(engine, fired, which) for which in range(3)]

    def obey(order: tuple[int, int, int | None]) -> None:
        _, which, delay = order
        if delay is None:
            timers[which].cancel()
        else:
            timers[which].arm(engine.now + delay)
            engine.call_in(delay, lambda _: log.append((engine.now, f"call of {order}")))

    for order in orders:
        engine.call_at(order[0], obey, order)
    engine.run(until=200)
    return log


@given(ORDERS, st.one_of(st.none(), st.integers(0, 5)))
def test_lazy_timers_fire_when_and_where_one_call_for_each_arming_would(orders: Orders, rearm: int | None) -> None:
    assert firings(Timer, orders, rearm) == firings(EagerTimer, orders, rearm)


def expiries(make: MakesQueues, pushes: list[tuple[int, int | None]], delays: list[int]) -> list[tuple[int, object]]:
    """Expiries of two queues, in one order; each push is (instant, when the item is done)."""
    engine, log = Engine(checked=True), list[tuple[int, object]]()
    items = [Waiting(number) for number in range(len(pushes))]
    queues = [make(engine, delay, lambda item: log.append((engine.now, item.number))) for delay in delays]

    def push(item: Waiting) -> None:
        queues[item.number % len(queues)].push(item)
        engine.call_in(delays[0], lambda _: log.append((engine.now, f"call beside {item.number}")))

    def finish(item: Waiting) -> None:
        item.done = True

    for item, (pushed_at, done_after) in zip(items, pushes, strict=True):
        engine.call_at(pushed_at, push, item)
        if done_after is not None:
            engine.call_at(pushed_at + done_after, finish, item)
    engine.run(until=200)
    return log


@given(
    st.lists(st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 15))), max_size=40),
    st.lists(st.integers(0, 9), min_size=1, max_size=2),
)
def test_a_timeout_queue_expires_what_one_call_for_each_item_would(
    pushes: list[tuple[int, int | None]], delays: list[int]
) -> None:
    assert expiries(TimeoutQueue, pushes, delays) == expiries(EagerQueue, pushes, delays)


def test_moving_a_deadline_later_or_cancelling_leaves_the_queue_alone() -> None:
    engine, log = Engine(), list[int]()
    timer = Timer(engine, lambda _: log.append(engine.now))
    timer.arm(10)

    for deadline in range(11, 1000):
        timer.arm(deadline)
    assert len(engine._queue) == 1
    timer.cancel()

    engine.run(until=2000)
    assert (log, len(engine._queue)) == ([], 0)


def test_an_entry_that_was_overtaken_dies_alone() -> None:
    engine = Engine()
    timer = Timer(engine, lambda _: timer.arm(100) if engine.now < 100 else None)
    timer.arm(10)
    timer.arm(5)

    engine.run(until=11)

    assert (timer.deadline, len(engine._queue)) == (100, 1), "the entry at 10 adds no second one for 100"


def test_a_timer_says_its_deadline_and_never_when_it_has_none() -> None:
    engine = Engine()
    timer = Timer(engine, lambda _: None)
    assert timer.deadline == NEVER

    timer.arm(10)
    assert timer.deadline == 10
    engine.run(until=11)

    assert timer.deadline == NEVER


def test_a_deadline_in_the_past_is_refused_and_the_timer_stays_armed() -> None:
    engine, log = Engine(initial_time=5), list[int]()
    timer = Timer(engine, lambda _: log.append(engine.now))
    timer.arm(8)

    with pytest.raises(ValueError, match="before now"):
        timer.arm(4)
    engine.run(until=10)

    assert log == [8]


def test_a_thousand_waiting_items_need_one_entry() -> None:
    engine, expired = Engine(), list[int]()
    queue = TimeoutQueue[Waiting](engine, 100, lambda item: expired.append(item.number))

    for number in range(1000):
        queue.push(Waiting(number))
    assert (len(queue), len(engine._queue)) == (1000, 1)
    engine.run(until=101)

    assert expired == list(range(1000))


def test_done_items_at_the_head_leave_with_the_next_push() -> None:
    engine = Engine()
    queue = TimeoutQueue[Waiting](engine, 100, lambda item: None)
    first = Waiting(1)
    queue.push(first)

    first.done = True
    queue.push(Waiting(2))

    assert len(queue) == 1


def test_an_expiry_that_raises_does_not_stop_those_after_it() -> None:
    engine, expired = Engine(), list[int]()

    def expire(item: Waiting) -> None:
        expired.append(item.number)
        assert item.number != 0

    queue = TimeoutQueue[Waiting](engine, 5, expire)
    queue.push(Waiting(0))
    queue.push(Waiting(1))
    with pytest.raises(AssertionError):
        engine.run(until=10)
    engine.run(until=10)

    assert expired == [0, 1]


def test_an_item_finished_by_the_expiry_before_it_does_not_expire() -> None:
    engine, expired = Engine(), list[int]()
    first, second = Waiting(1), Waiting(2)

    def expire(item: Waiting) -> None:
        expired.append(item.number)
        second.done = True

    queue = TimeoutQueue[Waiting](engine, 5, expire)
    queue.push(first)
    queue.push(second)
    engine.run(until=10)

    assert expired == [1]


def test_a_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        TimeoutQueue[Waiting](Engine(), -1, lambda item: None)
