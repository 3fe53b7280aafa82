"""Who is served and who is dropped, by each discipline, and the shapes that come of it in an overload."""

from collections import deque
from itertools import pairwise

import pytest

from models.protection.limits.codel import Codel, CodelConfig
from models.protection.limits.config import FifoConfig, LifoConfig, make_discipline
from models.protection.limits.fail_at_scale import FailAtScale, FailAtScaleConfig
from models.protection.limits.folly_codel import FollyCodel, FollyCodelConfig
from models.protection.limits.queue_discipline import Next, QueueDiscipline, Waiting
from sim.units import MS, SECOND


def queue(*since_ms: float) -> Waiting:
    """Items called by when they came, in ms."""
    return deque((round(ms * MS), ms) for ms in since_ms)


def standing(now: int, wait: int) -> Waiting:
    """A queue in which everybody has waited so long."""
    return deque([(now - wait, "one")] * 10)


def overload(discipline: QueueDiscipline, seconds: float, gap_ms: int = 5) -> tuple[list[int], int]:
    """Waits of those served, ns, and how many were dropped: a server of 10 ms a call, a caller every `gap_ms`."""
    waiting: Waiting = deque()
    waits, dropped, free_at = [], 0, 0
    for now in range(0, round(seconds * SECOND), gap_ms * MS):
        waiting.append((now, now))
        if now >= free_at:
            found = discipline.take(waiting, now)
            dropped += len(found.dropped)
            if found.served is not None:
                waits.append(now - found.served)
                free_at = now + 10 * MS
    return waits, dropped


def test_the_two_plain_orders() -> None:
    assert make_discipline(FifoConfig()).take(queue(1, 2, 3), 5 * MS) == Next(1, [])
    assert make_discipline(LifoConfig()).take(queue(1, 2, 3), 5 * MS) == Next(3, [])


def test_nobody_is_served_of_an_empty_queue() -> None:
    kinds = (Codel(CodelConfig()), FollyCodel(FollyCodelConfig()), FailAtScale(FailAtScaleConfig()))

    assert [kind.take(deque(), 0) for kind in kinds] == [Next(None, [])] * 3


def test_codel_drops_after_an_interval_and_then_ever_more_often() -> None:
    discipline = Codel(CodelConfig())
    drops = [ms for ms in range(1000) for _ in discipline.take(standing(ms * MS, 20 * MS), ms * MS).dropped]

    assert drops[:5] == [100, 200, 271, 329, 379], "interval / sqrt(1, 2, 3, ...) apart"
    gaps = [later - earlier for earlier, later in pairwise(drops)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(gaps)), "whole ms"


def test_codel_forgets_a_long_wait_at_the_first_short_one() -> None:
    discipline = Codel(CodelConfig())
    for ms in range(99):
        discipline.take(standing(ms * MS, 20 * MS), ms * MS)
    discipline.take(standing(99 * MS, 4 * MS), 99 * MS)

    drops = [ms for ms in range(100, 300) for _ in discipline.take(standing(ms * MS, 20 * MS), ms * MS).dropped]

    assert drops == [200]


def test_codel_goes_on_where_it_was_if_waits_become_long_again_soon() -> None:
    discipline = Codel(CodelConfig())

    def drops(since: int, until: int, wait_ms: int) -> list[int]:
        found = [(ms, discipline.take(standing(ms * MS, wait_ms * MS), ms * MS).dropped) for ms in range(since, until)]
        return [ms for ms, gone in found for _ in gone]

    assert len(drops(0, 1000, 20)) > 20
    assert drops(1000, 1050, 1) == []
    again = drops(1050, 1300, 20)

    assert again[0] == 1150
    assert again[1] - again[0] < 50, "not an interval"


def test_codel_drops_nobody_who_leaves_a_short_queue_behind() -> None:
    discipline = Codel(CodelConfig())

    dropped = [one for ms in range(500) for one in discipline.take(queue(ms - 50, ms - 50), ms * MS).dropped]

    assert dropped == []


def test_folly_sheds_what_waited_ten_ms_in_the_interval_after_one_of_long_waits() -> None:
    discipline = FollyCodel(FollyCodelConfig())
    for ms in range(101):
        assert discipline.take(queue(ms - 6 if ms else -4), ms * MS).dropped == []
    assert not discipline.is_overloaded
    assert discipline.take(queue(102 - 50), 102 * MS) == Next(52, []), "the first of an interval is never shed"
    assert discipline.is_overloaded

    assert discipline.take(queue(103 - 11, 103 - 10), 103 * MS) == Next(93, [92])


def test_folly_is_calm_after_one_short_wait_in_an_interval() -> None:
    discipline = FollyCodel(FollyCodelConfig())
    for ms in range(100):
        discipline.take(queue(ms - (1 if ms == 50 else 60)), ms * MS)

    assert [discipline.take(queue(ms - 60), ms * MS).dropped for ms in range(102, 200)] == [[]] * 98


def test_fail_at_scale_gives_newcomers_five_ms_once_the_queue_stands() -> None:
    discipline = FailAtScale(FailAtScaleConfig(adaptive_lifo=False))
    waiting = queue(0, 50, 90, 101, 106, 110)

    assert discipline.take(waiting, 100 * MS) == Next(0, [])
    # those of 50 and 90 may wait for 100 ms, those from 101 on for 5 ms
    assert discipline.take(waiting, 112 * MS) == Next(50, [101, 106])
    assert [item for _, item in waiting] == [90, 110]


def test_fail_at_scale_begins_anew_when_nobody_waits() -> None:
    discipline = FailAtScale(FailAtScaleConfig())
    assert discipline.take(queue(0), 1 * MS) == Next(0, [])

    assert discipline.take(queue(500), 590 * MS) == Next(500, []), "it met an empty queue"


def test_fail_at_scale_hears_of_a_queue_that_became_empty_by_itself() -> None:
    discipline = FailAtScale(FailAtScaleConfig())
    discipline.take(queue(0, 1), 2 * MS)

    discipline.emptied()

    assert discipline.take(queue(500), 590 * MS) == Next(500, [])


def test_fail_at_scale_serves_the_newest_first() -> None:
    assert FailAtScale(FailAtScaleConfig()).take(queue(0, 1, 2), 3 * MS) == Next(2, [])


@pytest.mark.parametrize(
    ("discipline", "longest_ms"),
    [
        (FollyCodel(FollyCodelConfig()), 100), (FailAtScale(FailAtScaleConfig()), 5),
        (FailAtScale(FailAtScaleConfig(adaptive_lifo=False)), 5),
    ],
)  # fmt: skip
def test_in_an_overload_waits_stay_short(discipline: QueueDiscipline, longest_ms: int) -> None:
    waits, dropped = overload(discipline, 20)

    assert len(waits) == pytest.approx(2000, rel=0.02), "the server is never idle"
    assert dropped == pytest.approx(2000, rel=0.05)
    assert max(waits[300:]) <= longest_ms * MS


def test_codel_catches_up_with_twice_the_capacity_only_slowly() -> None:
    waits, _ = overload(Codel(CodelConfig()), 60)
    plain, _ = overload(make_discipline(FifoConfig()), 60)

    assert max(plain) == pytest.approx(30 * SECOND, rel=0.01)
    assert 200 * MS < max(waits) < 1 * SECOND, "drops become more frequent one by one"
    assert max(waits[-1000:]) < max(waits) / 2
