"""Budgets of retries: cases by hand for each kind, and that none is ever exceeded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protection.retry.budget import AwsQuota, Budget, GrpcThrottling, ShareOfCalls
from sim.units import MS, SECOND

TIMEOUT, OTHER = {"error", "timeout"}, {"error"}


def takes(budget: Budget, n: int, now: int = 0, kinds: set[str] = OTHER) -> list[bool]:
    return [budget.take(now, kinds) is not None for _ in range(n)]


def test_without_a_budget_all_are_tried_again() -> None:
    assert all(takes(Budget(), 1000))


def test_grpc_stops_at_half_of_the_tokens_and_goes_on_above() -> None:
    budget = GrpcThrottling(max_tokens=10, token_ratio=0.1).make()
    seen = []
    for _ in range(6):
        budget.failed(0)
        seen += takes(budget, 1)

    assert seen == [True] * 4 + [False] * 2  # 9, 8, 7, 6 tokens, then 5 and 4
    for _ in range(10):
        budget.succeeded(0, None)
    assert takes(budget, 1) == [False]  # 5 are half, not more
    budget.succeeded(0, None)
    assert takes(budget, 1) == [True]


def test_three_decimals_of_grpcs_ratio_count() -> None:
    budget = GrpcThrottling(max_tokens=2, token_ratio=0.0019).make()
    budget.failed(0)
    budget.succeeded(0, None)

    assert budget.tokens == pytest.approx(1.001)  # type: ignore[attr-defined]


def test_aws_pays_more_for_a_timeout_and_gives_back_what_the_last_retry_cost() -> None:
    budget = AwsQuota(capacity=20, cost=5, timeout_cost=10).make()

    assert [budget.take(0, TIMEOUT), budget.take(0, OTHER)] == [10, 5]
    assert budget.take(0, TIMEOUT) is None
    budget.succeeded(0, 5)
    assert budget.take(0, TIMEOUT) == 10
    for _ in range(5):
        budget.succeeded(0, None)
    assert budget.take(0, OTHER) == 5
    for _ in range(100):
        budget.succeeded(0, 5)
    assert budget.tokens == 20  # type: ignore[attr-defined]


def test_aws_500_tokens_are_100_retries_or_50_after_timeouts() -> None:
    assert sum(takes(AwsQuota().make(), 200)) == 100
    assert sum(takes(AwsQuota().make(), 200, kinds=TIMEOUT)) == 50


def test_aws_new_mode_pays_less_for_throttling() -> None:
    budget = AwsQuota(cost=14, timeout_cost=14).make()

    assert [budget.take(0, kinds) for kinds in (OTHER, TIMEOUT, {"throttled"})] == [14, 14, 5]


def test_finagle_lends_its_reserve_and_a_fifth_of_the_calls() -> None:
    budget = ShareOfCalls(share=0.2, reserve=10, ttl=10 * SECOND).make()
    assert sum(takes(budget, 200)) == 100

    fresh = ShareOfCalls(share=0.2, reserve=0, ttl=10 * SECOND).make()
    assert takes(fresh, 1) == [False]
    for _ in range(50):
        fresh.sent(0)
    assert sum(takes(fresh, 50)) == 10


def test_finagles_deposits_grow_old_in_ten_parts() -> None:
    budget = ShareOfCalls(share=1.0, reserve=0, ttl=10 * SECOND).make()
    budget.sent(500 * MS)
    budget.sent(9_500 * MS)

    assert budget.balance(9_999 * MS) == 2  # type: ignore[attr-defined]
    assert budget.balance(10_000 * MS) == 1  # type: ignore[attr-defined]
    assert budget.balance(19_000 * MS) == 0  # type: ignore[attr-defined]


STEPS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["sent", "take", "take", "failed", "ok"])), max_size=200
)


@given(STEPS, st.floats(0, 1), st.floats(0, 5))
def test_a_share_is_never_exceeded(steps: list[tuple[int, str]], share: float, reserve: float) -> None:
    """Over any ten seconds: at most the reserve, and the share of the calls of those and the ten seconds before."""
    budget = ShareOfCalls(share=share, reserve=reserve, ttl=10 * SECOND).make()
    now, calls, retries = 0, [], []
    for gap, what in steps:
        now += gap * MS
        if what == "sent":
            budget.sent(now)
            calls.append(now)
        elif what == "take" and budget.take(now, OTHER) is not None:
            retries.append(now)
        recent = sum(at > now - 10 * SECOND for at in retries)
        before = sum(at > now - 20 * SECOND for at in calls)
        assert recent <= 2 * reserve * 10 + share * before + 1e-6


@given(STEPS, st.integers(1, 50), st.integers(0, 20), st.integers(0, 20))
def test_a_quota_is_never_overdrawn(steps: list[tuple[int, str]], capacity: int, cost: int, timeout: int) -> None:
    budget = AwsQuota(capacity=capacity, cost=cost, timeout_cost=timeout).make()
    paid = None
    for _, what in steps:
        if what == "take":
            paid = budget.take(0, OTHER)
        elif what == "ok":
            budget.succeeded(0, paid)
        assert 0 <= budget.tokens <= capacity  # type: ignore[attr-defined]
