"""One request on an HTTP/2 connection: bodies both ways, resets from either side, and what counts as its end."""

from typing import Any

import pytest

from models.reply import Act, Reply
from models.request import Read
from sim.units import MS
from tests.models.protocols.labs import SHAKEN, an_http2_lab, conns
from tests.models.worlds import Lab

LARGE = 1_000_000
FOUR_FLIGHTS = 200_000


def a_download(size: int, *, rtt: int = 20 * MS, **exchange: Any) -> Lab:
    """A body of `size` bytes is asked for at 200 ms on a warm connection."""
    lab = an_http2_lab(rtt=rtt, service={"response_size": size})
    lab.ask("W", 0)
    lab.ask("A", 400, 10, **exchange)
    return lab


def test_a_body_of_several_flights_is_read_to_its_end() -> None:
    lab = an_http2_lab(rtt=20 * MS, service={"response_size": FOUR_FLIGHTS})
    lab.ask("A", 0, 10)

    lab.run()

    row = lab.requests["A"]
    assert row.t_first == pytest.approx(40 + SHAKEN + 20 + 10)
    assert row.t_done == pytest.approx(row.t_first + 3 * 20)
    assert lab.view().open == 1


def test_a_body_that_is_closed_early_costs_its_stream_and_not_the_connection() -> None:
    lab = a_download(FOUR_FLIGHTS, read=Read.CLOSE)
    lab.ask("B", 450, 10)

    lab.run()

    assert lab.requests["A"].t_done == pytest.approx(430), "with the headers"
    assert lab.requests["A"].err == ""
    assert lab.requests["B"].conn == 1
    assert lab.level("h2_streams", 440) == 0
    assert lab.level("draining", 440) == 0


def test_an_unread_body_that_fits_the_window_holds_no_stream() -> None:
    lab = a_download(LARGE, read=Read.NONE)

    lab.run()

    assert lab.level("h2_streams", 440) == 1, "as long as it is coming"
    assert lab.level("h2_streams", 1_500) == 0, "4 MiB are buffered for each stream"
    assert lab.level("srv_handlers", 1_500) == 0


def test_a_larger_unread_body_holds_stream_and_handler_until_its_context_ends() -> None:
    lab = an_http2_lab(service={"response_size": 5 << 20})
    lab.ask("A", 0, 10, read=Read.NONE, deadline=900 * MS)

    lab.run()

    assert lab.requests["A"].err == ""
    assert (lab.level("h2_streams", 850), lab.level("h2_streams", 950)) == (1, 0)
    assert (lab.level("srv_handlers", 850), lab.level("srv_handlers", 950)) == (1, 0)
    assert lab.view().open == 1


def test_cancelling_the_context_ends_an_unread_body_too() -> None:
    lab = an_http2_lab(service={"response_size": 5 << 20})
    lab.ask("A", 0, 10, read=Read.NONE)
    lab.cancel("A", 500)

    lab.run()

    assert (lab.level("h2_streams", 450), lab.level("h2_streams", 550)) == (1, 0)


def test_a_caller_who_reads_late_keeps_no_stream() -> None:
    lab = a_download(100, read_delay=300 * MS)

    lab.run()

    assert lab.requests["A"].t_done == pytest.approx(430 + 300)
    assert (lab.level("h2_streams", 500), lab.level("h2_reading_body", 500)) == (0, 1)


def test_what_is_buffered_survives_the_connection() -> None:
    lab = a_download(100, read_delay=300 * MS)
    lab.close_connections(500)

    lab.run()

    assert lab.requests["A"].err == ""


def test_a_deadline_in_the_body_resets_the_stream() -> None:
    lab = a_download(FOUR_FLIGHTS, deadline=45 * MS)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.status, row.t_done) == ("context deadline exceeded", 200, 445)
    assert lab.view().open == 1


def test_a_connection_lost_in_the_body_cuts_it() -> None:
    lab = an_http2_lab(service={"response_size": 100, "response_pause": 200 * MS})
    lab.ask("A", 0, 10)
    lab.close_connections(100)

    lab.run()

    assert lab.requests["A"].err == "unexpected EOF"


def test_an_upload_in_halves_holds_its_answer_back() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 10, method="POST", has_body=True, body_bytes=100, body_pause=50 * MS)

    lab.run()

    assert lab.requests["A"].t_wrote == pytest.approx(SHAKEN + 50)
    assert lab.requests["A"].t_done == pytest.approx(SHAKEN + 60)


def test_a_body_waits_for_100_continue() -> None:
    lab = an_http2_lab(rtt=10 * MS, expect_continue_timeout=1_000 * MS)
    lab.ask("A", 0, 10, method="POST", has_body=True, body_bytes=100, expects_continue=True)

    lab.run()

    assert lab.requests["A"].t_wrote == pytest.approx(20 + SHAKEN + 10)


def test_a_server_that_answers_without_the_body_resets_the_rest_of_it() -> None:
    lab = an_http2_lab(service={"reads_body": False})
    lab.ask("A", 0, 10, method="POST", has_body=True, body_bytes=100, body_pause=500 * MS)
    lab.ask("B", 100)

    lab.run()

    assert lab.requests["A"].t_done == pytest.approx(SHAKEN + 10), "END_STREAM, then RST_STREAM(NO_ERROR)"
    assert lab.requests["A"].err == ""
    assert lab.requests["B"].conn == 1
    assert conns(lab)[0].n_current == 0


def test_a_handler_that_panics_resets_its_stream() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 10, reply=Reply(act=Act.EOF))
    lab.ask("B", 5, 50)

    lab.run()

    assert lab.requests["A"].err == "INTERNAL_ERROR; received from peer"
    assert lab.requests["A"].attempts == 1, "not tried again, though GET"
    assert lab.requests["B"].err == ""


def test_a_handler_that_panics_in_the_body_cuts_it() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 10, reply=Reply(act=Act.CUT, body_bytes=100, pause=50 * MS))

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.status) == ("INTERNAL_ERROR; received from peer", 200)
    assert row.t_done == pytest.approx(SHAKEN + 60)


def test_an_answer_delimited_by_its_connection_is_framed_here() -> None:
    lab = an_http2_lab(service={"response_framing": "until_close", "response_size": 100})
    lab.ask("A", 0, 10)
    lab.ask("B", 50, 10)

    lab.run()

    assert {row.err for row in lab.requests.values()} == {""}
    assert lab.requests["B"].conn == 1


def test_connection_close_is_a_goaway() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 10, reply=Reply(act=Act.CLOSE))
    lab.ask("B", 100)

    lab.run()

    assert lab.requests["A"].err == ""
    assert lab.requests["B"].conn == 2


def test_a_request_that_wants_to_close_takes_its_connection_out_of_use() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 100, wants_close=True)
    lab.ask("B", 50, 10)

    lab.run()

    assert lab.requests["B"].conn == 2
    assert lab.connections[1].t_close == pytest.approx(100 + SHAKEN), "doNotReuse: with its last stream"


def test_interim_answers_do_not_stop_the_response_header_timeout() -> None:
    lab = an_http2_lab(response_header_timeout=50 * MS)
    lab.ask("A", 0, 100, reply=Reply(interim=(103,), interim_gap=10 * MS))

    lab.run()

    assert lab.requests["A"].err == "timeout awaiting response headers"
    assert lab.requests["A"].t_first == pytest.approx(SHAKEN)
