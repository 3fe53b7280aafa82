"""Which packets are acknowledged, and when."""

from hypothesis import given
from hypothesis import strategies as st

from models.quic.received import MOST_RANGES, Received
from models.quic.rtt import MAX_ACK_DELAY
from sim.engine.timers import NEVER
from sim.units import MS


def of_streams(*numbers: int, at: int = 0) -> Received:
    received = Received(acks_at_once=False)
    for number in numbers:
        received.take(number, at, is_eliciting=True)
    return received


def test_the_first_packet_may_wait_25_ms() -> None:
    assert of_streams(0, at=7 * MS).ack_at == 7 * MS + MAX_ACK_DELAY


def test_every_second_packet_is_acknowledged_at_once() -> None:
    assert of_streams(0, 1, at=7 * MS).ack_at == 7 * MS


def test_a_packet_behind_a_gap_is_acknowledged_at_once() -> None:
    assert of_streams(3, at=7 * MS).ack_at == 7 * MS


def test_a_packet_without_frames_asks_for_nothing() -> None:
    received = Received(acks_at_once=False)

    received.take(0, 0, is_eliciting=False)

    assert received.ack_at == NEVER
    assert received.acknowledge(0) is None


def test_packets_of_the_handshake_do_not_wait() -> None:
    received = Received(acks_at_once=True)

    received.take(0, 7 * MS, is_eliciting=True)

    assert received.ack_at == 7 * MS


def test_an_acknowledgement_says_how_long_it_was_held_back() -> None:
    ack = of_streams(0, at=7 * MS).acknowledge(19 * MS)

    assert ack is not None
    assert (ack.ranges, ack.delay) == (((0, 0),), 12 * MS)


def test_a_packet_that_comes_twice_is_new_once() -> None:
    received = of_streams(0, 1)

    assert not received.take(1, 0, is_eliciting=True)


@given(st.permutations(range(40)), st.integers(1, 40))
def test_the_ranges_are_the_numbers_that_came(order: list[int], n: int) -> None:
    ack = of_streams(*order[:n]).acknowledge(0)

    assert ack is not None
    told = [number for low, high in ack.ranges for number in range(low, high + 1)]
    assert sorted(told) == sorted(order[:n])
    assert list(ack.ranges) == sorted(ack.ranges, reverse=True)


def test_old_ranges_are_forgotten() -> None:
    ack = of_streams(*range(0, 200, 2)).acknowledge(0)

    assert ack is not None
    assert len(ack.ranges) == MOST_RANGES
    assert ack.largest == 198
