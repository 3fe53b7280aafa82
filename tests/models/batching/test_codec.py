"""Codecs: the measured table, what lies between its columns, and when compressing pays."""

from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.batching.codec import CHUNKS, MEASURED, CodecName, compress, cost_of, pays

GIGABIT = 10**9
CODECS = st.sampled_from(sorted(MEASURED))


@pytest.mark.parametrize("codec", MEASURED)
def test_at_the_measured_sizes_it_is_what_was_measured(codec: CodecName) -> None:
    assert [cost_of(codec, size) for size in CHUNKS] == list(MEASURED[codec])


def test_between_two_sizes_it_follows_the_logarithm() -> None:
    low, high = MEASURED["zstd-1"][1:3]

    middle = cost_of("zstd-1", round(sqrt(CHUNKS[1] * CHUNKS[2])))

    assert middle.ratio == pytest.approx((low.ratio + high.ratio) / 2)
    assert middle.compress == pytest.approx((low.compress + high.compress) / 2)


@given(codec=CODECS, size=st.integers(1, 1 << 30))
def test_no_chunk_grows_and_all_cost_something(codec: CodecName, size: int) -> None:
    done = compress(codec, size)

    assert 1 <= done.size_bytes <= size
    assert done.compress >= done.decompress >= 0


@given(codec=CODECS, sizes=st.lists(st.integers(1, 1 << 21), min_size=2, max_size=2).map(sorted))
def test_a_larger_chunk_compresses_no_worse(codec: CodecName, sizes: list[int]) -> None:
    small, large = (cost_of(codec, size).ratio for size in sizes)

    assert small <= large


def test_none_leaves_a_chunk_alone() -> None:
    assert compress("none", 12345) == (12345, 0, 0)


def test_a_single_document_hardly_gets_smaller() -> None:
    assert compress("lz4", 489).size_bytes == 489
    assert compress("zstd-1", 489).size_bytes == pytest.approx(489 / 1.28, abs=1)


@pytest.mark.parametrize(
    ("codec", "at_100_mbit", "at_1_gbit", "at_10_gbit"),
    [("zstd-1", True, True, False), ("lz4", True, True, False), ("gzip-6", True, False, False)],
)
def test_it_pays_as_the_reference_says_of_a_megabyte(
    codec: CodecName, at_100_mbit: bool, at_1_gbit: bool, at_10_gbit: bool
) -> None:
    found = tuple(pays(codec, 1 << 20, bits) for bits in (10**8, GIGABIT, 10**10))

    assert found == (at_100_mbit, at_1_gbit, at_10_gbit)


@given(codec=CODECS, size=st.integers(600, 1 << 21), rates=st.lists(st.integers(10**6, 10**11), min_size=2, max_size=9))
def test_a_faster_wire_never_makes_compression_worth_it(codec: CodecName, size: int, rates: list[int]) -> None:
    assert all(slow or not fast for slow, fast in pairwise(pays(codec, size, rate) for rate in sorted(rates)))
