"""Round trips of QUIC handshakes (reference 6.1), the limit of three times (6.2), losses in them (6.4)."""

import pytest

from models.quic.config import Http3ClientConfig
from models.quic.life import Stage
from models.quic.path import AMPLIFICATION
from sim.units import MS
from tests.models.quic.bench import Bench

KEY = (0, 0)
"""Of the bench's server, with which it reads its tickets."""


def secured(bench: Bench) -> float:
    """When the client is done, in round trips."""
    return bench.run(3_000).reader.happened["secured"] * MS / bench.link.rtt


def served_at(bench: Bench) -> float:
    """When the server has seen the client's Finished, ms."""
    for ms in range(0, 2_000, 5):
        bench.run(ms + 1)
        if bench.accepted and bench.peer.life.state is Stage.CONFIRMED:
            return float(ms)
    raise AssertionError("the server never confirmed the handshake")


def test_a_handshake_takes_one_round_trip_and_the_server_half_of_one_more() -> None:
    assert secured(Bench().start()) == 1.0
    assert served_at(Bench().start()) == 30.0


def test_retry_costs_one_round_trip_more() -> None:
    assert secured(Bench(retry=True).start()) == 2.0


def test_a_token_saves_that_round_trip() -> None:
    assert secured(Bench(retry=True).start(token=True)) == 1.0


def test_early_data_arrive_with_the_hello_and_are_answered_after_one_round_trip() -> None:
    bench = Bench().start(ticket=KEY, early=True).ask(0, 0).answer(10, 0).run(100)

    assert bench.times(bench.server_reader) == {"ask 0": 10.0}
    assert bench.times(bench.reader) == {"answer 0": 20.0}
    assert bench.counts["quic.early_taken"] == 1


def test_early_data_that_are_rejected_are_sent_again_after_the_handshake() -> None:
    bench = Bench().start(ticket=(7, 7), early=True).ask(0, 0).run(100)

    assert bench.times(bench.server_reader) == {"ask 0": 30.0}, "as late as without 0-RTT"
    assert len(bench.server_reader.got) == 1
    assert bench.counts["quic.early_rejected"] == 1


def test_a_server_may_reject_early_data_of_its_own_ticket() -> None:
    bench = Bench(early_data="reject").start(ticket=KEY, early=True).ask(0, 0).run(100)

    assert bench.times(bench.server_reader) == {"ask 0": 30.0}
    assert bench.counts["quic.resumed"] == 1


def test_after_a_retry_early_data_are_sent_again() -> None:
    bench = Bench(retry=True).start(ticket=KEY, early=True).ask(0, 0).run(100)

    assert bench.times(bench.server_reader) == {"ask 0": 30.0}


@pytest.mark.parametrize(("certificate", "round_trips"), [(306, 1), (3_015, 1), (3_045, 2), (12_326, 2)])
def test_certificates_beyond_three_times_the_hello_cost_a_round_trip(certificate: int, round_trips: int) -> None:
    assert secured(Bench(rtt=100 * MS, certificate_bytes=certificate).start()) == round_trips


@pytest.mark.parametrize(("certificate", "round_trips"), [(5_400, 1), (5_700, 2)])
def test_a_hello_of_two_datagrams_doubles_the_limit(certificate: int, round_trips: int) -> None:
    client = Http3ClientConfig(post_quantum=True)

    assert secured(Bench(client=client, certificate_bytes=certificate).start()) == round_trips


def test_a_client_that_is_known_is_sent_all_at_once() -> None:
    assert secured(Bench(retry=True, certificate_bytes=12_000).start(token=True)) == 1.0


@pytest.mark.parametrize(
    ("lost", "ms"),
    [((), 20.0), ((0,), 220.0), ((1, 2), 220.0), ((0, 1), 620.0)],
    ids=["nothing", "the hello", "the server's flight", "the hello twice"],
)
def test_a_handshake_under_loss(lost: tuple[int, ...], ms: float) -> None:
    assert Bench(lost).start().run(2_000).reader.happened["secured"] == ms


def test_a_lost_finished_is_sent_again_after_the_clients_probe_time_out() -> None:
    # datagrams: the hello, two of the server's flight, an acknowledgement, then Finished
    assert served_at(Bench((4,)).start()) == 90.0, "20 + 60 + 10 ms: 60 = 20 + 4 x 10, no acknowledgement delay yet"


def test_a_blocked_server_is_set_free_by_the_clients_probe() -> None:
    # datagrams: the hello, three of the server, then what the client acknowledges them with, which is lost
    bench = Bench((4, 5, 6), certificate_bytes=4_000).start().run(2_000)

    assert bench.reader.happened["secured"] > 60.0
    assert bench.counts["quic.probes"] >= 1


@pytest.mark.parametrize("certificate", [500, 3_300, 9_000, 20_000])
def test_a_server_never_sends_more_than_three_times_what_came_from_an_unknown_address(certificate: int) -> None:
    bench = Bench(certificate_bytes=certificate, rtt=100 * MS).start()

    sent, limits = [], []
    for ms in range(1, 150):
        bench.run(ms)
        if bench.accepted and not bench.peer.path.is_validated:
            sent.append(bench.peer.path.sent)
            limits.append(AMPLIFICATION * bench.peer.path.received)

    assert sent
    assert all(one <= limit for one, limit in zip(sent, limits, strict=True))


def test_nothing_that_is_sent_comes_back_where_udp_is_blocked_so_it_is_given_up_after_five_seconds() -> None:
    bench = Bench()
    bench.link.is_down = True

    bench.start().run(12_000)

    assert bench.reader.happened == {"timed_out": 5_000.0}


def test_a_ticket_comes_with_the_end_of_the_handshake() -> None:
    bench = Bench().start().run(100)

    assert bench.reader.happened["confirmed"] == 40.0
    assert bench.reader.ticket == KEY
