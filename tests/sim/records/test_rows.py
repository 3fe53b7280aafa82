"""Rows: what is written comes out, chunk by chunk, in order."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.records.rows import Field, Kind, Rows

FIELDS = (Field("t", "q", Kind.INSTANT), Field("port", "i", Kind.COUNT), Field("reused", "B", Kind.FLAG))
ROW = st.tuples(st.integers(-1, 2**62), st.integers(-1, 65535), st.integers(0, 1))


def written(rows: list[tuple[int, int, int]], chunk_rows: int) -> tuple[list[Any], Rows]:
    """The chunks that a table of `rows` hands over, after a flush."""
    chunks: list[Any] = []
    table = Rows("requests", FIELDS, chunks.append, chunk_rows)
    for row in rows:
        table.append(*row)
        if table.is_full:
            table.flush()
    table.flush()
    return chunks, table


@given(rows=st.lists(ROW, max_size=40), chunk_rows=st.integers(1, 7))
def test_what_is_appended_comes_out_in_order_whatever_the_chunk(
    rows: list[tuple[int, int, int]], chunk_rows: int
) -> None:
    chunks, table = written(rows, chunk_rows)

    assert [tuple(row) for chunk in chunks for row in chunk.tolist()] == rows
    assert table.n_rows == len(rows)


def test_full_chunks_leave_as_they_fill() -> None:
    chunks, _ = written([(1, 2, 0)] * 7, chunk_rows=3)

    assert [len(chunk) for chunk in chunks] == [3, 3, 1]


def test_a_row_has_no_padding() -> None:
    chunks, _ = written([(1, 2, 1)], chunk_rows=1)

    assert chunks[0].dtype.itemsize == 8 + 4 + 1, "rows are packed little-endian without alignment"
    assert chunks[0]["reused"].dtype == np.uint8
