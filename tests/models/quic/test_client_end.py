"""A QUIC connection after its handshake: losses, streams, silence, resets, changes of address."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backend.frame import Frame
from models.quic.config import Http3ClientConfig
from models.quic.life import Stage
from tests.models.quic.bench import Bench

QUICK = Http3ClientConfig(post_quantum=False)


def a_connection(lost: Any = (), **fields: Any) -> Bench:
    """One whose handshake is confirmed at 40 ms, and acknowledged at 65; datagrams to be lost are counted from then."""
    bench = Bench(**fields).start().run(70)
    bench.link.lost = {bench.link.n_sent + number for number in lost}
    return bench


def test_messages_travel_half_a_round_trip() -> None:
    bench = a_connection().ask(100, 0).answer(150, 0).run(300)

    assert bench.times(bench.server_reader) == {"ask 0": 110.0}
    assert bench.times(bench.reader) == {"answer 0": 160.0}


def test_a_lost_packet_is_repaired_by_later_ones_after_a_round_trip() -> None:
    bench = a_connection([0])
    for number in range(4):
        bench.ask(100 + number, 4 * number)
    bench.run(300)

    times = bench.times(bench.server_reader)
    assert [times[f"ask {4 * number}"] for number in (1, 2, 3)] == [111.0, 112.0, 113.0], "other streams do not wait"
    assert 100 + 20 + 10 <= times["ask 0"] <= 100 + 9 / 8 * 20 + 10 + 3


def test_a_lost_tail_waits_for_the_probe_time_out() -> None:
    bench = a_connection([0]).ask(100, 0)
    pto = bench.end.recovery.longest_wait() / 1e6

    bench.run(400)

    assert bench.times(bench.server_reader)["ask 0"] == pytest.approx(100 + pto + 10, abs=0.01)
    assert pto < 200, "below the floor of TCP's"


def test_only_the_stream_whose_bytes_were_lost_waits() -> None:
    bench = a_connection([1]).ask(100, 0, size=3_000).ask(100, 4).run(400)

    times = bench.times(bench.server_reader)
    assert times["ask 4"] == 110.0
    assert times["ask 0"] > 125.0


def test_a_long_answer_goes_out_as_the_window_grows() -> None:
    bench = a_connection().ask(100, 0).answer(110, 0, size=150_000).run(1_000)

    assert bench.times(bench.reader)["answer 0"] == pytest.approx(160.0, abs=6), (
        "41 kB in the first flight, 82 more with the second, the rest with the third"
    )


def test_an_idle_connection_is_kept_by_a_ping_every_ten_seconds() -> None:
    bench = a_connection().run(120_000)

    assert bench.end.life.state is bench.peer.life.state is Stage.CONFIRMED
    assert bench.counts["quic.datagrams"] < 45


def test_without_keep_alive_both_ends_forget_it_in_silence() -> None:
    quiet = Http3ClientConfig(post_quantum=False, keep_alive_period=0, max_idle_timeout=2_000_000_000)

    bench = a_connection(client=quiet).run(10_000)

    assert bench.reader.happened["timed_out"] == pytest.approx(2_040, abs=30)
    assert bench.peer.is_closed


def test_a_dead_peer_is_noticed_an_idle_time_out_after_the_first_unanswered_ping() -> None:
    bench = a_connection()
    bench.at(1_000, bench.peer.vanish).run(60_000)

    assert bench.reader.happened["timed_out"] == pytest.approx(40_040, abs=50), "10 s keep-alive, 30 s idle time-out"


def test_a_program_that_has_the_key_ends_a_connection_that_it_does_not_know() -> None:
    bench = a_connection(stateless_reset_key=True)
    bench.at(1_000, bench.peer.vanish).ask(1_500, 0).run(3_000)

    assert bench.reader.happened["was_reset"] == 1_520.0, "one round trip after the client's next packet"


def test_a_close_reaches_the_peer() -> None:
    bench = a_connection()

    bench.at(100, bench.peer.close).run(300)

    assert bench.reader.happened["peer_closed"] == 110.0


# changes of the path


def test_a_client_that_moves_goes_on_at_once() -> None:
    bench = a_connection()
    bench.at(100, lambda: bench.end.moved(host=True)).ask(100.5, 0).answer(120, 0).run(400)

    assert bench.times(bench.server_reader)["ask 0"] == 110.5
    assert bench.times(bench.reader)["answer 0"] == 130.0
    assert bench.peer.path.is_validated


def test_an_answer_under_way_to_the_old_address_is_sent_again_to_the_new_one() -> None:
    bench = a_connection().ask(80, 0).answer(95, 0)
    bench.at(100, lambda: bench.end.moved(host=True)).run(1_000)

    assert 120 < bench.times(bench.reader)["answer 0"] < 200, "the challenge's answer shows that it is lost"


def test_a_new_address_is_not_believed_until_it_answers_a_challenge() -> None:
    bench = a_connection()
    bench.at(100, lambda: bench.end.moved(host=True)).run(110.5)

    assert not bench.peer.path.is_validated
    assert bench.peer.path.sent <= 3 * bench.peer.path.received

    assert bench.run(130.5).peer.path.is_validated


def test_a_server_that_may_not_send_waits_for_the_client() -> None:
    bench = a_connection()
    bench.at(100, lambda: bench.end.moved(host=True))
    bench.at(110.5, lambda: setattr(bench.peer.path, "sent", 20_000))
    bench.at(111, lambda: setattr(bench.peer.path, "received", 0)).ask(112, 0)

    before = bench.engine.scheduled
    bench.run(1_000)

    assert bench.engine.scheduled - before < 500, "its timer does not fire again and again for what it may not send"


def test_a_large_answer_on_an_unvalidated_path_takes_a_round_trip_more() -> None:
    moved, stayed = a_connection(), a_connection()
    moved.at(100, lambda: moved.end.moved(host=True))

    for bench in (moved, stayed):
        bench.ask(100, 0).answer(110.1, 0, size=12_000).run(400)

    cost = moved.times(moved.reader)["answer 0"] - stayed.times(stayed.reader)["answer 0"]
    assert 15 <= cost <= 25, "three times 1.4 kB go at once, the rest when the challenge is answered"


def test_after_a_rebinding_the_client_notices_nothing_and_the_server_keeps_its_window() -> None:
    bench = a_connection()
    before = bench.peer.recovery.rtt.smoothed
    bench.at(100, lambda: bench.end.moved(host=False)).ask(200, 0).answer(215, 0).run(400)

    assert bench.times(bench.reader)["answer 0"] == 225.0
    assert bench.peer.path.address == (0, 1)
    assert abs(bench.peer.recovery.rtt.smoothed - before) < 5_000_000
    assert bench.counts["quic.migrations"] == 0


def test_a_client_that_may_not_migrate_is_cut_off() -> None:
    fixed = Http3ClientConfig(post_quantum=False, migration=False, max_idle_timeout=2_000_000_000)
    bench = a_connection(client=fixed)
    bench.at(100, lambda: bench.end.moved(host=True)).ask(200, 0).run(5_000)

    assert bench.server_reader.got == []
    assert 2_000 < bench.reader.happened["timed_out"] < 2_300


# whatever happens


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5_000)), min_size=1, max_size=12),
    st.sets(st.integers(0, 80), max_size=30),
    st.booleans(),
)
def test_every_message_arrives_once_and_in_order_of_its_stream(
    messages: list[tuple[int, int]], lost: set[int], moves: bool
) -> None:
    bench = a_connection(lost)
    for number, (stream, size) in enumerate(messages):
        bench.at(100 + 7 * number, partial(bench.end.send, Frame(4 * stream, (stream, number)), size))
    if moves:
        bench.at(130, lambda: bench.end.moved(host=True))

    bench.run(29_000)

    read = [message for message, _ in bench.server_reader.got]
    assert sorted(read) == sorted((stream, number) for number, (stream, _) in enumerate(messages))
    for stream in range(4):
        numbers = [number for of, number in read if of == stream]
        assert numbers == sorted(numbers)
    assert bench.end.recovery.under_way == 0
