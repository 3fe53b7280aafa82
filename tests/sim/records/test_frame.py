"""Frames: nanoseconds become seconds, -1 becomes null, indices become words."""

import numpy as np

from sim.records.frame import frame_of, samples_of
from sim.records.levels import Levels
from sim.records.rows import Field, Kind

FIELDS = (
    Field("t_done", "q", Kind.INSTANT),
    Field("reused", "B", Kind.FLAG),
    Field("err", "h", Kind.LABEL),
    Field("n", "i", Kind.COUNT),
)
ROWS = np.array(
    [(1_500_000_000, 1, 1, 7), (-1, 0, 0, -1)], [("t_done", "<i8"), ("reused", "u1"), ("err", "<i2"), ("n", "<i4")]
)


def test_a_row_is_shown_in_seconds_nulls_and_words() -> None:
    frame = frame_of([ROWS], FIELDS, ["", "EOF"])

    assert frame["t_done"].to_list() == [1.5, None]
    assert frame["reused"].to_list() == [True, False]
    assert frame["err"].to_list() == ["EOF", ""]


def test_a_table_without_rows_has_its_columns() -> None:
    frame = frame_of([], FIELDS, [""])

    assert frame.columns == [field.name for field in FIELDS]
    assert frame.height == 0


def test_samples_add_levels_with_weights_and_a_constant() -> None:
    levels = Levels(("callers", "conns"), 100, 200, lambda _: None)
    levels.change(100 << 12 | levels.rise("callers"))
    levels.change(100 << 12 | levels.rise("conns"))

    samples = samples_of(levels, {"goroutines": ({"callers": 1, "conns": 2}, 4)})

    assert samples["goroutines"].to_list() == [4, 7, 7]
