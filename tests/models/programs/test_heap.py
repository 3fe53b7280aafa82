"""Two generations: what survives, what is promoted, what a full collection leaves; and the regions of G1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programs.g1_heap import G1Heap
from models.programs.heap import Heap, Held
from models.programs.jvm_config import JvmConfig

MIB = 1 << 20
SMALL = JvmConfig(heap=300 * MIB, collector="parallel")  # young 100: eden 80, survivors 10 each; old 200


def mib(size_bytes: float) -> float:
    return size_bytes / MIB


def test_the_sizes_are_hotspots() -> None:
    assert [mib(size) for size in (SMALL.young_capacity, SMALL.eden_capacity, SMALL.survivor_capacity)] == [100, 80, 10]
    assert mib(SMALL.old_capacity) == 200


def test_garbage_is_free_and_survivors_are_copied() -> None:
    heap = Heap(SMALL)
    for _ in range(8):
        heap.take(10 * MIB, held_bytes=MIB)
    assert not heap.fits(10 * MIB)

    collection = heap.collect(full=False)

    assert collection == (False, 8 * MIB)
    assert (mib(heap.eden), mib(heap.survivors), mib(heap.old)) == (0, 8, 0)


def test_what_does_not_fit_into_a_survivor_space_is_promoted_the_oldest_first() -> None:
    heap = Heap(SMALL)
    heap.take(20 * MIB, held_bytes=8 * MIB)
    heap.collect(full=False)
    heap.take(20 * MIB, held_bytes=6 * MIB)

    assert heap.collect(full=False).moved_bytes == 14 * MIB
    assert (mib(heap.survivors), mib(heap.old)) == (6, 8)


def test_what_lives_long_enough_is_promoted() -> None:
    heap = Heap(JvmConfig(heap=300 * MIB, collector="parallel", tenuring=2))
    held = heap.take(20 * MIB, held_bytes=MIB)
    olds = []
    for _ in range(4):
        heap.collect(full=False)
        olds.append(mib(heap.old))
    assert olds == [0, 0, 1, 1]

    assert held is not None
    heap.release(held)
    heap.collect(full=False)
    assert mib(heap.old) == 1  # garbage, until somebody looks
    heap.collect(full=True)
    assert mib(heap.old) == 0


def test_a_promotion_that_does_not_fit_is_a_full_collection() -> None:
    heap = Heap(JvmConfig(heap=300 * MIB, live=195 * MIB, collector="parallel"))
    heap.take(70 * MIB, held_bytes=20 * MIB)

    collection = heap.collect(full=False)

    assert collection == (True, 215 * MIB)
    assert (mib(heap.old), mib(heap.eden)) == (200, 15)  # the rest stays in eden
    assert heap.collect(full=False).is_full


def test_what_fills_half_of_eden_goes_to_the_old_generation() -> None:
    heap = Heap(SMALL)
    heap.take(40 * MIB)
    assert (mib(heap.eden), mib(heap.old)) == (0, 40)
    assert not heap.fits(161 * MIB)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 100), st.integers(0, 20), st.integers(0, 3)), max_size=60),
    st.sampled_from([0, 2, 15]),
    st.booleans(),
)
def test_nothing_is_lost_and_nothing_overflows(
    steps: list[tuple[int, int, int, int]], tenuring: int, regions: bool
) -> None:
    config = JvmConfig(heap=300 * MIB, live=30 * MIB, tenuring=tenuring, collector="g1" if regions else "parallel")
    heap = G1Heap(config) if regions else Heap(config)
    under_way: list[Held] = []
    kept = 30 * MIB
    for size, share, leak, ends in steps:
        for _ in range(min(ends, len(under_way))):
            heap.release(under_way.pop(0))
        held, leaks = size * share * MIB // 200, leak * size * MIB // 200
        for full in (False, False, True):
            if not heap.fits(size * MIB):
                heap.collect(full=full)
        if heap.fits(size * MIB):
            kept += leaks
            holds = heap.take(size * MIB, held_bytes=held, kept_bytes=leaks)
            under_way += [] if holds is None else [holds]

        assert heap.live == kept + sum(one.size_bytes for one in under_way)
        assert heap.live <= heap.eden + heap.survivors + heap.old <= config.heap
        assert all(0 <= share <= 1 for share in heap.shares)
    heap.collect(full=True)
    assert heap.eden + heap.survivors + heap.old == heap.live


def test_g1_marks_old_regions_and_collects_their_garbage_in_eight_parts() -> None:
    heap = G1Heap(JvmConfig(heap=1000 * MIB, live=100 * MIB, collector="g1", tenuring=0))
    holders = [heap.take(50 * MIB, held_bytes=50 * MIB) for _ in range(8)]
    heap.collect(full=False)
    assert (mib(heap.old), heap.wants_mark) == (500, True)
    for held in holders:
        assert held is not None
        heap.release(held)

    heap.begin_mark()
    heap.end_mark()
    moved = [heap.collect(full=False).moved_bytes for _ in range(9)]

    assert mib(heap.old) == 100
    assert moved[0] == pytest.approx(50 / 400 * 100 * MIB)  # what lives beside an eighth of the garbage
    assert moved[8] == 0


def test_g1s_young_generation_takes_the_room_that_is_left() -> None:
    edens = [G1Heap(JvmConfig(heap=1000 * MIB, live=live * MIB, collector="g1")).eden_capacity for live in (0, 600)]

    assert [mib(eden) for eden in edens] == pytest.approx([600, 300])
