"""Handlers that answer step by step: 1xx, panics, unread uploads, framing; what a service configures for all."""

from typing import Any

import pytest

from models.kernel.socket import On
from models.reply import Act, Reply, Upload
from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service


def a_lab_with(**service: Any) -> Lab:
    return a_lab(services={"h1": a_service(**service)})


def upload(lab: Lab, body_bytes: int) -> Any:
    """The row of an upload that takes 100 ms, to a handler that never reads it."""
    lab.ask(
        "A", 0, method="POST", has_body=True, body_bytes=body_bytes, request_bytes=200 + body_bytes, body_pause=100 * MS
    )
    return lab.run().requests["A"]


def test_interim_answers_precede_the_work() -> None:
    lab = a_lab_with(interim=(102, 103), interim_gap=10 * MS)
    lab.ask("A", 0, 50)

    row = lab.run().requests["A"]

    assert (row.t_first, row.t_done, row.status) == (0, 70, 200), "the first byte is the 1xx's (10)"


def test_a_paused_answer_holds_its_worker() -> None:
    lab = a_lab_with(response_pause=80 * MS, response_size=1_000, workers=1)
    lab.ask("A", 0, 20)
    lab.ask("B", 10, 20)

    lab.run()

    assert [(lab.requests[name].t_first, lab.requests[name].t_done) for name in "AB"] == [(20, 100), (120, 200)]


def test_a_share_of_panics_follows_the_requests_own_draw() -> None:
    lab = a_lab_with(panics=0.5)
    lab.ask("A", 0, 20)
    lab.ask("B", 100, 20)
    lab.at(0, lambda: setattr(lab.asked["A"], "fate_draw", 0.4))

    lab.run()

    assert [(lab.requests[name].err, lab.requests[name].t_done) for name in "AB"] == [("EOF", 20), ("", 120)], "V23.4"


def test_a_panic_behind_part_of_the_body_is_an_unexpected_eof() -> None:
    lab = a_lab_with(panics=1.0, response_pause=30 * MS, response_size=1_000)
    lab.ask("A", 0, 20)
    lab.at(0, lambda: setattr(lab.asked["A"], "fate_draw", 0.4))

    row = lab.run().requests["A"]

    assert (row.status, row.err, row.t_done) == (200, "unexpected EOF", 50)


def test_a_replayable_request_on_a_reused_connection_meets_the_panic_again() -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 50, 20, reply=Reply(act=Act.EOF))

    row = lab.run().requests["A"]

    assert (row.attempts, row.err, row.t_done) == (2, "EOF", 90), "V23.4: retried once, then the connection is fresh"


@pytest.mark.parametrize(("body_bytes", "done", "is_kept"), [(255 << 10, 100, True), (256 << 10, 0, False)])
def test_an_unread_upload_is_read_for_the_handler_or_costs_the_connection(
    body_bytes: int, done: float, is_kept: bool
) -> None:
    lab = a_lab_with(reads_body=False)

    row = upload(lab, body_bytes)

    assert (row.status, row.err, row.t_done) == (200, "", done), "11.4: below 256 KiB it is discarded first"
    assert lab.view().idle == ([1] if is_kept else [])


def test_a_body_that_ends_with_the_connection_serves_one_request() -> None:
    lab = a_lab_with(response_framing="until_close", response_size=100)
    lab.ask("A", 0)
    lab.ask("B", 50)

    lab.run()

    assert [lab.requests[name].conn for name in "AB"] == [1, 2], "V18.2"


def test_a_server_that_announces_the_close_and_leaves_it_to_the_client_makes_it_the_first() -> None:
    lab = a_lab(client=a_client(close_race=0.0))
    lab.ask("A", 0, reply=Reply(body_bytes=10, act=Act.CLOSE_KEPT))

    lab.run()

    assert (lab.connections[1].t_close, lab.level("c_time_wait", 50), lab.level("s_time_wait", 50)) == (0, 1, 0), (
        "V15.3: there is no race, whatever close_race says"
    )


def test_a_full_queue_refuses_a_caller_who_closes_early_in_parts() -> None:
    lab = a_lab_with(workers=1, queue=1, response_size=1_000)
    lab.ask("A", 0, 100)
    lab.ask("B", 1, 100)
    lab.ask("C", 2, 100, read_delay=10 * MS)

    row = lab.run().requests["C"]

    assert (row.status, row.t_first, row.t_done) == (503, 2, 12)


def test_an_answer_before_the_upload_is_read_later() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.ask(
        "A", 0, method="POST", has_body=True, body_bytes=8, body_pause=20 * MS, reply=Reply(upload=Upload.READ_LATER)
    )
    lab.ask("B", 30)

    lab.run()

    assert (lab.requests["A"].t_first, lab.requests["A"].t_done) == (0, 20)
    assert lab.requests["B"].reused


def test_a_handler_whose_client_left_is_cancelled_where_the_service_honours_that() -> None:
    lab = a_lab_with(workers=1, honours_cancel=True, response_pause=100 * MS, response_size=1_000)
    lab.ask("A", 0, 10, deadline=50 * MS)
    lab.ask("B", 20, 10)

    lab.run()

    assert lab.requests["B"].t_first == 60, "A's worker is free at 50, in the middle of its answer"
    assert lab.level("srv_handlers", 300) == 0


@pytest.mark.parametrize("act", ["closes", "resets"])
def test_a_handler_that_waits_for_an_upload_ends_with_its_client(act: str) -> None:
    lab = a_lab_with(reads_body=False, workers=1)
    lab.ask("A", 0, method="POST", has_body=True, body_bytes=8, body_pause=500 * MS, deadline=100 * MS)
    lab.ask("B", 50)
    if act == "resets":
        lab.at(90, lambda: lab.asked["A"].conn.end.feed(On.ABORT))

    assert lab.run().requests["B"].t_done == (90 if act == "resets" else 100)
