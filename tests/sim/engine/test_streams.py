"""Streams: a purpose's numbers follow from seed, replication and name, and from nothing else."""

import subprocess
import sys
from itertools import islice, repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.distributions import Exponential, Lognormal
from sim.engine.streams import BLOCK, Streams
from sim.units import MS

ROOT = Path(__file__).parents[3]
NAMES = ["checkout.arrivals", "orders.service_time", "dns.answer", "ports"]
SAMPLE = "Streams(7)['ports'].integers(1 << 62, size=9).tolist()"


def first(streams: Streams, name: str, n: int = 20) -> list[float]:
    return [draw() for draw in repeat(streams.uniforms(name), n)]


def print_in_a_new_process(expression: str, hash_seed: str) -> str:
    code = f"from sim.engine.streams import Streams; print({expression})"
    command, env = [sys.executable, "-c", code], {"PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_stream_is_numpys_generator_on_the_seed_of_its_name() -> None:
    # blake2b(b"orders.service_time", digest_size=8) as a little-endian integer, written out once
    key = 15_133_998_001_169_497_098
    expected = np.random.default_rng(np.random.SeedSequence(42, spawn_key=(3, key)))

    drawn = Streams(42, replication=3)["orders.service_time"].random(5)

    assert drawn.tolist() == expected.random(5).tolist()


def test_a_name_gets_the_same_generator_each_time() -> None:
    streams = Streams(1)

    assert streams["ports"] is streams["ports"]


@given(st.permutations(NAMES), st.integers(0, 50))
def test_streams_do_not_depend_on_the_order_in_which_they_are_made_or_used(order: list[str], others: int) -> None:
    streams = Streams(7)
    first(streams, "another purpose", others)

    drawn = {name: first(streams, name) for name in order}

    assert drawn == {name: first(Streams(7), name) for name in NAMES}


def test_streams_do_not_depend_on_pythons_hash_seed() -> None:
    drawn = {print_in_a_new_process(SAMPLE, hash_seed) for hash_seed in ("0", "1", "12345")}

    assert drawn == {f"{Streams(7)['ports'].integers(1 << 62, size=9).tolist()}\n"}


@pytest.mark.parametrize("other", [Streams(8), Streams(7, replication=1)])
def test_another_seed_or_replication_gives_other_numbers(other: Streams) -> None:
    assert first(other, "ports") != first(Streams(7), "ports")


def test_other_names_give_other_numbers() -> None:
    streams = Streams(7)

    assert len({tuple(first(streams, name)) for name in NAMES}) == len(NAMES)


def test_drawn_blocks_are_the_distributions_own_one_after_the_other() -> None:
    service_time, rng = Lognormal(mean=20 * MS, p99=120 * MS), Streams(7)["orders.service_time"]
    expected = [*service_time.block(rng, BLOCK).tolist(), *service_time.block(rng, BLOCK).tolist()]

    draw = Streams(7).ints("orders.service_time", service_time)

    drawn = [draw() for _ in range(2 * BLOCK)]
    assert drawn == expected
    assert {type(value) for value in drawn} == {int}


def test_integers_reach_both_ends_and_nothing_beyond() -> None:
    draw = Streams(7).integers("ports", 3, 6)

    assert {draw() for _ in range(1000)} == {3, 4, 5, 6}


def test_integers_refuse_reversed_ends() -> None:
    with pytest.raises(ValueError, match="6 lies above 3"):
        Streams(7).integers("ports", 6, 3)


def test_uniforms_are_at_least_0_and_below_1() -> None:
    draw = Streams(7).uniforms("ports")

    drawn = list(islice(iter(draw, None), 10_000))
    assert 0 <= min(drawn) < 0.01
    assert 0.99 < max(drawn) < 1


def test_asking_again_for_the_same_drawer_goes_on_where_it_stands() -> None:
    streams = Streams(7)
    expected = first(Streams(7), "ports", 6)

    assert first(streams, "ports", 3) + first(streams, "ports", 3) == expected


def test_one_purpose_cannot_draw_two_kinds_of_number() -> None:
    streams = Streams(7)
    streams.ints("orders.service_time", Exponential(20 * MS))

    with pytest.raises(ValueError, match="name another purpose"):
        streams.ints("orders.service_time", Exponential(21 * MS))
