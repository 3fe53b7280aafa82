"""Clients that hold themselves back: Google's throttle in its steady state, the CUBIC rate of AWS."""

from collections import deque

import pytest

from models.protection.guard import Outcome
from models.protection.limits.aws_adaptive import AwsAdaptive, AwsAdaptiveConfig
from models.protection.limits.sre_throttle import SreThrottle, SreThrottleConfig
from models.protection.limits.token_bucket import TokenBucket, TokenBucketConfig
from sim.units import MINUTE, MS, SECOND
from tests.models.protection.limits.scripts import arrivals, luck


def steady(k: float, burst: int = 10) -> tuple[float, float]:
    """Calls sent and accepted per second, from the third minute on, of 400 calls per second on a backend for 100."""
    throttle = SreThrottle(SreThrottleConfig(k=k), luck())
    backend = TokenBucket(TokenBucketConfig(rate=100.0, burst=burst))
    sent = accepted = measured = 0
    for now in arrivals(400, 120_000):
        if throttle.ask(now) is None:
            continue
        is_accepted = backend.ask(now) is not None
        throttle.ended(0, Outcome(now, now, not is_accepted))
        if now >= 3 * MINUTE:
            sent, accepted, measured = sent + 1, accepted + is_accepted, now - 3 * MINUTE
    return sent * SECOND / measured, accepted * SECOND / measured


def test_a_throttled_client_sends_k_times_what_is_accepted() -> None:
    sent, accepted = steady(2.0)

    assert sent == pytest.approx(200.4, rel=0.03)
    assert accepted == pytest.approx(100.0, rel=0.02)


def test_a_small_k_leaves_capacity_unused() -> None:
    sent, accepted = steady(1.1, burst=3)

    # how much depends on how many at once its backend takes: 66 of 100 with 3, 80 with 4
    assert accepted < 75
    assert sent == pytest.approx(1.1 * accepted, rel=0.05)


def test_a_client_whose_calls_are_accepted_refuses_none() -> None:
    throttle = SreThrottle(SreThrottleConfig(), luck())

    for now in arrivals(100, 2000):
        assert throttle.ask(now) is not None
        throttle.ended(0, Outcome(now, now))


@pytest.mark.parametrize("how", [{"is_failure": True}, {"is_throttled": True}, {"is_ignored": True}])
def test_what_failed_was_throttled_or_given_up_was_not_accepted(how: dict[str, bool]) -> None:
    throttle = SreThrottle(SreThrottleConfig(), lambda: 0.999_999)
    for _ in range(9):
        throttle.ask(0)
        throttle.ended(0, Outcome(0, 0, **how))

    assert (throttle.requests, throttle.accepts, throttle.chance) == (9, 0, 0.9)


def test_calls_are_forgotten_after_two_minutes() -> None:
    throttle = SreThrottle(SreThrottleConfig(), lambda: 0.999_999)
    for _ in range(50):
        assert throttle.ask(0) is not None
    assert throttle.chance == pytest.approx(50 / 51)

    assert throttle.ask(119 * SECOND) is not None
    assert throttle.requests == 51
    assert throttle.ask(2 * MINUTE) is not None
    assert throttle.requests == 2


def aws(until: int, capacity: float) -> tuple[AwsAdaptive, list[int]]:
    """Ten callers without pause, 20 ms a call, on a service that throttles; calls sent in each second."""
    limit, service = AwsAdaptive(AwsAdaptiveConfig()), TokenBucket(TokenBucketConfig(rate=capacity, burst=10))
    sent = [0] * (until // SECOND + 10)
    due = deque((0, worker) for worker in range(10))
    while due and due[0][0] < until:
        now, worker = due.popleft()
        found = limit.ask(now)
        assert found is not None
        began_at = now + found.wait
        sent[min(began_at // SECOND, len(sent) - 1)] += 1
        is_throttled = service.ask(began_at) is None
        limit.ended(found.ticket, Outcome(began_at + 20 * MS, began_at, is_throttled, is_throttled=is_throttled))
        due.append((began_at + 20 * MS, worker))
        due = deque(sorted(due))
    return limit, sent


def test_aws_lets_everything_pass_until_the_first_throttling() -> None:
    limit, sent = aws(5 * SECOND, capacity=1000)

    assert not limit.is_enabled
    assert sent[1:4] == [500] * 3


def test_aws_comes_down_to_what_its_service_can_do() -> None:
    limit, sent = aws(60 * SECOND, capacity=50)

    assert limit.is_enabled
    assert sum(sent[20:50]) / 30 == pytest.approx(50, rel=0.25)


def test_aws_multiplies_by_its_beta_and_returns_after_k_seconds() -> None:
    limit = AwsAdaptive(AwsAdaptiveConfig())
    for i in range(401):
        limit.ended(0, Outcome(i * 10 * MS, 0))
    assert limit.measured_rate == pytest.approx(100, rel=0.01)

    limit.ended(0, Outcome(4010 * MS, 0, is_failure=True, is_throttled=True))
    low = limit.max_rate
    k = (0.3 * limit.measured_rate / 0.4) ** (1 / 3)
    rates = []
    for i in range(1, int(k * 100)):
        limit.ended(0, Outcome(4010 * MS + i * 10 * MS, 0))
        rates.append(limit.max_rate)

    assert low == pytest.approx(70, rel=0.01)
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(100, rel=0.01)


def test_aws_never_goes_above_twice_what_it_measures_and_fills_by_half_a_call() -> None:
    limit = AwsAdaptive(AwsAdaptiveConfig())
    limit.ended(0, Outcome(SECOND, 0, is_failure=True, is_throttled=True))
    limit.ended(0, Outcome(60 * SECOND, 0))

    assert limit.max_rate == 2 * limit.measured_rate
    assert limit.ask(60 * SECOND) is not None
    found = limit.ask(60 * SECOND)
    assert found is not None
    assert found.wait <= 2 * SECOND
