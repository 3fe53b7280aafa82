"""When breakers open, against the rule itself, applied to the whole list of outcomes at every instant that counts."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.protection.breaker import State
from models.protection.guard import Outcome
from sim.units import MS, SECOND
from tests.models.protection.breakers.scripted import a_breaker

Calls = Sequence[tuple[int, bool]]

PAUSES = (0, 1, 7, 30, 120, 400, 700, 1500)


def calls_of(drawn: bytes) -> Calls:
    """Three bits of each byte say how much later a call comes, one whether it fails, the others how even it is."""
    calls, now = [], 0
    for one in drawn:
        now += (PAUSES[one & 7] + (one >> 4)) * MS
        calls.append((now, bool(one & 8)))
    return calls


CALLS = st.binary(min_size=30, max_size=60).map(calls_of)
"""Calls that end at once: when each comes, in whole milliseconds, and whether it fails."""


def opened_at(tree: Any, calls: Calls) -> int | None:
    """The first opening; with calls that all come, as if nobody heard of it."""
    breaker = a_breaker(tree)
    openings: list[int] = []
    breaker.on_change = lambda now, _, state: openings.append(now) if state is State.OPEN else None
    for now, failed in calls:
        passed = breaker.ask(now)
        if openings or passed is None:
            break
        breaker.ended(passed.ticket, Outcome(now, now, is_failure=failed))
    if not openings and calls:
        breaker.look(calls[-1][0] + 20 * SECOND)
    return openings[0] if openings else None


def failures(calls: Calls) -> int:
    return sum(failed for _, failed in calls)


@given(CALLS)
def test_hystrix_opens_at_the_first_tick_that_finds_half_failed(calls: Calls) -> None:
    tick, expected = 500 * MS, None
    end = calls[-1][0] + 20 * SECOND if calls else 0
    for at in range(tick, end + 1, tick):
        window = [one for one in calls if at - 3 * SECOND <= one[0] < at]
        if expected is None and len(window) >= 5 and 100 * failures(window) // len(window) >= 50:
            expected = at

    told = {"request_volume_threshold": 5, "rolling_window": "3s", "isolation": "none"}
    assert opened_at({"hystrix": told}, calls) == expected


@given(CALLS)
def test_resilience4j_opens_at_the_first_outcome_that_makes_it_half(calls: Calls) -> None:
    expected = None
    for k, (at, _) in enumerate(calls):
        window = calls[max(0, k + 1 - 10) : k + 1]
        if expected is None and len(window) >= 5 and 2 * failures(window) >= len(window):
            expected = at

    told = {"sliding_window_size": 10, "minimum_number_of_calls": 5}
    assert opened_at({"resilience4j": told}, calls) == expected


@given(CALLS)
def test_resilience4j_by_time_looks_at_whole_seconds_of_the_epoch(calls: Calls) -> None:
    expected = None
    for k, (at, _) in enumerate(calls):
        window = [one for one in calls[: k + 1] if one[0] // SECOND > at // SECOND - 3]
        if expected is None and len(window) >= 5 and 2 * failures(window) >= len(window):
            expected = at

    told = {"sliding_window_type": "time_based", "sliding_window_size": 3, "minimum_number_of_calls": 5}
    assert opened_at({"resilience4j": told}, calls) == expected


@given(CALLS)
def test_sentinel_java_opens_above_half_of_a_tumbling_second(calls: Calls) -> None:
    expected = None
    for k, (at, _) in enumerate(calls):
        window = [one for one in calls[: k + 1] if one[0] // SECOND == at // SECOND]
        if expected is None and len(window) >= 5 and 2 * failures(window) > len(window):
            expected = at

    assert (
        opened_at({"sentinel": {"strategy": "error_ratio", "threshold": 0.5, "retry_timeout": "2s"}}, calls) == expected
    )


@given(CALLS)
def test_sentinel_go_opens_at_a_count_of_a_window_that_slides_by_buckets(calls: Calls) -> None:
    expected, bucket = None, 200 * MS
    for k, (at, _) in enumerate(calls):
        window = [one for one in calls[: k + 1] if one[0] // bucket > at // bucket - 5]
        if expected is None and failures(window) >= 4:
            expected = at

    told = {"flavour": "go", "strategy": "error_count", "threshold": 4, "retry_timeout": "2s", "stat_interval": "1s"}
    assert opened_at({"sentinel": told | {"bucket_count": 5}}, calls) == expected


@given(CALLS)
def test_gobreaker_opens_at_the_third_failure_in_a_row(calls: Calls) -> None:
    expected = None
    for k, (at, _) in enumerate(calls):
        if expected is None and k >= 2 and failures(calls[k - 2 : k + 1]) == 3:
            expected = at

    told = {"ready_to_trip": {"consecutive_failures": 2}}
    assert opened_at({"gobreaker": told}, calls) == expected


@given(CALLS)
def test_gobreaker_rolling_opens_at_a_total_of_whole_buckets(calls: Calls) -> None:
    expected = None
    for k, (at, failed) in enumerate(calls):
        window = [one for one in calls[: k + 1] if one[0] // SECOND > at // SECOND - 3]
        if expected is None and failed and failures(window) >= 4:
            expected = at

    told = {"interval": "3s", "bucket_period": "1s", "ready_to_trip": {"total_failures": 4}}
    assert opened_at({"gobreaker": told}, calls) == expected
