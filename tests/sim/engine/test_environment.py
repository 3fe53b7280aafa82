"""Engine: one order for calls and events, SimPy's ends of a run, and what an interrupted run leaves."""

import signal
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from simpy.core import EmptySchedule, StopSimulation

from sim.engine.environment import Engine


def an_engine_with(*instants: int) -> tuple[Engine, list[int]]:
    """An engine with one call at each instant, and the log of the instants that were called."""
    engine, log = Engine(), list[int]()
    for at in instants:
        engine.call_at(at, log.append, at)
    return engine, log


def press_ctrl_c(times: int = 1) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def test_a_call_runs_at_its_instant_with_its_argument() -> None:
    engine, seen = Engine(), list[tuple[int, str]]()

    engine.call_in(5, lambda word: seen.append((engine.now, word)), "five")
    engine.run(until=10)

    assert seen == [(5, "five")]


@given(st.lists(st.integers(0, 5), max_size=60))
def test_calls_run_in_order_of_time_and_then_of_scheduling(instants: list[int]) -> None:
    engine, log = Engine(), list[tuple[int, int]]()
    for place, at in enumerate(instants):
        engine.call_at(at, log.append, (at, place))

    engine.run(until=6)

    assert log == sorted((at, place) for place, at in enumerate(instants))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40), st.booleans())
def test_calls_and_timeouts_of_simpy_share_one_order(plans: list[tuple[int, bool]], checked: bool) -> None:
    engine, log = Engine(checked=checked), list[tuple[int, int]]()
    for place, (at, as_event) in enumerate(plans):
        if as_event:
            engine.timeout(at, (at, place)).callbacks.append(lambda event: log.append(event.value))
        else:
            engine.call_at(at, log.append, (at, place))

    engine.run()

    assert log == sorted((at, place) for place, (at, _) in enumerate(plans))


@given(st.lists(st.integers(0, 9), max_size=30), st.lists(st.integers(1, 4), max_size=6))
def test_a_run_in_pieces_is_the_run_in_one(instants: list[int], pieces: list[int]) -> None:
    whole, expected = an_engine_with(*instants)
    engine, log = an_engine_with(*instants)

    whole.run(until=40)
    for piece in [*pieces, 40 - sum(pieces)]:
        engine.run(until=engine.now + piece)

    assert (log, engine.now) == (expected, whole.now)


def test_a_run_stops_before_the_calls_of_its_end_with_the_clock_on_it() -> None:
    engine, log = an_engine_with(1, 5, 5, 6)

    engine.run(until=5)

    assert (log, engine.now) == ([1], 5), "SimPy's rule: run(until=t) stops before what is due at t"


def test_an_idle_run_moves_the_clock_to_its_end() -> None:
    engine = Engine(initial_time=3)

    engine.run(until=7)

    assert engine.now == 7


def test_a_call_in_the_past_is_refused_and_nothing_is_scheduled() -> None:
    engine = Engine(initial_time=100)

    with pytest.raises(ValueError, match="before now"):
        engine.call_at(99, print)
    with pytest.raises(ValueError, match="before now"):
        engine.call_in(-1, print)

    assert engine.peek() == simpy.core.Infinity


@pytest.mark.parametrize("until", [4, 5])
def test_a_run_to_now_or_earlier_is_refused(until: int) -> None:
    engine = Engine(initial_time=5)

    with pytest.raises(ValueError, match="must be greater"):
        engine.run(until=until)


def test_the_clock_stays_a_plain_integer_when_the_end_is_numpys() -> None:
    engine = Engine()

    engine.run(until=np.int64(7))  # type: ignore[arg-type]  # what users of numpy will pass

    assert type(engine.now) is int


def test_a_run_to_an_event_returns_its_value_and_the_rest_runs_later() -> None:
    engine, log = an_engine_with(3, 7)
    event = engine.timeout(5, "five")

    assert engine.run(until=event) == "five"
    assert log == [3]
    engine.run()

    assert (log, engine.now) == ([3, 7], 7)


def test_a_run_to_an_event_that_never_happens_says_so_and_does_not_end_a_later_run() -> None:
    engine, log = an_engine_with(1)
    event = engine.event()

    with pytest.raises(RuntimeError, match="not triggered"):
        engine.run(until=event)
    event.succeed()
    engine.call_in(1, log.append, 2)
    engine.run()

    assert log == [1, 2]


def test_processes_conditions_and_resources_work_beside_calls() -> None:
    engine, log = Engine(checked=True), list[Any]()
    desk = simpy.Resource(engine, capacity=1)
    reply = engine.event()

    def customer(name: str) -> Any:
        with desk.request() as turn:
            yield turn
            got = yield engine.any_of([reply, engine.timeout(10, "gave up")])
            log.append((engine.now, name, *got.values()))

    engine.process(customer("first"))
    engine.process(customer("second"))
    engine.call_at(4, reply.succeed, "answered")
    engine.run()

    assert log == [(4, "first", "answered"), (4, "second", "answered")]


def test_a_failed_event_that_nobody_waits_for_ends_the_run() -> None:
    engine = Engine()
    engine.event().fail(OSError(99, "no port"))

    with pytest.raises(OSError, match="no port"):
        engine.run(until=5)


def test_stopping_ends_any_run_with_its_value_and_leaves_no_end_behind() -> None:
    engine, log = an_engine_with(1, 8)

    def stop(value: str) -> None:
        raise StopSimulation(value)

    engine.call_at(2, stop, "enough")

    assert engine.run(until=5) == "enough"
    assert engine.now == 2
    engine.run()
    assert log == [1, 8], "the end of the stopped run, at 5, does not end this one"


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 29))
def test_a_stopped_run_leaves_the_order_of_all_later_calls(instants: list[int], stop_at: int) -> None:
    engine, log = an_engine_with(*instants)

    def stop(_: None) -> None:
        raise StopSimulation(None)

    engine.call_at(stop_at, stop)
    engine.run(until=stop_at + 1)
    engine.run()

    assert log == sorted(instants)


def test_who_waits_for_the_event_that_ended_a_run_is_served_when_it_goes_on() -> None:
    engine, log = an_engine_with(5)
    event = engine.timeout(5)

    def wait() -> Any:
        yield event
        log.append(-5)

    engine.call_at(1, lambda _: engine.process(wait()))  # waits after run() does, so it is served after its end
    engine.run(until=event)
    assert log == [5]
    engine.run()

    assert log == [5, -5]


def test_a_step_on_an_empty_engine_says_so() -> None:
    with pytest.raises(EmptySchedule):
        Engine().step()


def test_a_call_may_run_the_engine_itself() -> None:
    engine, log = an_engine_with(3, 9)
    engine.call_at(1, lambda _: engine.run(until=5))

    engine.run(until=7)

    assert (log, engine.now) == ([3], 7)


def test_a_reserved_place_is_where_the_call_runs() -> None:
    engine, log = Engine(), list[Any]()
    place = engine.reserve()
    engine.call_at(5, log.append, "later")

    engine.call_reserved(5, place, log.append)
    engine.run()

    assert log == [place, "later"]


def test_asking_how_much_was_scheduled_changes_nothing() -> None:
    engine, _ = an_engine_with(1, 2, 3)

    assert engine.scheduled == engine.scheduled == 3
    engine.timeout(1)

    assert engine.scheduled == 4


def test_a_checked_engine_refuses_a_clock_that_is_no_integer() -> None:
    engine = Engine(checked=True)
    engine.timeout(0.5)

    with pytest.raises(AssertionError, match="integer number of ns"):
        engine.run(until=2)


def test_a_checked_engine_refuses_to_go_back() -> None:
    engine = Engine(initial_time=10, checked=True)
    engine.call_reserved(9, engine.reserve(), print)

    with pytest.raises(AssertionError, match="before now"):
        engine.run(until=20)


@pytest.mark.parametrize("end", [lambda _: 50, lambda _: None, lambda engine: engine.timeout(50)])
@pytest.mark.parametrize("checked", [False, True])
def test_ctrl_c_is_heard_after_the_call_and_nothing_is_lost(end: Callable[[Engine], Any], checked: bool) -> None:
    engine, log = Engine(checked=checked), list[Any]()

    def interrupted(_: None) -> None:
        press_ctrl_c()
        log.append("to its end")

    engine.call_at(5, interrupted)
    engine.call_at(5, log.append, "same instant")
    engine.call_at(60, log.append, "after the end")
    with pytest.raises(KeyboardInterrupt):
        engine.run(until=end(engine))
    assert (log, engine.now) == (["to its end"], 5)
    engine.run()

    assert log == ["to its end", "same instant", "after the end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_within_one_call_is_heard_at_once() -> None:
    engine, log = an_engine_with(7)

    def interrupted(_: None) -> None:
        press_ctrl_c(times=2)
        log.append(5)

    engine.call_at(5, interrupted)

    with pytest.raises(KeyboardInterrupt):
        engine.run(until=10)
    engine.run()

    assert (log, engine.now) == ([7], 7)


def test_ctrl_c_in_a_run_within_a_run_ends_both() -> None:
    engine, log = an_engine_with(4, 8)
    engine.call_at(2, lambda _: press_ctrl_c())
    engine.call_at(1, lambda _: engine.run(until=5))

    with pytest.raises(KeyboardInterrupt):
        engine.run(until=7)
    assert (log, engine.now) == ([], 2)
    engine.run()

    assert log == [4, 8]


def test_somebody_elses_signal_handler_stays_in_place() -> None:
    engine, heard = Engine(), list[int]()
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    engine.call_at(1, lambda _: press_ctrl_c())

    engine.run(until=5)
    signal.signal(signal.SIGINT, before)

    assert (heard, engine.now) == ([signal.SIGINT], 5)


def test_an_engine_runs_in_a_thread() -> None:
    engine, log = an_engine_with(1, 2)

    thread = threading.Thread(target=engine.run, args=(5,))
    thread.start()
    thread.join()

    assert (log, engine.now) == ([1, 2], 5)
