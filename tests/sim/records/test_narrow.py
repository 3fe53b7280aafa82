"""NarrowChunk: what was put in comes out, and takes no more room than its numbers need."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.records.narrow import NarrowChunk
from sim.records.rows import ABSENT

DTYPE = np.dtype([("t", "<i8"), ("port", "<i4"), ("label", "<i2"), ("reused", "u1")])
ROW = st.tuples(
    st.sampled_from([ABSENT, 0, 1, 2**33, 2**62]) | st.integers(-1, 2**62),
    st.integers(-1, 65535),
    st.integers(-(2**15), 2**15 - 1),
    st.integers(0, 1),
)


@given(rows=st.lists(ROW, min_size=1, max_size=30))
def test_what_was_put_in_comes_out(rows: list[tuple[int, int, int, int]]) -> None:
    chunk = np.array(rows, DTYPE)

    narrow = NarrowChunk(chunk)

    assert narrow.rows().dtype == DTYPE
    assert narrow.rows().tolist() == rows
    for name in DTYPE.names or ():
        assert narrow[name].dtype == DTYPE[name]
        assert narrow[name].tolist() == chunk[name].tolist()


def n_bytes(values: list[int]) -> int:
    """What a column of instants takes at rest."""
    chunk = np.zeros(len(values), DTYPE)
    chunk["t"] = values
    _, above = NarrowChunk(chunk)._columns["t"]
    return sum(size * (stride > 0) for size, stride in zip(above.shape, above.strides, strict=True)) * above.itemsize


def test_a_column_takes_what_its_spread_needs() -> None:
    base = 10**15

    assert n_bytes([ABSENT] * 1000) == 0, "one value for all"
    assert n_bytes([base + i % 256 for i in range(1000)]) == 1000
    assert n_bytes([base + i % 257 for i in range(1000)]) == 2000
    assert n_bytes([base + (1 << 32) * (i % 2) for i in range(1000)]) == 8000


def test_real_numbers_come_out_to_the_last_bit() -> None:
    chunk = np.zeros(3, [("qps", "<f8")])
    chunk["qps"] = [87.8, 155.8, 1 / 3]

    assert NarrowChunk(chunk)["qps"].tolist() == [87.8, 155.8, 1 / 3]
