"""Retries under way at a time: how many there may be of how many tries, and what of a call counts as one."""

import pytest

from models.protection.breakers.envoy_limits import EnvoyLimits
from models.protection.guards import make_guard
from models.protection.retry.budget import Budget
from models.protection.retry.concurrent import Concurrent, ConcurrentBudget
from sim.wiring import load_tree
from tests.keys.case import BASE
from tests.models.protection.guarded import a_world, calls


def takes(budget: Budget, n: int) -> list[bool]:
    return [budget.take(0, set()) is not None for _ in range(n)]


def of_tries(tries: int, share: float, least: int) -> Budget:
    budget = Concurrent(max_retries=least, share=share).make()
    for _ in range(tries):
        budget.began()
    return budget


def of_limits(tries: int, share: float, least: int) -> Budget:
    given = f"retry_budget: {{budget_percent: {100 * share:g}, min_retry_concurrency: {least}}}"
    config = load_tree(BASE, [f"clients.gw.guards=[{{envoy: {{{given}}}}}]"]).clients["gw"].guards[0]
    limits = make_guard(config, "a", lambda: 0.5)
    assert isinstance(limits, EnvoyLimits)
    limits.requests.active, limits.pending.active = tries - tries // 3, tries // 3
    return ConcurrentBudget(limits.retries)


def test_envoy_counts_the_retries_under_way() -> None:
    budget = Concurrent(max_retries=3).make()

    assert takes(budget, 4) == [True, True, True, False]
    budget.finished()
    assert takes(budget, 2) == [True, False]


@pytest.mark.parametrize("make", [of_tries, of_limits])
@pytest.mark.parametrize(
    ("tries", "share", "least", "allowed"),
    [(14, 0.2, 1, 2), (15, 0.2, 1, 3), (4, 0.2, 1, 1), (0, 0.2, 3, 3), (100, 0.29, 0, 28), (100, 0.3, 0, 30)],
)
def test_a_budget_is_the_same_wherever_it_is_written(  # parameters: a case
    make: type, tries: int, share: float, least: int, allowed: int
) -> None:
    assert sum(takes(make(tries, share, least), 100)) == allowed


def test_what_has_ended_makes_no_room() -> None:
    budget = of_tries(14, 0.2, 1)
    for _ in range(10):
        budget.done()

    assert takes(budget, 2) == [True, False]


def test_calls_that_wait_for_their_next_try_have_none_under_way() -> None:
    """Ten calls at once fail at once and would be tried again after a second: nothing is under way by then."""
    done = a_world(
        client={"retry": {"retries": 1, "backoff": {"base": "1s", "cap": "1s", "jitter": "none"},
                          "budget": {"concurrent": {"max_retries": 0, "share": 0.5}}}},
        service={"panics": 1.0, "service_time": "0s"}, workload={"arrivals": {"constant": {"rate": "10/s"}}},
    )  # fmt: skip

    assert {row["tries"] for row in calls(done)} == {1}
