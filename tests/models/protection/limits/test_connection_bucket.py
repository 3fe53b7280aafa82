"""A bucket of each connection that closes, delays or refuses: a loop of clients against the closed forms.

Fluid: a connection with B tokens lasts B / (lambda - r), then it is down for d; what comes meanwhile is lost or waits.
"""

import pytest

from models.protection.limits.connection_bucket import ConnectionBucket, ConnectionBucketConfig, Verdict
from sim.units import MS, SECOND
from tests.models.protection.limits.scripts import arrivals

TOKENS, REFILL = 100, 100.0
SHEET = [
    (200, 0.010, 198.0, 0.990), (200, 1.0, 100.0, 0.500), (500, 0.0015, 497.0, 3.976), (500, 0.1, 357.1, 2.857),
    (500, 2.0, 55.6, 0.444), (1000, 0.1, 526.3, 4.737),
]  # fmt: skip
"""Demand, time down (s); served and closes per second."""


def served_per_second(demand: float, down: float, refill: float = REFILL) -> float:
    return demand * TOKENS / (TOKENS + down * (demand - refill))


def closes_per_second(demand: float, down: float, refill: float = REFILL) -> float:
    return 1 / (TOKENS / (demand - refill) + down)


def loop(config: ConnectionBucketConfig, demand: float, down: float, seconds: float) -> tuple[float, float]:
    """Served and closes per second of one connection; what comes while it is down is lost."""
    bucket, open_at, served, closes, now = ConnectionBucket(config, 0), 0, 0, 0, 0
    for now in arrivals(demand, round(demand * seconds)):
        if now < open_at:
            continue
        if open_at:
            bucket, open_at = ConnectionBucket(config, open_at), 0
        verdict, _ = bucket.take(now)
        served += verdict is Verdict.SERVE
        if verdict is Verdict.CLOSE:
            closes, open_at = closes + 1, now + round(down * SECOND)
    return served * SECOND / now, closes * SECOND / now


@pytest.mark.parametrize(("demand", "down", "served", "closes"), SHEET)
def test_a_bucket_that_closes_serves_what_the_closed_form_says(
    demand: float, down: float, served: float, closes: float
) -> None:
    found = loop(ConnectionBucketConfig(), demand, down, seconds=min(600.0, 400 / closes))

    assert served_per_second(demand, down) == pytest.approx(served, rel=0.001)
    assert closes_per_second(demand, down) == pytest.approx(closes, rel=0.002)
    # the request that meets the empty bucket is lost
    assert found == pytest.approx((served - closes, closes), rel=0.02)


def test_below_a_second_of_down_time_the_limit_leaks_and_above_it_punishes() -> None:
    assert [served_per_second(demand, 1.0) for demand in (200, 500, 5000)] == pytest.approx([REFILL] * 3)
    assert served_per_second(500, 0.5) > REFILL > served_per_second(500, 1.5)


def test_without_a_refill_a_connection_carries_its_tokens_and_no_more() -> None:
    served, closes = loop(ConnectionBucketConfig(refill_interval=None), 300, 0.2, seconds=200)

    assert served == pytest.approx(served_per_second(300, 0.2, refill=0.0), rel=0.02)
    assert served / closes == pytest.approx(TOKENS, rel=0.02), "the last connection is still open"


@pytest.mark.parametrize(("demand", "down", "expected"), [(500, 0.1, 499.6), (500, 1.0, 100.0), (500, 2.0, 50.0)])
def test_a_client_that_queues_while_it_redials_gets_all_or_a_bucket_for_each_dial(
    demand: float, down: float, expected: float
) -> None:
    config, instants = ConnectionBucketConfig(), list(arrivals(demand, 100_000))
    bucket, now, served = ConnectionBucket(config, 0), 0, 0
    for arrived_at in instants:
        now = max(now, arrived_at)
        if bucket.take(now).verdict is Verdict.CLOSE:
            now += round(down * SECOND)
            bucket = ConnectionBucket(config, now)
            bucket.take(now)
        served += 1

    assert served / now * SECOND == pytest.approx(expected, rel=0.02)
    assert served / now * SECOND == pytest.approx(min(demand, TOKENS / down), rel=0.02)


def test_a_bucket_that_refuses_keeps_its_connection_and_its_rate() -> None:
    served, closes = loop(ConnectionBucketConfig(on_empty="refuse"), 500, 0.1, seconds=100)

    assert served == pytest.approx(REFILL + TOKENS / 100, rel=0.001), "the rate, and once the bucket"
    assert closes == 0


def test_a_bucket_that_delays_paces_at_its_rate_and_loses_nothing() -> None:
    bucket = ConnectionBucket(ConnectionBucketConfig(on_empty="delay"), 0)
    instants = [i * 2 * MS for i in range(1000)]

    leaves = [now + bucket.take(now).wait for now in instants]

    assert leaves[-1] - leaves[-2] == 10 * MS
    assert leaves == sorted(leaves)
    assert leaves[-1] == (1000 - TOKENS) * 10 * MS


def test_a_token_comes_back_ten_ms_after_the_last_one_came() -> None:
    bucket = ConnectionBucket(ConnectionBucketConfig(tokens=2), 0)
    assert [bucket.take(5 * MS).verdict, bucket.take(5 * MS).verdict] == [Verdict.SERVE] * 2

    assert bucket.take(15 * MS - 1).verdict is Verdict.CLOSE
    assert bucket.take(15 * MS).verdict is Verdict.SERVE
    assert bucket.take(24 * MS).verdict is Verdict.CLOSE
    assert bucket.take(25 * MS).verdict is Verdict.SERVE
