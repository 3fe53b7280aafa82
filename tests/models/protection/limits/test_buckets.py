"""What buckets do beyond scripts: cancelled reservations, prepaid permits, shares that are enforced, lost traffic."""

import pytest

from models.protection.limits.config import make_limit
from models.protection.limits.envoy_bucket import EnvoyBucket, EnvoyLocalConfig
from models.protection.limits.gcra import Gcra, GcraConfig
from models.protection.limits.guava import GuavaBurstyConfig, GuavaWarmingUpConfig, SmoothBursty, SmoothWarmingUp
from models.protection.limits.nginx_bucket import NginxConfig
from models.protection.limits.token_bucket import TokenBucket, TokenBucketConfig
from sim.units import MS, SECOND
from tests.models.protection.limits.scripts import arrivals, luck

DEAD_TIME_MS = 10
"""Of nginx at 100/s without a burst, in whole ms of its clock."""


def test_a_cancelled_reservation_gives_back_what_was_not_reserved_after_it() -> None:
    bucket = TokenBucket(TokenBucketConfig(rate=3.0, burst=1, max_wait=None))

    assert [bucket.reserve(0, 1) for _ in range(3)] == [0, 333_333_333, 666_666_666]
    assert bucket.tokens == -2
    assert bucket.reserve(0, 2) is None, "more than the burst"
    bucket.cancel(666_666_666, 1, 0)
    assert bucket.tokens == -1
    assert bucket.reserve(0, 1) == 666_666_666
    bucket.cancel(333_333_333, 1, 0)
    assert bucket.tokens == pytest.approx(-2, abs=1e-8)


def test_a_caller_who_leaves_before_his_turn_gives_his_token_back() -> None:
    bucket = make_limit(TokenBucketConfig(rate=10.0, burst=1, max_wait=None), luck())
    passes = [bucket.ask(0) for _ in range(3)]
    last = passes[-1]
    assert last is not None
    assert last.wait == 200 * MS

    bucket.withdrawn(last.ticket, 50 * MS)

    following = bucket.ask(50 * MS)
    assert following is not None
    assert following.wait == 150 * MS


def test_a_token_whose_time_is_over_is_not_given_back() -> None:
    bucket = TokenBucket(TokenBucketConfig(rate=1.0, burst=1))
    assert bucket.ask(0) is not None

    bucket.withdrawn(0, 1)

    assert bucket.ask(1) is None


def test_gcra_says_when_to_try_again_and_how_many_are_left() -> None:
    limit = Gcra(GcraConfig(rate=10.0, burst=4))

    assert [limit.take(0, 2), limit.remaining] == [True, 3]
    assert [limit.take(0, 4), limit.retry_after, limit.remaining] == [False, 100 * MS, 3]
    assert [limit.take(0, 6), limit.retry_after] == [False, None], "more than ever fit"
    assert [limit.take(0, 3), limit.remaining] == [True, 0]


def test_guava_lets_a_large_call_pass_at_once_and_the_next_one_pays() -> None:
    limit = SmoothBursty(GuavaBurstyConfig(rate=10.0))

    assert [limit.acquire(0, 50), limit.acquire(0, 1), limit.acquire(0, 1)] == [0, 5 * SECOND, 5 * SECOND + 100 * MS]


def test_guava_stores_permits_of_a_second() -> None:
    limit = SmoothBursty(GuavaBurstyConfig(rate=10.0))

    waits = [limit.acquire(60 * SECOND, 1) for _ in range(12)]

    assert waits == [0] * 11 + [100 * MS]


def test_guava_warms_up_in_its_time_and_is_half_as_long_warm_on_stored_permits() -> None:
    limit = SmoothWarmingUp(GuavaWarmingUpConfig(rate=10.0, warmup=4 * SECOND))
    stored = limit.stored

    def spent(n: float) -> int:
        """How long so many permits take, one by one, with no pause between them."""
        before = limit.acquire(0, 1)
        for _ in range(round(n) - 1):
            limit.acquire(0, 1)
        return limit.acquire(0, 1) - before

    assert stored == pytest.approx(40), "20 below the threshold, 20 above it"
    assert limit.acquire(0, 1) == 0
    # the first permit, the one above and that after the loop are part of the 20
    assert spent(19) == pytest.approx(4 * SECOND, rel=0.1)
    assert limit.stored == pytest.approx(40 - 21)


def test_guava_warming_up_begins_at_a_third_of_its_rate() -> None:
    limit = SmoothWarmingUp(GuavaWarmingUpConfig(rate=10.0, warmup=10 * SECOND))

    waits = [limit.acquire(0, 1) for _ in range(120)]

    assert waits[1] - waits[0] == pytest.approx(300 * MS, rel=0.02)
    assert waits[-1] - waits[-2] == 100 * MS


@pytest.mark.parametrize(("enabled", "enforced", "refused"), [(1.0, 0.25, 0.25), (0.5, 1.0, 0.5), (1.0, 0.0, 0.0)])
def test_envoy_asks_for_a_share_and_enforces_a_share(enabled: float, enforced: float, refused: float) -> None:
    config = EnvoyLocalConfig(
        max_tokens=1, fill_interval=1000 * SECOND, filter_enabled=enabled, filter_enforced=enforced
    )
    limit = EnvoyBucket(config, luck())

    share = sum(limit.ask(0) is None for _ in range(4000)) / 4000

    assert share == pytest.approx(refused, abs=0.03)


@pytest.mark.parametrize(("rate", "served"), [(50, 33.9), (100, 51.4), (200, 69.0), (1000, 94.5)])
def test_nginx_without_a_burst_loses_much_of_poisson_traffic(rate: float, served: float) -> None:
    limit = make_limit(NginxConfig(rate=100.0), luck())
    instants = list(arrivals(rate, 40_000))

    passed = sum(limit.ask(now) is not None for now in instants) / instants[-1] * SECOND

    assert passed == pytest.approx(served, rel=0.015)
    # a dead time of 10 whole ms, which on average begins half a ms before the request
    assert passed == pytest.approx(rate / (1 + rate * (DEAD_TIME_MS - 0.5) / 1000), rel=0.02)


@pytest.mark.parametrize(("status", "answered"), [(429, 429), (200, 429), (0, 429), (503, 503)])
def test_envoy_answers_429_where_its_status_is_no_error(status: int, answered: int) -> None:
    limit = EnvoyBucket(EnvoyLocalConfig(max_tokens=1, fill_interval=SECOND, status=status), luck())

    assert limit.refusal_status == answered
