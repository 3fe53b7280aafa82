"""The congestion window of a QUIC path: slow start, one cut per round, CUBIC and never less than Reno."""

from models.quic.window import BETA, DATAGRAM_BYTES, INITIAL_PACKETS, LEAST_PACKETS, Window
from sim.units import MS, SECOND


def test_it_begins_with_32_packets() -> None:
    assert Window().size == 32 * 1280


def test_slow_start_adds_what_is_acknowledged() -> None:
    window = Window()

    window.acked(0, 5_000, 20 * MS)

    assert window.size == INITIAL_PACKETS * DATAGRAM_BYTES + 5_000


def test_losses_of_one_round_trip_cut_it_once() -> None:
    window = Window()

    window.lost(10 * MS, 30 * MS)
    window.lost(20 * MS, 31 * MS)

    assert window.size == int(INITIAL_PACKETS * DATAGRAM_BYTES * BETA)


def test_it_never_falls_below_two_packets() -> None:
    window = Window()

    for i in range(50):
        window.lost(i * SECOND + 1, i * SECOND + 2)

    assert window.size == LEAST_PACKETS * DATAGRAM_BYTES


def test_what_was_sent_before_a_cut_does_not_widen_it() -> None:
    window = Window()
    window.lost(10 * MS, 30 * MS)
    before = window.size

    window.acked(20 * MS, 5_000, 40 * MS)

    assert window.size == before


def test_after_a_cut_it_comes_back_to_what_it_was_within_the_cubic_time() -> None:
    window, rtt = Window(), 20 * MS
    before = window.size
    window.lost(10 * MS, 30 * MS)

    at = 30 * MS
    while window.size < before and at < 10 * SECOND:
        at += rtt
        window.acked(at - rtt, window.size, at)

    back_after = (INITIAL_PACKETS * (1 - BETA) / 0.4) ** (1 / 3)  # K of RFC 9438; Reno is faster on so short a path
    assert at / SECOND < back_after, "32 packets lose 9.6, which Reno's half a packet per round trip makes up in 0.36 s"
