"""Lanes: intervals laid on as few tracks as will do, none upon another. Not what they are."""

from collections.abc import Iterable
from heapq import heappop, heappush


def lanes(intervals: Iterable[tuple[int, int]]) -> list[int]:
    """The track of each interval; they come in the order of their begins, ends excluded.

    Examples
    --------
    >>> lanes([(0, 4), (1, 2), (2, 3), (5, 6)])
    [0, 1, 1, 0]
    """
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    found = []
    for begin, end in intervals:
        while busy and busy[0][0] <= begin:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else len(busy)
        heappush(busy, (end, lane))
        found.append(lane)
    return found
