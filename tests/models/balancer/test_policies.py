"""What each policy picks, given times, weights and results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.balancer.config import PrequalConfig, SlowStartConfig
from models.balancer.endpoints import Endpoint
from models.balancer.least_connections import LeastConnections
from models.balancer.least_request import LeastRequest
from models.balancer.member import Member, Result, own_weight
from models.balancer.peak_ewma import Cost, PeakEwma
from models.balancer.pick_first import PickFirst
from models.balancer.prequal import Prequal
from models.balancer.random_choice import RandomChoice
from models.balancer.ring_hash import RingHash
from models.balancer.round_robin import RoundRobin
from models.balancer.slow_start import SlowStart
from models.balancer.source_hash import SourceHash
from models.balancer.weighted_round_robin import WeightedRoundRobin
from sim.units import MS, SECOND
from tests.models.balancer.members import chosen, luck, members

WEIGHTS = st.lists(st.integers(1, 9), min_size=2, max_size=8)


def answered(now: int, took: int = 10 * MS, status: int = 200, *, is_local: bool = False) -> Result:
    return Result(now, took, took, took, status, is_local)


@given(WEIGHTS, st.integers(0, 1000))
def test_turns_are_shared_out_by_weight_and_nobody_is_more_than_a_turn_ahead(weights: list[int], seed: int) -> None:
    policy, rounds = RoundRobin(own_weight, luck(seed)), 5
    counts = chosen(policy, members(len(weights), weights), rounds * sum(weights))

    assert all(abs(count - rounds * weight) <= 2 for count, weight in zip(counts, weights, strict=True))


def test_random_starts_differ_and_the_first_is_first_without_luck() -> None:
    starts = set()
    for seed in range(20):
        policy = RoundRobin(own_weight, luck(seed))
        policy.take(members(5), 0, is_even=True)
        starts.add(policy.pick(0, 0).place)
    plain = RoundRobin(own_weight)
    plain.take(members(5), 0, is_even=True)

    assert len(starts) > 2
    assert [plain.pick(0, 0).place for _ in range(6)] == [0, 1, 2, 3, 4, 0]


def test_random_choices_follow_weights() -> None:
    counts = chosen(RandomChoice(own_weight, luck()), members(3, [1, 2, 5]), 8000)

    assert counts == pytest.approx([1000, 2000, 5000], rel=0.08)


def test_the_ring_follows_weights() -> None:
    counts = chosen(RingHash(own_weight, 8000, 1), members(3, [1, 2, 5]), 8000)

    assert counts == pytest.approx([1000, 2000, 5000], rel=0.12)


def test_a_key_stays_where_it_is_when_others_leave_the_ring() -> None:
    every = members(10)
    ring = RingHash(own_weight, 10_240, 1)
    ring.take(every, 0, is_even=True)
    keys = [key * (1 << 54) for key in range(1000)]
    before = [ring.pick(0, key).place for key in keys]
    ring.take(every[:9], 0, is_even=True)
    after = [ring.pick(0, key).place for key in keys]

    moved = [one for one, other in zip(before, after, strict=True) if one != other]
    assert moved.count(9) == before.count(9)
    assert len(moved) / 1000 < 0.25, "ceil(10,240 / 9) points each are some more than before, so a few others move"


@given(st.lists(st.booleans(), max_size=200), WEIGHTS)
def test_least_connections_picks_what_a_scan_of_the_list_would(steps: list[bool], weights: list[int]) -> None:
    every = members(len(weights), weights)
    policy = LeastConnections(own_weight)
    policy.take(every, 0, is_even=False)
    open_: list[Member] = []
    for opens in steps:
        if opens or not open_:
            member = policy.pick(0, 0)
            assert member is min(every, key=lambda each: each.active / each.endpoint.weight)
            member.active += 1
            policy.began(member, 0)
            open_.append(member)
        else:
            member = open_.pop(len(open_) // 2)
            member.active -= 1
            policy.left(member, 0)


def test_source_hash_has_256_slots_in_turn() -> None:
    policy = SourceHash(own_weight)
    policy.take(members(3), 0, is_even=True)

    owners = [policy.pick(0, key).place for key in range(512)]
    assert owners[:6] == [0, 1, 2, 0, 1, 2]
    assert owners[256:] == owners[:256]


def test_least_request_with_weights_gives_double_the_share_to_who_has_double_the_weight_and_no_load() -> None:
    counts = chosen(LeastRequest(own_weight, luck(), 2, 1.0), members(2, [1, 2]), 3000)

    assert counts == pytest.approx([1000, 2000], rel=0.01)


@pytest.mark.parametrize(("bias", "expected"), [(1.0, [900, 100]), (0.0, [500, 500])])
def test_active_requests_weigh_by_the_bias(bias: float, expected: list[int]) -> None:
    every = members(2, [1, 1.0001])
    every[1].active = 8

    assert chosen(LeastRequest(own_weight, luck(), 2, bias), every, 1000) == pytest.approx(expected, abs=3)


def test_pick_first_stays_until_a_connection_fails_and_goes_round_the_list() -> None:
    every = members(3)
    policy = PickFirst(None)
    policy.take(every, 0, is_even=True)
    picks = [policy.pick(0, 0)]
    for result in (
        answered(1, status=500),
        answered(2, status=504, is_local=True),
        answered(3, status=503, is_local=True),
    ):
        policy.ended(picks[-1], result)
        picks.append(policy.pick(0, 0))
    policy.take(every[2:], 4, is_even=True)

    assert [each.place for each in picks] == [0, 0, 0, 1], "an answer and a time-out say nothing of the connection"
    assert policy.pick(5, 0).place == 2


def test_a_peak_counts_at_once_and_is_forgotten_over_the_decay() -> None:
    cost = Cost(0)
    cost.observe(10.0, 0, 10 * SECOND)
    cost.observe(100.0, SECOND, 10 * SECOND)
    assert cost.mean == 100

    cost.observe(0.0, 11 * SECOND, 10 * SECOND)
    assert cost.mean == pytest.approx(100 / 2.718282)


def test_peak_ewma_avoids_who_is_slow_and_who_is_unknown_and_busy() -> None:
    every = members(2)
    policy = PeakEwma(luck(), 10 * SECOND)
    policy.take(every, 0, is_even=True)
    policy.ended(every[0], answered(0, 50 * MS))
    policy.ended(every[1], answered(0, 10 * MS))
    assert {policy.pick(0, 0).place for _ in range(20)} == {1}

    every[1].active = 5
    assert {policy.pick(0, 0).place for _ in range(20)} == {0}, "50 x 1 against 10 x 6"

    fresh = [*every, Member(2, Endpoint(2))]
    fresh[2].active = 1
    policy.take(fresh, 0, is_even=True)
    assert policy.cost(fresh[2], 0) > 1e18, "no history and something pending"


def test_weights_of_grpc_are_served_over_busy_and_wait_for_the_blackout() -> None:
    every = members(2)
    policy = WeightedRoundRobin(luck(), period=SECOND, blackout=10 * SECOND, error_penalty=1.0)
    policy.take(every, 0, is_even=True)

    def share_of_the_first(second: int) -> float:
        for member, work in zip(every, (10 * MS, 30 * MS), strict=True):
            for _answer in range(20):
                member.load.add(work, work, in_flight=1, is_failure=False)
        return sum(policy.pick(second * SECOND, 0).place == 0 for _ in range(400)) / 400

    shares = [share_of_the_first(second) for second in range(1, 14)]
    assert shares[:9] == [0.5] * 9, "round robin in the blackout"
    assert shares[-1] == pytest.approx(0.75, abs=0.01), "three times as fast"


def test_errors_lower_the_weight() -> None:
    every = members(2)
    policy = WeightedRoundRobin(luck(), period=SECOND, blackout=0, error_penalty=1.0)
    policy.take(every, 0, is_even=True)
    for is_failure, member in enumerate(every):
        for _answer in range(100):
            member.load.add(10 * MS, 10 * MS, in_flight=1, is_failure=bool(is_failure))

    picks = [policy.pick(SECOND, 0).place for _ in range(400)]

    assert picks.count(0) / picks.count(1) == pytest.approx(2, rel=0.02), "utilisation 1 against 1 and all errors"


def test_prequal_leaves_out_the_hot_and_takes_the_fastest_of_the_cold() -> None:
    every = members(10)
    for each in every:
        each.endpoint.active = 50 if each.place == 3 else 0 if each.place == 7 else 1 + each.place % 6
        latency = 1 * MS if each.place == 3 else 5 * MS if each.place == 7 else 20 * MS
        each.load.add(latency, latency, in_flight=each.endpoint.active, is_failure=False)
    policy = Prequal(PrequalConfig(), luck(), rtt=MS)
    policy.take(every, 0, is_even=True)

    picks = [policy.pick(i * MS, 0).place for i in range(400)]

    assert picks[50:].count(7) > 250, "the fastest whenever it is in the pool"
    assert picks[50:].count(3) < 10, "fast, but with most requests in flight"


def test_prequal_reuses_results_as_the_paper_says() -> None:
    policy = Prequal(PrequalConfig(), luck(), rtt=MS)
    policy.take(members(100), 0, is_even=True)
    assert policy._uses == pytest.approx(2 / ((1 - 16 / 100) * 3 - 1))

    policy.take(members(10), 0, is_even=True)
    assert policy._uses == float("inf"), "more results than servers"


def test_slow_start_rises_from_a_tenth_to_the_whole_weight() -> None:
    start = SlowStart(SlowStartConfig(window=60 * SECOND))
    member = Member(0, Endpoint(0, 2.0))
    member.endpoint.since = 0

    assert [start.weight_of(member, second * SECOND) for second in (0, 3, 6, 30, 60)] == pytest.approx(
        [0.2, 0.2, 0.2, 1.0, 2.0]
    )
    steep = SlowStart(SlowStartConfig(window=100 * SECOND, aggression=2.0, min_weight=0.01))
    assert steep.weight_of(member, 0) == pytest.approx(2 * 0.1), "(1 s / 100 s) ^ (1/2): the age is 1 s at least"
    assert start.ends_at([member], 7) == 60 * SECOND
