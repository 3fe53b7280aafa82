"""The bytes of channels, in and out: each in order by itself, whatever is lost, doubled or split."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.quic.channel import STREAM_STEP, Inflow, Outflow
from models.quic.packet import Chunk, Ping

SIZES = st.lists(st.integers(0, 3_000), min_size=1, max_size=8)


def chunks_of(messages: dict[int, list[int]], room: int) -> list[Chunk]:
    """All chunks of these messages (sizes by stream), in packets with so much room."""
    outflow = Outflow()
    for stream, sizes in messages.items():
        for number, size in enumerate(sizes):
            outflow.write(stream, (stream, number), size)
    taken: list[Any] = []
    while outflow:
        taken += outflow.take(room)
    return taken


@given(st.dictionaries(st.sampled_from((0, 4, 8)), SIZES, min_size=1), st.randoms(use_true_random=False))
def test_each_stream_is_read_in_order_whatever_the_order_of_its_chunks(
    messages: dict[int, list[int]], luck: Any
) -> None:
    chunks = chunks_of(messages, room=1_200) * 2
    luck.shuffle(chunks)
    inflow = Inflow()

    read = [message for chunk in chunks for message in inflow.take(chunk)]

    for stream, sizes in messages.items():
        assert [number for of, number in read if of == stream] == list(range(len(sizes)))
    assert inflow.n_waiting == 0


def test_a_gap_in_one_stream_holds_up_no_other() -> None:
    inflow = Inflow()

    late = list(inflow.take(Chunk(0, 100, 200, "second of 0")))
    other = list(inflow.take(Chunk(4, 0, 100, "first of 4")))

    assert (late, other) == ([], ["first of 4"])
    assert inflow.n_waiting == 1


def test_a_chunk_of_a_stream_that_is_over_is_dropped() -> None:
    inflow = Inflow()
    list(inflow.take(Chunk(0, 0, 10, "m")))

    inflow.forget(0)

    assert list(inflow.take(Chunk(0, 0, 10, "m"))) == []


@given(st.permutations([STREAM_STEP * i for i in range(30)]))
def test_of_streams_that_are_over_only_those_above_a_gap_are_kept(order: list[int]) -> None:
    inflow = Inflow()

    for stream in order:
        inflow.forget(stream)

    assert inflow._over == set(), "all below the next stream are over"


def test_what_was_lost_goes_before_what_is_new() -> None:
    outflow = Outflow()
    outflow.write(4, "new", 100)

    outflow.repeat([Chunk(0, 0, 50, "lost"), Ping()])

    assert [frame.message for frame in outflow.take(1_200)] == ["lost", "new"]


@given(SIZES, st.integers(64, 1_500))
def test_packets_are_never_fuller_than_their_room(sizes: list[int], room: int) -> None:
    outflow = Outflow()
    for size in sizes:
        outflow.write(0, "m", size)

    while outflow:
        assert sum(frame.stop - frame.start for frame in outflow.take(room)) <= room
