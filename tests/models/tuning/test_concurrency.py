"""How many requests were under way at a time, against sums made by hand."""

from hypothesis import given
from hypothesis import strategies as st

from models.tuning.concurrency import Concurrency, concurrency

SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted).map(tuple), max_size=30)


def test_nothing_asked_is_one_long_lull() -> None:
    assert concurrency([], 100, 300) == Concurrency(0, 200)
    assert concurrency([(0, 50)], 100, 300) == Concurrency(0, 200)


def test_what_is_exceeded_during_one_per_cent_of_the_time_does_not_count() -> None:
    assert concurrency([(0, 1000), (500, 509)], 0, 1000).p99 == 1
    assert concurrency([(0, 1000), (500, 511)], 0, 1000).p99 == 2


def test_spans_count_as_far_as_they_lie_in_the_window() -> None:
    assert concurrency([(-500, 30), (80, 900)], 0, 100) == Concurrency(1, 50)


def test_a_lull_goes_on_over_changes_below_half() -> None:
    spans = [(0, 100)] * 4 + [(100, 150), (200, 250)] + [(300, 400)] * 4

    assert concurrency(spans, 0, 400) == Concurrency(4, 200)


@given(spans=SPANS)
def test_the_curve_agrees_with_a_count_instant_by_instant(spans: list[tuple[int, int]]) -> None:
    start, end = 50, 250
    counts = [sum(a <= t < b for a, b in spans) for t in range(start, end)]
    p99 = next(n for n in range(len(spans) + 1) if sum(one <= n for one in counts) >= 0.99 * len(counts))
    lulls = "".join("." if one < max(p99 / 2, 1) else "|" for one in counts).split("|")

    assert concurrency(spans, start, end) == Concurrency(p99, max(map(len, lulls)))
