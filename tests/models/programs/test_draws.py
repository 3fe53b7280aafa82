"""Random inputs by a request's number: the same in whatever order they are asked for."""

from statistics import fmean

import pytest

from models.programs.draws import KEPT, Draws
from sim.engine.distributions import Exponential
from sim.engine.streams import BLOCK, Streams
from sim.units import MS

TIME = Exponential(mean=10 * MS)


def draws(seed: int = 3, name: str = "a", each: int = 1) -> Draws:
    return Draws(Streams(seed), name, TIME, each)


def test_the_order_of_asking_changes_nothing() -> None:
    forwards, backwards = draws(), draws()
    numbers = range(0, 3 * BLOCK, 100)

    assert [forwards.of(n) for n in numbers] == [backwards.of(n) for n in reversed(numbers)][::-1]


def test_a_block_that_is_gone_comes_again_as_it_was() -> None:
    some = draws()
    first = some.of(7)
    for block in range(1, KEPT + 5):
        some.of(block * BLOCK)

    assert some.of(7) == first
    assert len(some._blocks) <= KEPT


def test_each_draw_of_a_request_is_one_of_its_own() -> None:
    some = draws(each=3)

    assert len({some.of(n, i) for n in range(1000) for i in range(3)}) == 3000


def test_names_and_seeds_give_others_and_all_have_the_mean() -> None:
    samples = [[some.of(n) for n in range(20_000)] for some in (draws(), draws(name="b"), draws(seed=4))]

    assert len({tuple(sample[:5]) for sample in samples}) == 3
    for sample in samples:
        assert fmean(sample) == pytest.approx(10 * MS, rel=0.03)
