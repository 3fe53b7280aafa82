"""Exchanges that go step by step: bodies in pieces, callers who do not simply read, uploads, and what is counted."""

from enum import IntEnum
from typing import Any

import pytest

from models.backend.server import CLOSE_DELAY
from models.reply import Act, Framing, Reply, Upload
from models.request import Read
from models.transport.attempt import Attempt, On, Reading
from models.transport.writing import On as Wrote
from models.transport.writing import Write, Writing
from sim.engine.machine import IllegalEvent
from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service

OLD = a_client(go_version="1.26")


def large(body_bytes: int, **reply: Any) -> Reply:
    return Reply(body_bytes=body_bytes, **reply)


def a_far_lab(version: str = "1.27") -> Lab:
    """100 kB take three flights: they arrive 10, 30 and 50 ms after they were sent."""
    return a_lab(client=a_client(go_version=version), rtt=20 * MS)


# the machines


ILLEGAL = [
    (machine, state, event)
    for machine, states, events in ((Attempt, Reading, On), (Writing, Write, Wrote))
    for state in states
    for event in events
    if event not in machine.table[state]
]


@pytest.mark.parametrize(("machine", "state", "event"), ILLEGAL)
def test_what_a_table_does_not_know_is_a_bug_and_changes_nothing(
    machine: type[Attempt | Writing], state: IntEnum, event: IntEnum
) -> None:
    it = machine.__new__(machine)
    it.state = state

    with pytest.raises(IllegalEvent):
        it.feed(event)

    assert it.state is state


# first byte and last byte


def test_a_body_of_several_flights_begins_at_its_first_and_ends_at_its_last() -> None:
    lab = a_lab(services={"h1": a_service(response_size=100_000)}, rtt=20 * MS)
    lab.ask("A", 0)

    row = lab.run().requests["A"]

    assert (row.t_first, row.t_done) == (40, 80), "dial 20, request 10, answer 10; 100 kB need two round trips more"
    assert [lab.level("reading_body", ms) for ms in (39, 41, 79, 81)] == [0, 1, 1, 0]


def test_a_caller_that_closes_early_closes_at_the_first_byte() -> None:
    lab = a_far_lab("1.26")
    lab.ask("A", 0, read=Read.CLOSE, reply=large(100_000))

    row = lab.run().requests["A"]

    assert (row.t_done, lab.connections[1].t_close) == (40, 40), "up to 1.26 Close closes the connection"
    assert (lab.level("c_time_wait", 100), lab.level("s_time_wait", 100)) == (0, 0), (
        "a flight of 14 kB lies unread, more than readLoop's 4 KiB buffer holds: RST, no TIME_WAIT (6.3)"
    )


def test_a_small_body_closed_unread_lies_in_the_readers_buffer_so_the_close_is_a_fin() -> None:
    lab = a_lab(client=OLD)
    lab.ask("A", 0, read=Read.CLOSE, reply=large(1_000))

    lab.run()

    assert (lab.connections[1].t_close, lab.level("c_time_wait", 100)) == (0, 1)


@pytest.mark.parametrize(("wanted", "done"), [(10, 40), (14_000, 40), (30_000, 60), (99_999, 80)])
def test_a_caller_that_reads_some_bytes_waits_for_the_flight_that_brings_them(wanted: int, done: float) -> None:
    lab = a_far_lab("1.26")
    lab.ask("A", 0, read=Read.CLOSE, read_bytes=wanted, reply=large(100_000))

    lab.run()

    assert (lab.requests["A"].t_done, lab.connections[1].t_close) == (done, done)


def test_the_last_declared_byte_is_the_end_of_the_body() -> None:
    lab = a_far_lab("1.26")
    lab.ask("A", 0, read=Read.CLOSE, read_bytes=100_000, reply=large(100_000))

    lab.run()

    assert lab.view().idle == [1], "the Read that returns it reports the end, too (V14.1)"


# drained since 1.27


def test_a_body_that_arrives_within_50_ms_of_its_close_is_drained_and_the_connection_kept() -> None:
    lab = a_far_lab()
    lab.ask("A", 0, read=Read.CLOSE, reply=large(100_000))
    lab.look(79)
    lab.look(81)

    lab.run()

    assert lab.requests["A"].t_done == 40, "Close returns at once"
    assert (lab.views[79].idle, lab.views[81].idle) == ([], [1]), "40 ms later the last flight is here"
    assert [lab.level("draining", ms) for ms in (39, 41, 79, 81)] == [0, 1, 1, 0]
    assert lab.goroutines(60) == 3, "readLoop, writeLoop and the one that drains (5.1)"


def test_a_body_that_takes_longer_is_given_up_after_50_ms() -> None:
    lab = a_lab()
    lab.ask("A", 0, read=Read.CLOSE, reply=large(1_000, pause=80 * MS))

    lab.run()

    assert (lab.requests["A"].t_done, lab.connections[1].t_close) == (0, 50)


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED])
def test_more_than_256_kib_are_not_drained(framing: Framing) -> None:
    lab = a_lab()
    lab.ask("A", 0, read=Read.CLOSE, reply=large(300_000, framing=framing))

    lab.run()

    assert (lab.connections[1].t_close, lab.view().idle) == (0, []), "V14.4; of unknown length it is read so far"
    assert lab.level("c_time_wait", 100) == 0, "what is beyond lies unread: RST (6.3)"


def test_an_unknown_length_of_256_kib_is_drained() -> None:
    lab = a_lab()
    lab.ask("A", 0, read=Read.CLOSE, reply=large(262_144, framing=Framing.CHUNKED))

    assert lab.run().view().idle == [1]


# leaked


def test_a_leaked_body_holds_its_slot_until_its_context_ends() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.ask("A", 0, read=Read.NONE, deadline=300 * MS, reply=large(5_000))
    lab.ask("B", 10)

    lab.run()

    assert lab.requests["A"].t_done == 0, "Do has returned, and nobody reads"
    assert [lab.level("unread", ms) for ms in (299, 301)] == [1, 0]
    assert (lab.connections[1].t_close, lab.requests["B"].t_gotconn) == (300, 300)


def test_a_cancelled_context_frees_a_leaked_body() -> None:
    lab = a_lab()
    lab.ask("A", 0, read=Read.NONE, reply=large(5_000))
    lab.cancel("A", 100)

    lab.run()

    assert lab.connections[1].t_close == 100


def test_client_timeout_frees_a_leaked_body() -> None:
    lab = a_lab(client=a_client(timeout=200 * MS))
    lab.ask("A", 0, read=Read.NONE, reply=large(5_000))

    lab.run()

    assert (lab.requests["A"].err, lab.connections[1].t_close) == ("", 200)


def test_the_server_frees_a_leaked_body_by_closing() -> None:
    lab = a_lab(services={"h1": a_service(idle_timeout=100 * MS)})
    lab.ask("A", 0, read=Read.NONE, reply=large(5_000))

    lab.run()

    assert lab.connections[1].t_close == 100


# answers that break


@pytest.mark.parametrize(("act", "err"), [(Act.CUT, "unexpected EOF"), (Act.CUT_BY_RESET, "connection reset by peer")])
def test_a_body_that_breaks_off_is_the_error_of_a_read_after_a_status(act: Act, err: str) -> None:
    lab = a_lab()
    lab.ask("A", 0, reply=large(1_000, act=act, pause=50 * MS))

    row = lab.run().requests["A"]

    assert (row.status, row.err, row.t_first, row.t_done) == (200, err, 0, 50), "V14.6"


@pytest.mark.parametrize(
    ("act", "err"),
    [
        (Act.GARBAGE, 'malformed HTTP status code "there"'),
        (Act.PARTIAL_HEADERS, 'malformed MIME header: missing colon: "Content-Le"'),
    ],
)
def test_what_is_not_http_is_an_error_even_on_a_reused_connection(act: Act, err: str) -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 50, reply=Reply(act=act))

    row = lab.run().requests["A"]

    assert (row.err, row.attempts, row.reused) == (err, 1, True), "rule 7 (V18.4)"
    assert lab.connections[1].t_close == 50


@pytest.mark.parametrize(("close_race", "at_client"), [(0.0, 0), (1.0, 1)])
def test_after_bytes_that_are_no_answer_both_ends_want_to_close(close_race: float, at_client: int) -> None:
    lab = a_lab(client=a_client(close_race=close_race))
    lab.ask("A", 0, reply=Reply(act=Act.GARBAGE))

    lab.run()

    assert (lab.level("c_time_wait", 100), lab.level("s_time_wait", 100)) == (at_client, 1), "as in 11.3"


def test_a_server_that_breaks_off_after_a_1xx_has_begun_to_answer_so_nothing_is_retried() -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 50, 20, reply=Reply(act=Act.EOF, interim=(103,), interim_gap=5 * MS))

    row = lab.run().requests["A"]

    assert (row.err, row.status, row.attempts, row.t_first) == ("unexpected EOF", 0, 1, 50)


def test_a_fin_behind_an_answer_that_nobody_has_read_yet_loses_nothing() -> None:
    lab = a_lab()
    lab.ask("A", 0, read_delay=50 * MS, reply=large(10, act=Act.CLOSE))

    row = lab.run().requests["A"]

    assert (row.err, row.t_done, lab.connections[1].t_close) == ("", 50, 50)
    assert (lab.level("c_time_wait", 100), lab.level("s_time_wait", 100)) == (0, 1), "the server was first (V15.4)"


def test_a_body_without_length_ends_with_the_connection() -> None:
    lab = a_lab()
    lab.ask("A", 0, reply=large(100, framing=Framing.UNTIL_CLOSE, pause=30 * MS))

    row = lab.run().requests["A"]

    t_end = 30 + CLOSE_DELAY / MS  # the server's goroutine closes after its last write
    assert (row.err, row.t_done, lab.connections[1].t_close) == ("", t_end, t_end), "V18.2"


# clocks


def test_a_1xx_does_not_stop_response_header_timeout() -> None:
    lab = a_lab(response_header_timeout=200 * MS)
    lab.ask("A", 0, 100, reply=Reply(interim=(102, 103), interim_gap=100 * MS))

    row = lab.run().requests["A"]

    assert (row.t_first, row.err, row.t_done) == (0, "timeout awaiting response headers", 200), "V8.3"


def test_response_header_timeout_runs_from_the_end_of_the_upload() -> None:
    lab = a_lab(response_header_timeout=200 * MS)
    lab.ask("A", 0, 300, method="POST", has_body=True, body_bytes=8, body_pause=100 * MS)

    row = lab.run().requests["A"]

    assert (row.t_wrote, row.err, row.t_done) == (100, "timeout awaiting response headers", 300), "V8.2"


@pytest.mark.parametrize(
    ("timeout", "deadline", "err", "done"),
    [
        (200, 300, "Client.Timeout or context cancellation while reading body", 200),
        (300, 200, "context deadline exceeded", 200),
        (200, 200, "context deadline exceeded", 200),
    ],
)
def test_of_two_deadlines_the_earlier_one_ends_the_body(timeout: int, deadline: int, err: str, done: float) -> None:
    lab = a_lab(client=a_client(timeout=timeout * MS))
    lab.ask("A", 0, deadline=deadline * MS, reply=large(1_000, pause=500 * MS))

    row = lab.run().requests["A"]

    assert (row.err, row.status, row.t_done) == (err, 200, done), "V9.4, V9.6; timeBeforeContextDeadline"


def test_up_to_go_1_22_a_body_that_is_never_closed_leaves_the_surplus_dial_its_context() -> None:
    closed, unclosed = (
        a_lab(client=a_client(go_version="1.22", timeout=5_000 * MS, transport={"max_idle_conns_per_host": 10}))
        for _ in range(2)
    )
    for lab, read in ((closed, Read.FULL), (unclosed, Read.NOCLOSE)):
        lab.slow_dials(0, 200)
        lab.ask("A", 0, 100)
        lab.ask("B", 50, 20, read=read)
        lab.look(160)
        lab.run()

    assert (closed.views[160].dialing, unclosed.views[160].dialing) == (0, 1), "V6.5: only Close ends the timer"


# uploads


def test_an_answer_that_overtakes_its_upload_waits_for_it_up_to_50_ms() -> None:
    lab = a_lab()
    early = Reply(body_bytes=10, upload=Upload.READ_LATER)
    lab.ask("A", 0, method="POST", has_body=True, body_bytes=8, body_pause=20 * MS, reply=early)
    lab.ask("B", 100, method="POST", has_body=True, body_bytes=8, body_pause=200 * MS, reply=early)

    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [20, 150], "the reader waits with the answer (3.1)"
    assert (lab.requests["B"].reused, lab.connections[1].t_close) == (True, 150), "20 ms: reused; 200 ms: not"


def test_a_final_answer_in_place_of_100_that_keeps_the_connection_lets_the_body_go() -> None:
    lab = a_lab(expect_continue_timeout=1_000 * MS)
    early = Reply(upload=Upload.READ_LATER, status=413)
    lab.ask("A", 0, 30, method="POST", has_body=True, body_bytes=8, expects_continue=True, reply=early)

    row = lab.run().requests["A"]

    assert (row.status, row.t_wrote, row.t_done) == (413, 30, 30), "readResponse: the body is sent, to stay in step"
    assert lab.view().idle == [1]


def test_a_final_answer_in_place_of_100_that_ends_the_connection_spares_the_body() -> None:
    lab = a_lab(expect_continue_timeout=1_000 * MS)
    refusal = Reply(upload=Upload.LEFT, status=413)
    lab.ask("A", 0, 30, method="POST", has_body=True, body_bytes=8, expects_continue=True, reply=refusal)

    row = lab.run().requests["A"]

    assert (row.status, row.t_wrote) == (413, None), "never sent"
    assert lab.view().open == 0


def test_a_connection_lost_during_the_upload_is_eof() -> None:
    lab = a_lab()
    lab.ask("A", 0, method="POST", has_body=True, body_bytes=8, body_pause=100 * MS)
    lab.close_connections(50)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done, row.t_wrote) == ("EOF", 50, None)


def test_a_fin_before_the_headers_are_out_is_a_server_that_closed_an_idle_connection() -> None:
    lab = a_lab(client=a_client(overhead=5 * MS))
    lab.ask("W", 0)
    lab.close_connections(52)
    lab.ask("A", 50, method="POST", has_body=True, body_bytes=8, body_pause=100 * MS)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done) == ("server closed idle connection", 52), "7.1, rule 6"
