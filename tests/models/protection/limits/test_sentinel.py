"""Sentinel's flow rules over time, and its system rule."""

from typing import Any

import pytest

from models.protection.guard import Outcome
from models.protection.limits.config import make_limit
from models.protection.limits.gauges import Gauges
from models.protection.limits.leap_array import LeapArray
from models.protection.limits.sentinel_config import SentinelFlowConfig, SentinelSystemConfig
from models.protection.limits.sentinel_flow import Reject, Threads, sentinel_flow
from models.protection.limits.sentinel_system import SentinelSystem
from sim.units import MS, SECOND
from tests.models.protection.limits.scripts import flood, luck


def passes(guard: Any, now_ms: float, n: int) -> int:
    return sum(guard.ask(round(now_ms * MS)) is not None for _ in range(n))


def test_a_bucket_of_the_leap_array_is_used_again_after_its_window() -> None:
    window = LeapArray()
    window.at(0).passed = 3
    window.at(500).passed = 4

    assert [window.passed(ms) for ms in (999, 1000, 1499, 1500, 5000)] == [7, 4, 4, 0, 0]


def test_reject_passes_twice_its_count_within_501_ms() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=10))

    assert passes(limit, 499, 50) + passes(limit, 500, 50) + passes(limit, 999, 50) == 10
    assert passes(limit, 1000, 50) == 10


def test_a_call_that_was_withdrawn_leaves_its_place() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=1))
    ticket = limit.ask(0)
    assert ticket is not None

    limit.withdrawn(ticket.ticket, 0)

    assert passes(limit, 1, 5) == 1


def test_a_borrowed_place_counts_in_its_own_bucket() -> None:
    limit = Reject(SentinelFlowConfig(count=10, prioritized=True))

    assert passes(limit, 0, 10) == 10
    assert passes(limit, 999, 30) == 10, "all of the bucket to come"
    assert passes(limit, 1001, 30) == 0, "which is full"
    assert passes(limit, 1501, 30) == 10, "borrowed of the one after that"


def test_a_borrowed_place_can_be_given_back() -> None:
    limit = Reject(SentinelFlowConfig(count=1, prioritized=True))
    assert passes(limit, 0, 1) == 1
    borrowed = limit.ask(700 * MS)
    assert borrowed is not None
    assert borrowed.wait == 300 * MS

    limit.withdrawn(borrowed.ticket, 800 * MS)

    assert passes(limit, 1000, 3) == 1


def test_a_place_in_the_warm_up_queue_that_nobody_uses_is_no_load() -> None:
    config = SentinelFlowConfig(count=10, behaviour="warm_up_queue", max_queueing_time=10 * SECOND)
    left, used = sentinel_flow(config), sentinel_flow(config)
    for guard in (left, used):
        tickets = [found for found in (guard.ask(0) for _ in range(30)) if found is not None]
        if guard is left:
            for found in tickets:
                guard.withdrawn(found.ticket, 0)

    def distance(guard: Any) -> int:
        """Between callers, after ten seconds."""
        first, second = guard.ask(9500 * MS), guard.ask(9500 * MS)
        return int(second.wait - first.wait)

    for second in range(1, 10):
        assert passes(used, 1000 * second, 1) == passes(left, 1000 * second, 1) == 1
    assert distance(left) > distance(used)


def test_threads_are_those_under_way() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=2, grade="thread"))
    assert isinstance(limit, Threads)

    assert passes(limit, 0, 5) == 2
    limit.ended(0, Outcome(1, 0))
    assert passes(limit, 0, 5) == 1
    limit.withdrawn(0, 1)
    assert passes(limit, 0, 5) == 1


def test_warm_up_begins_at_a_third_and_cools_down_when_it_is_quiet() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=100, behaviour="warm_up"))
    assert flood(limit, 1000, 12)[-1] == 100

    later = 120
    passed = sum(limit.ask(later * SECOND + i * MS) is not None for i in range(1000))

    assert passed == 33


def test_warm_up_stays_warm_under_load() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=100, behaviour="warm_up"))

    assert set(flood(limit, 1000, 60)[15:]) == {100}


def test_a_warm_up_queue_paces_at_a_rate_that_rises() -> None:
    limit = sentinel_flow(SentinelFlowConfig(count=100, behaviour="warm_up_queue", max_queueing_time=10 * SECOND))
    first, second = limit.ask(0), limit.ask(0)
    assert first is not None
    assert second is not None
    assert (first.wait, second.wait) == (0, 30 * MS)

    served = [0] * 30
    for i in range(1, 3000):
        now = i * 10 * MS
        found = limit.ask(now)
        if found is not None and now + found.wait < 30 * SECOND:
            served[(now + found.wait) // SECOND] += 1

    assert served[1] < 40
    assert served[-1] == pytest.approx(100, abs=1)


class Machine:
    """A system rule and the machine that it looks at."""

    def __init__(self, **config: Any) -> None:
        self.cpu = self.load = 0.0
        self.looks = 0
        gauges = Gauges(cpu=lambda _: self.cpu, load=self._load)
        self.guard = SentinelSystem(SentinelSystemConfig(**config), gauges)

    def _load(self, _: int) -> float:
        self.looks += 1
        return self.load

    def end(self, now_ms: int, took_ms: int) -> None:
        self.guard.ended(0, Outcome(now_ms * MS, (now_ms - took_ms) * MS))


def test_the_system_rule_counts_all_calls() -> None:
    machine = Machine(qps=5.0)

    assert passes(machine.guard, 0, 9) == 5
    assert machine.guard.reason == "qps"


@pytest.mark.parametrize(("implementation", "passed"), [("java", 4), ("go", 3)])
def test_java_refuses_above_its_limit_of_threads_go_at_it(implementation: str, passed: int) -> None:
    machine = Machine(max_thread=3, implementation=implementation)

    assert passes(machine.guard, 0, 9) == passed
    assert machine.guard.reason == "thread"


def test_the_system_rule_looks_at_the_mean_response_time_of_a_second() -> None:
    machine = Machine(avg_rt=100 * MS)
    assert passes(machine.guard, 0, 2) == 2
    machine.end(100, 100)
    assert passes(machine.guard, 100, 1) == 1
    machine.end(150, 150)

    assert passes(machine.guard, 200, 1) == 0
    assert machine.guard.reason == "rt"
    assert passes(machine.guard, 1000, 1) == 1, "both have left the window"


def test_load_alone_refuses_nothing_that_littles_law_lets_expect() -> None:
    machine = Machine(highest_system_load=4.0)
    assert passes(machine.guard, 0, 60) == 60
    for _ in range(50):
        machine.end(900, 100)
    machine.load = 9.0

    # the best bucket has 50 in 500 ms: 100 per second, in 100 ms each, so that 10 may be under way, as they are
    assert passes(machine.guard, 1000, 5) == 1
    assert machine.guard.reason == "load"


def test_where_nothing_has_ended_littles_law_expects_two_per_second_of_five_seconds() -> None:
    machine = Machine(highest_system_load=4.0)
    machine.load = 9.0

    assert passes(machine.guard, 0, 60) == 11


def test_processors_refuse_at_once_and_are_looked_at_once_in_a_second() -> None:
    machine = Machine(highest_cpu_usage=0.8)
    assert passes(machine.guard, 0, 1) == 1
    machine.cpu = 0.9

    assert passes(machine.guard, 999, 3) == 3
    assert passes(machine.guard, 1000, 3) == 0
    assert machine.guard.reason == "cpu"
    assert machine.looks == 2


def test_go_lets_littles_law_decide_about_processors_too() -> None:
    machine = Machine(highest_cpu_usage=0.8, implementation="go", cpu_by_bbr=True)
    machine.cpu = 0.8

    assert passes(machine.guard, 0, 20) == 11, "10 are expected of one per bucket and 5 s"


def test_who_withdraws_is_neither_under_way_nor_passed() -> None:
    machine = Machine(qps=1.0)
    found = machine.guard.ask(0)
    assert found is not None

    machine.guard.withdrawn(found.ticket, 0)

    assert machine.guard.in_flight == 0
    assert passes(machine.guard, 1, 5) == 1


def test_what_is_not_limited_passes() -> None:
    assert passes(make_limit(SentinelSystemConfig(), luck()), 0, 1000) == 1000
