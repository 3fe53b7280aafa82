"""The article's mapping: its values, its clamps, and where its own table departs from it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tuning.features import Features
from models.tuning.formula import conns_cap, idle_cap, idle_timeout, max_concurrent_streams, write_buffer_size
from sim.units import SECOND

KIB = 1024
RATES, SIZES = st.floats(0, 1e6), st.floats(0, 1e7)
NOTHING = Features(qps=0, p99=0, p99_volatility=0, packet_size=0, burst_entropy=0, lifetime_skewness=0)


def test_the_first_row_of_the_table_is_the_formula() -> None:
    assert write_buffer_size(200, 1.2 * KIB) == 432 * KIB
    assert max_concurrent_streams(0) == 16


def test_the_second_row_is_not_28800_kb_are_clamped_to_1024() -> None:
    assert int(2000 * 8 * KIB / KIB * 1.8) == 28_800
    assert write_buffer_size(2000, 8 * KIB) == 1024 * KIB != 2880 * KIB
    assert max_concurrent_streams(1) == 64


@given(qps=RATES, size=SIZES)
def test_a_buffer_lies_within_its_clamps_and_grows_with_the_load(qps: float, size: float) -> None:
    found = write_buffer_size(qps, size)

    assert 64 * KIB <= found <= 1024 * KIB
    assert found % KIB == 0
    assert write_buffer_size(2 * qps, size) >= found


@given(entropy=st.floats(0, 1))
def test_a_normalised_entropy_reaches_neither_clamp_of_the_streams(entropy: float) -> None:
    assert 16 <= max_concurrent_streams(entropy) <= 64


@given(entropy=st.floats(-10, 20))
def test_whatever_the_entropy_is_the_streams_lie_within_their_clamps(entropy: float) -> None:
    assert 4 <= max_concurrent_streams(entropy) <= 256


@pytest.mark.parametrize(("under_way", "cap"), [(0, 2), (1, 2), (2, 3), (7, 9), (8, 10)])
def test_idle_connections_are_kept_for_what_is_under_way(under_way: int, cap: int) -> None:
    seen = replace(NOTHING, concurrency=under_way)

    assert idle_cap(seen, 1.25) == cap
    assert conns_cap(seen, 1.25) == 2 * cap


@pytest.mark.parametrize(("lull", "timeout"), [(0, 5), (2, 5), (4, 8), (44, 88), (50, 90)])
def test_idle_connections_outlive_twice_the_longest_lull(lull: int, timeout: int) -> None:
    assert idle_timeout(replace(NOTHING, lull=lull * SECOND)) == timeout * SECOND
