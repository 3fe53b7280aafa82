"""Levels: changes folded onto the grid show what was so at each instant of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.records.levels import MAX_SERIES, Levels

STEP = 100
UNTIL = 1000


def some_levels(*names: str) -> Levels:
    return Levels(names or ("idle", "busy"), STEP, UNTIL, lambda _: None)


def test_a_change_is_seen_from_its_own_instant_on() -> None:
    levels = some_levels()

    levels.change(200 << 12 | levels.rise("idle"))
    levels.change(201 << 12 | levels.rise("busy"))

    instants, counts = levels.on_grid()
    assert instants.tolist() == list(range(0, UNTIL + 1, STEP))
    assert counts[0].tolist() == [0, 0] + [1] * 9, "200 is a grid instant: it shows the change of 200"
    assert counts[1].tolist() == [0, 0, 0] + [1] * 8, "201 lies behind the grid instant 200"


def test_an_end_may_be_written_before_it_comes() -> None:
    levels = some_levels()

    levels.change(700 << 12 | levels.fall("idle"))
    levels.change(100 << 12 | levels.rise("idle"))

    assert levels.on_grid()[1][0].tolist() == [0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_an_end_beyond_the_run_leaves_the_level_up() -> None:
    levels = some_levels()

    levels.change(100 << 12 | levels.rise("busy"))
    levels.change(90_000 << 12 | levels.fall("busy"))

    assert levels.on_grid()[1][1][-1] == 1


@given(
    changes=st.lists(st.tuples(st.integers(0, UNTIL), st.integers(0, 1), st.booleans()), max_size=60),
    every=st.integers(1, 9),
)
def test_reducing_in_chunks_gives_what_reducing_at_once_gives(changes: list[tuple[int, int, bool]], every: int) -> None:
    at_once, in_chunks = some_levels(), some_levels()
    for i, (t, series, falls) in enumerate(changes):
        for levels in (at_once, in_chunks):
            levels.change(t << 12 | series << 1 | falls)
        if i % every == 0:
            in_chunks.reduce()

    expected = np.zeros((2, UNTIL // STEP + 1), np.int64)
    for t, series, falls in changes:
        expected[series, -(-t // STEP) :] += -1 if falls else 1
    assert np.array_equal(at_once.on_grid()[1], expected)
    assert np.array_equal(in_chunks.on_grid()[1], expected)


def test_each_chunk_is_watched_once_in_order_of_recording() -> None:
    seen: list[Any] = []
    levels = Levels(("idle",), STEP, UNTIL, lambda chunk: seen.extend(chunk.tolist()))

    for t in (5, 3, 9):
        levels.change(t << 12)
        levels.reduce()
    levels.reduce()

    assert [change >> 12 for change in seen] == [5, 3, 9]


def test_more_series_than_fit_into_a_change_are_refused() -> None:
    with pytest.raises(ValueError, match="2049 series"):
        some_levels(*(f"s{i}" for i in range(MAX_SERIES + 1)))


def test_a_bundle_is_all_its_changes_each_after_its_delay() -> None:
    levels = some_levels()
    changes = (200, levels.rise("busy")), (0, levels.fall("idle"))
    both = levels.bundle(*changes)

    levels.change(100 << 12 | levels.rise("idle"))
    levels.change(300 << 12 | both)

    assert levels.on_grid()[1].tolist() == [[0, 1, 1] + [0] * 8, [0] * 5 + [1] * 6]
    assert levels.bundle(*changes) == both, "asked again, it is the same code"


def test_a_series_more_moves_no_code_of_a_bundle() -> None:
    few, more = some_levels("idle", "busy"), some_levels("idle", "busy", "closed")

    assert few.bundle((0, few.rise("busy"))) == more.bundle((0, more.rise("busy")))
    assert few.bundle((5, few.fall("idle"))) == more.bundle((5, more.fall("idle")))


def test_bundles_that_do_not_fit_are_refused() -> None:
    levels = some_levels(*(f"s{i}" for i in range(MAX_SERIES)))

    with pytest.raises(ValueError, match="2048 series and 1 bundles"):
        levels.bundle((0, levels.rise("s0")), (0, levels.rise("s1")))
