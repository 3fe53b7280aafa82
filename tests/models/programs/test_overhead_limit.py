"""When a collector gives the program up: 98 % of the time, 2 % free, five full collections in a row."""

from itertools import count

from models.programs.overhead_limit import OverheadLimit
from sim.units import MS, SECOND


def ends(pause: int, between: int, *, free: float, n: int = 40) -> list[int]:
    """Which of `n` full collections are the end."""
    limit, now, ended = OverheadLimit(0.98, 0.02), 0, []
    for i in range(n):
        now += between
        if limit.full(now, pause, free=free):
            ended.append(i)
        now += pause
    return ended


def test_the_fifth_bad_collection_in_a_row_is_the_end_and_then_the_tenth() -> None:
    assert ends(3460 * MS, 60 * MS, free=0.01, n=12) == [4, 9]


def test_the_incidents_pauses_of_2100_ms_never_are() -> None:
    """17 a minute of 2.1 s are 59.5 % of the time."""
    assert ends(2100 * MS, 60 * SECOND // 17 - 2100 * MS, free=0.0) == []


def test_98_percent_lie_between_3450_and_3480_ms_at_17_a_minute() -> None:
    assert ends(3450 * MS, 60 * SECOND // 17 - 3450 * MS, free=0.0) == []
    assert ends(3480 * MS, 60 * SECOND // 17 - 3480 * MS, free=0.0) != []


def test_enough_free_space_is_never_the_end() -> None:
    assert ends(3460 * MS, 60 * MS, free=0.02) == []


def test_one_good_collection_starts_the_count_again() -> None:
    limit, ended = OverheadLimit(0.98, 0.02), []
    for i, now in zip(range(12), count(10 * MS, 1010 * MS), strict=False):
        if limit.full(now, 1000 * MS, free=0.5 if i == 3 else 0.0):
            ended.append(i)

    assert ended == [8]


def test_young_collections_count_as_well() -> None:
    limit, now = OverheadLimit(0.98, 0.02), 0
    for _ in range(20):
        limit.young(now + 10 * MS, 90 * MS)
        now += 100 * MS

    assert 0.89 < limit.cost < 0.91
