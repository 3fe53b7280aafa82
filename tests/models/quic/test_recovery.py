"""When a packet counts as lost, and when the peer is probed (RFC 9002): time is an argument, nothing else moves."""

from models.quic.packet import Ack, Control, Packet, Space
from models.quic.recovery import LONGEST_PROBE_TIMEOUT, Recovery
from sim.engine.timers import NEVER
from sim.units import MS

APP = Space.APPLICATION


def a_recovery(*, is_client: bool = False, sample: int = 20) -> Recovery:
    """Confirmed, with one sample of the round-trip time (ms); 0 leaves it without."""
    recovery = Recovery(is_client=is_client)
    recovery.is_confirmed, recovery.awaits_validation = True, False
    if sample:
        recovery.rtt.sample(sample * MS)
    return recovery


def send(recovery: Recovery, at: float, space: Space = APP) -> Packet:
    packet = Packet(space, recovery.next_number(space), [Control("m")], None)
    recovery.sent(packet, round(at * MS))
    return packet


def ack(*numbers: int, delay: int = 0) -> Ack:
    return Ack(tuple((number, number) for number in sorted(numbers, reverse=True)), delay)


def test_three_later_packets_make_one_lost() -> None:
    recovery = a_recovery()
    first, *_ = [send(recovery, i) for i in range(4)]

    assert recovery.acked(APP, ack(1, 2), 21 * MS) == []
    assert recovery.acked(APP, ack(3), 22 * MS) == [first]


def test_one_later_packet_makes_it_lost_after_nine_eighths_of_a_round_trip() -> None:
    recovery = a_recovery()
    lost = send(recovery, 0)
    send(recovery, 1)

    assert recovery.acked(APP, ack(1), 21 * MS) == []

    assert recovery.deadline(21 * MS) == 22.5 * MS
    assert recovery.expired(round(22.5 * MS)) == ([lost], None)


def test_a_tail_is_probed_after_the_probe_time_out_which_doubles() -> None:
    recovery = a_recovery()
    send(recovery, 0)

    due = []
    for _ in range(3):
        due.append(recovery.deadline(0) / MS)
        assert recovery.expired(round(due[-1] * MS)) == ([], APP)
        assert recovery.probe(APP) is not None
        send(recovery, due[-1])

    assert due == [85.0, 85.0 + 170.0, 85.0 + 170.0 + 340.0], "20 + 4 x 10 + 25 ms, then twice that, then four times"


def test_the_backoff_ends_with_an_acknowledgement() -> None:
    recovery = a_recovery()
    send(recovery, 0)
    recovery.expired(85 * MS)

    recovery.acked(APP, ack(0), 90 * MS)

    assert recovery.n_probes == 0


def test_no_probe_waits_longer_than_a_minute() -> None:
    recovery = a_recovery()
    send(recovery, 0)
    recovery.n_probes = 15

    assert recovery.deadline(0) == LONGEST_PROBE_TIMEOUT


def test_streams_are_not_probed_before_the_handshake_is_confirmed() -> None:
    recovery = a_recovery()
    recovery.is_confirmed = False

    send(recovery, 0)

    assert recovery.deadline(0) == NEVER


def test_a_client_whose_server_may_be_blocked_probes_with_nothing_under_way() -> None:
    recovery = Recovery(is_client=True)

    send(recovery, 0, Space.INITIAL)
    recovery.acked(Space.INITIAL, ack(0), 20 * MS)

    assert recovery.under_way == 0
    assert recovery.deadline(20 * MS) == 60 * MS, "20 + 4 x 10 ms after the last, without an acknowledgement's delay"


def test_packets_of_discarded_keys_are_not_under_way() -> None:
    recovery = Recovery(is_client=False)
    send(recovery, 0, Space.INITIAL)

    recovery.discard(Space.INITIAL)

    assert (recovery.under_way, recovery.deadline(0)) == (0, NEVER)


def test_rejected_early_data_are_taken_off() -> None:
    recovery = Recovery(is_client=True)
    packet = Packet(APP, recovery.next_number(APP), [Control("m")], None, is_early=True)
    recovery.sent(packet, 0)

    assert recovery.reject_early() == [packet]
    assert recovery.under_way == 0


def test_bytes_under_way_are_those_of_packets_neither_acknowledged_nor_lost() -> None:
    recovery = a_recovery()
    packets = [send(recovery, i) for i in range(6)]

    recovery.acked(APP, ack(4, 5), 30 * MS)

    assert recovery.under_way == packets[3].size, "0 to 2 are three behind; 3 has until 3 + 9/8 x 25 ms"
