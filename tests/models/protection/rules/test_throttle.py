"""A token bucket that begins with a match."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.protection.guard import Outcome, Pass
from models.protection.rules.action import ThrottleAction
from models.protection.rules.throttle import Throttle
from sim.units import MS, SECOND


def a_throttle(**fields: Any) -> Throttle:
    return Throttle(ThrottleAction(**fields), 2, "limit")


def matched(at: int, rule: int = 2) -> Outcome:
    return Outcome(at, at, rule=rule)


def waited(passed: Pass | None) -> int | None:
    return None if passed is None else passed.wait


def test_nothing_is_throttled_before_the_first_match() -> None:
    throttle = a_throttle(bucket=1, refill=1.0)

    throttle.ended(0, matched(0, rule=1))

    assert [waited(throttle.ask(0)) for _ in range(3)] == [0] * 3


def test_the_first_match_starts_a_full_bucket_and_the_refill_follows() -> None:
    throttle = a_throttle(bucket=3, refill=50.0)
    throttle.ended(0, matched(SECOND))

    passed = [throttle.ask(SECOND + i * 10 * MS) is not None for i in range(8)]

    assert passed == [True, True, True, True, True, False, True, False], "3 tokens, and one more each 20 ms"
    assert (throttle.refusal_status, throttle.refusal_text) == (0, "throttled by rule limit")
    assert throttle.reason == "rate"


def test_an_empty_start_holds_to_the_rate_at_once() -> None:
    throttle = a_throttle(bucket=1000, refill=50.0, start="empty")
    throttle.ended(0, matched(0))

    assert [throttle.ask(t * MS) is not None for t in (0, 19, 20, 21, 40)] == [False, False, True, False, True]


def test_a_second_match_does_not_fill_the_bucket_again() -> None:
    throttle = a_throttle(bucket=1, refill=1.0)
    throttle.ended(0, matched(0))
    throttle.ask(0)

    throttle.ended(0, matched(1))

    assert throttle.ask(2) is None


def test_a_try_may_wait_for_its_token_and_one_that_leaves_gives_it_back() -> None:
    throttle = a_throttle(bucket=1, refill=50.0, max_wait=30 * MS)
    throttle.ended(0, matched(0))

    first, second, third = throttle.ask(0), throttle.ask(0), throttle.ask(0)
    assert (waited(first), waited(second), third) == (0, 20 * MS, None)
    assert second is not None

    throttle.withdrawn(second.ticket, 10 * MS)
    assert waited(throttle.ask(10 * MS)) == 10 * MS


def test_a_token_that_was_to_be_used_already_is_gone() -> None:
    throttle = a_throttle(bucket=1, refill=1.0)
    throttle.ended(0, matched(0))
    first = throttle.ask(SECOND)
    assert first is not None

    throttle.withdrawn(first.ticket, SECOND + MS)  # as CancelAt of x/time/rate has it

    assert throttle.ask(SECOND + MS) is None


def test_who_took_no_token_gives_none_back() -> None:
    throttle = a_throttle(bucket=1, refill=0.001)
    early = throttle.ask(0)
    assert early is not None
    throttle.ended(0, matched(0))
    throttle.ask(0)

    throttle.withdrawn(early.ticket, 0)

    assert throttle.ask(0) is None


def test_it_ends_when_nothing_has_matched_for_so_long() -> None:
    throttle = a_throttle(bucket=1, refill=0.001, for_=5 * SECOND)
    throttle.ended(0, matched(0))
    throttle.ended(0, matched(SECOND))

    throttle.ask(0)
    seen = [throttle.ask(t * SECOND) is not None for t in (5, 6, 6)]

    assert seen == [False, True, True]


@given(
    st.integers(1, 20), st.integers(1, 200), st.lists(st.integers(0, 200 * MS), min_size=1, max_size=60),
)  # fmt: skip
def test_no_span_of_time_lets_more_pass_than_bucket_and_refill(bucket: int, refill: int, gaps: list[int]) -> None:
    throttle = a_throttle(bucket=bucket, refill=float(refill))
    throttle.ended(0, matched(0))
    now, passed = 0, []
    for gap in gaps:
        now += gap
        if throttle.ask(now) is not None:
            passed.append(now)

    spans = [(passed[j] - passed[i], j - i + 1) for i in range(len(passed)) for j in range(i, len(passed))]
    assert all(n <= bucket + span * refill / SECOND + 1e-6 for span, n in spans)
