"""The closed forms of load balancing: what chance leaves uneven, and what does not."""

from math import sqrt

import pytest

from models.balancer.least_request import LeastRequest
from models.balancer.maglev import Maglev, table_of
from models.balancer.member import own_weight
from models.balancer.random_choice import RandomChoice
from models.balancer.ring_hash import RingHash
from models.balancer.round_robin import RoundRobin
from models.balancer.subset import by_hash, deterministic
from tests.models.balancer.members import chosen, luck, members, variation


def root_mean_square(values: list[float]) -> float:
    return sqrt(sum(value**2 for value in values) / len(values))


@pytest.mark.parametrize(("n", "m"), [(3, 30), (3, 300), (10, 100), (100, 1000)])
def test_random_choices_vary_by_the_root_of_n_less_1_over_m(n: int, m: int) -> None:
    policy = RandomChoice(own_weight, luck())

    found = root_mean_square([variation(chosen(policy, members(n), m)) for _ in range(400)])

    assert found == pytest.approx(sqrt((n - 1) / m), rel=0.08), "0.257 for 3 and 30, 0.314 for 100 and 1000"


@pytest.mark.parametrize(("n", "points", "expected"), [(10, 103, 0.093), (100, 11, 0.300), (10, 1000, 0.030)])
def test_a_ring_of_v_points_varies_by_the_root_of_n_less_1_over_nv_plus_1(n: int, points: int, expected: float) -> None:
    def arcs(salt: int) -> list[int]:
        ring = RingHash(own_weight, n * points, salt)
        ring.take(members(n), 0, is_even=True)
        shares = [0] * n
        for before, point, owner in zip([ring._points[-1] - (1 << 64), *ring._points], ring._points, ring._owners,
                                        strict=False):  # fmt: skip
            shares[owner] += point - before
        return shares

    found = root_mean_square([variation(arcs(salt * 7919)) for salt in range(60)])

    assert sqrt((n - 1) / (n * points + 1)) == pytest.approx(expected, rel=0.02)
    assert found == pytest.approx(expected, rel=0.1)


def test_envoys_ring_of_1024_is_small_for_a_hundred_hosts() -> None:
    counts = [chosen(RingHash(own_weight, 1024, salt), members(100), 20_000) for salt in range(10)]

    assert sum(max(each) / 200 for each in counts) / 10 == pytest.approx(1.92, abs=0.15), "max/mean"


@pytest.mark.parametrize(("clients", "n", "size", "expected"), [(100, 100, 5, 0.436), (100, 100, 25, 0.173)])
def test_random_subsets_vary_by_the_root_of_n_less_s_over_sc(clients: int, n: int, size: int, expected: float) -> None:
    def connections(seed: int) -> list[int]:
        counts = [0] * n
        for client in range(clients):
            for place in by_hash(range(n), seed * 1009 + client, size):
                counts[place] += 1
        return counts

    found = root_mean_square([variation(connections(seed)) for seed in range(40)])

    assert sqrt((n - size) / (size * clients)) == pytest.approx(expected, rel=0.01)
    assert found == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("clients", [10, 30])
def test_deterministic_subsets_are_even_when_clients_fill_rounds(clients: int) -> None:
    counts = [0] * 30
    for client in range(clients):
        for place in deterministic(client, 30, 3, salt=17):
            counts[place] += 1

    assert set(counts) == {clients // 10}


def test_rounds_of_deterministic_subsets_differ() -> None:
    assert deterministic(0, 30, 3, salt=17) != deterministic(10, 30, 3, salt=17)


def test_maglev_moves_the_share_of_a_removed_backend_and_a_little_more() -> None:
    every = tuple((index, 1.0) for index in range(20))
    before = table_of(65537, 5, every)
    after = table_of(65537, 5, every[:7] + every[8:])

    owners = [place if place < 7 else place + 1 for place in after]
    moved = sum(one != other for one, other in zip(before, owners, strict=True)) / 65537
    of_others = sum(one not in (other, 7) for one, other in zip(before, owners, strict=True)) / 65537
    assert moved == pytest.approx(1 / 20 + of_others, abs=1e-3)
    assert 0 < of_others < 0.03, "a little more than its 1/n"


def test_maglev_gives_every_backend_its_share_of_the_table() -> None:
    table = table_of(4093, 3, tuple((index, 1.0) for index in range(10)))
    counts = [table.count(place) for place in range(10)]

    assert max(counts) - min(counts) <= 1


def test_maglev_heeds_weights() -> None:
    counts = chosen(Maglev(own_weight, 4093, 3), members(3, [1, 2, 1]), 40_000)

    assert counts[1] / sum(counts) == pytest.approx(0.5, abs=0.015)


def test_two_choices_keep_the_most_loaded_near_the_mean_and_one_does_not() -> None:
    excess = {}
    for choices in (1, 2):
        policy = LeastRequest(own_weight, luck(), choices, 1.0)
        runs = [max(chosen(policy, members(100), 10_000, holds=True)) - 100 for _ in range(10)]
        excess[choices] = sum(runs) / len(runs)

    assert excess[1] == pytest.approx(25.7, abs=4)
    assert excess[2] == pytest.approx(1.8, abs=0.6), "independent of m"


@pytest.mark.parametrize(("n", "expected"), [(100, 2.60), (1000, 3.01)])
def test_best_of_two_with_as_many_balls_as_bins(n: int, expected: float) -> None:
    policy = LeastRequest(own_weight, luck(3), 2, 1.0)

    runs = [max(chosen(policy, members(n), n, holds=True)) for _ in range(30)]

    assert sum(runs) / len(runs) == pytest.approx(expected, abs=0.25)


def test_turns_leave_nothing_to_chance() -> None:
    counts = chosen(RoundRobin(own_weight, luck()), members(7), 1001)

    assert set(counts) == {143}
