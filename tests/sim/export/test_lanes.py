"""Lanes: nothing lies upon anything else, and there are no more of them than have to be."""

from hypothesis import given
from hypothesis import strategies as st

from sim.export.lanes import lanes

INTERVALS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)).map(lambda one: (one[0], one[0] + one[1])))


@given(INTERVALS.map(sorted))
def test_no_two_of_a_lane_overlap_and_as_many_lanes_are_used_as_overlap(intervals: list[tuple[int, int]]) -> None:
    found = lanes(intervals)

    free_at: dict[int, int] = {}
    for (begin, end), lane in zip(intervals, found, strict=True):
        assert free_at.get(lane, 0) <= begin, "somebody is on this track yet"
        free_at[lane] = end
    deepest = max((sum(a <= t < b for a, b in intervals) for t in range(71)), default=0)
    empty = sum(begin == end for begin, end in intervals)
    assert len(set(found)) <= max(deepest, 1) + empty
