"""The way of a request: leaving early, time-outs and their texts, retries. Go's vectors V6 to V9, V13, V16."""

from typing import Any

import pytest

from models.tuning.config import TunedClient
from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service

AWAITING = "Client.Timeout exceeded while awaiting headers"


def of_version(version: str, **fields: Any) -> TunedClient:
    return a_client(go_version=version, **fields)


def server_end(lab: Lab) -> Any:
    """The server's side of the connection that carries A now."""
    return lab.asked["A"].conn.end.peer.app


# leaving the queue


def test_a_request_cancelled_in_the_queue_leaves_it_and_never_dials() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.ask("A", 0, 200)
    lab.ask("B", 10, 20)
    lab.ask("C", 20, 20)
    lab.cancel("B", 50)
    lab.look(80)

    requests = lab.run().requests

    assert (requests["B"].err, requests["B"].t_done, requests["B"].conn) == ("context canceled", 50, 0), "V7.1"
    assert (requests["C"].conn, requests["C"].t_gotconn) == (1, 200), "V7.1"
    assert (lab.views[80].dialing, lab.views[80].conns_per_host) == (0, 1)


def test_client_timeout_runs_in_the_queue_too() -> None:
    lab = a_lab(client=a_client(timeout=200 * MS, transport={"max_conns_per_host": 1}))
    lab.ask("A", 0, 150)
    lab.ask("B", 10, 150)
    lab.ask("C", 20, 150)

    requests = lab.run().requests

    assert [(requests[name].t_gotconn, requests[name].t_done) for name in "ABC"] == [
        (0, 150),
        (150, 210),
        (210, 220),
    ], "V9.3"
    assert [requests[name].err for name in "BC"] == [AWAITING, AWAITING], "V9.3"
    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 210, 2: 220}, "V9.3"
    assert lab.view().conns_per_host == 0


# leaving a dial


def test_from_go_1_23_on_the_dial_of_a_cancelled_request_goes_on_and_serves_a_later_one() -> None:
    lab = a_lab(client=of_version("1.27"))
    lab.slow_dials(200, 0)
    lab.ask("A", 0)
    lab.cancel("A", 50)
    lab.look(100)
    lab.look(300)
    lab.ask("B", 320, 20)

    requests = lab.run().requests

    assert (requests["A"].err, requests["A"].t_done) == ("context canceled", 50), "V7.2"
    assert (lab.views[100].dialing, lab.views[300].idle) == (1, [1]), "V7.2"
    assert (requests["B"].conn, requests["B"].reused, requests["B"].t_done) == (1, True, 340), "V7.2"


def test_up_to_go_1_22_the_dial_of_a_cancelled_request_is_cancelled_with_it() -> None:
    lab = a_lab(client=of_version("1.22"))
    lab.slow_dials(200, 0)
    lab.ask("A", 0)
    lab.cancel("A", 50)
    lab.look(100)
    lab.ask("B", 320, 20)

    lab.run()

    assert lab.views[100].dialing == 0, "V7.2, 1.22"
    assert lab.connections[1].read_err == "dial: operation was canceled", "V7.2, 1.22"
    assert (lab.requests["B"].conn, lab.requests["B"].reused) == (2, False), "V7.2, 1.22"


@pytest.mark.parametrize(("version", "dialing"), [("1.22", 0), ("1.27", 1)])
def test_a_black_hole_keeps_the_dial_until_dialer_timeout_from_go_1_23_on(version: str, dialing: int) -> None:
    lab = a_lab(client=of_version(version, dial_timeout=500 * MS))
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.cancel("A", 100)
    lab.look(200)
    lab.look(700)

    lab.run()

    assert (lab.views[200].dialing, lab.views[700].dialing) == (dialing, 0), "V7.3"
    assert lab.requests["A"].t_done == 100


@pytest.mark.parametrize(("version", "slots"), [("1.22", 0), ("1.27", 1)])
def test_a_cancelled_dial_holds_its_slot_as_long_as_it_runs(version: str, slots: int) -> None:
    client = of_version(version, dial_timeout=500 * MS, transport={"max_conns_per_host": 1})
    lab = a_lab(client=client)
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.cancel("A", 100)
    lab.look(200)
    lab.look(700)

    lab.run()

    assert (lab.views[200].conns_per_host, lab.views[700].conns_per_host) == (slots, 0), "V7.4"


def test_client_timeout_does_not_bound_the_dial_from_go_1_23_on() -> None:
    lab = a_lab(client=a_client(timeout=200 * MS, dial_timeout=600 * MS))
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.look(300)
    lab.look(700)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == (AWAITING, 200), "V9.2"
    assert (lab.views[300].dialing, lab.views[700].dialing) == (1, 0), "V9.2: the dial goes on to 600 ms"


@pytest.mark.parametrize(("version", "handshaking"), [("1.22", 0), ("1.27", 1)])
def test_the_handshake_of_a_cancelled_request_goes_on_from_go_1_23_on(version: str, handshaking: int) -> None:
    client = of_version(version, transport={"tls_handshake_timeout": 500 * MS})
    lab = a_lab(client=client, services={"h1": a_service(scheme="https")})
    lab.stall_tls()
    lab.ask("A", 0)
    lab.cancel("A", 100)

    lab.run()

    assert (lab.level("handshaking", 200), lab.level("handshaking", 600)) == (handshaking, 0), "V10.3"
    assert lab.transport.kernel.files.is_open == 0


@pytest.mark.parametrize(("version", "idle"), [("1.22", [1]), ("1.27", [1, 2])])
def test_up_to_go_1_22_a_client_timeout_ends_the_surplus_dial_with_its_request(version: str, idle: list[int]) -> None:
    client = of_version(version, timeout=5_000 * MS, transport={"max_idle_conns_per_host": 10})
    lab = a_lab(client=client)
    lab.slow_dials(0, 200)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 20)
    lab.look(350)

    lab.run()

    assert (lab.requests["B"].conn, lab.requests["B"].t_done) == (1, 120), "V6.5"
    assert lab.views[350].idle == idle, "V6.5"


def test_close_idle_connections_ends_a_dial_that_nobody_waits_for() -> None:
    lab = a_lab()
    lab.slow_dials(400)
    lab.ask("A", 0)
    lab.cancel("A", 50)
    lab.look(75)
    lab.at(100, lab.transport.close_idle_connections)
    lab.look(150)

    lab.run()

    assert (lab.views[75].dialing, lab.views[150].dialing) == (1, 0), "V16.3"
    assert lab.connections[1].read_err == "dial: operation was canceled", "V16.3"


def test_close_idle_connections_spares_a_dial_that_is_waited_for() -> None:
    lab = a_lab()
    lab.slow_dials(400)
    lab.ask("A", 0)
    lab.at(100, lab.transport.close_idle_connections)

    lab.run()

    assert lab.requests["A"].t_gotconn == 400


def test_the_error_of_a_dial_whose_request_was_served_otherwise_is_dropped() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.slow_dials(0, 200, fail=(2,))
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 300)

    lab.run()

    assert (lab.requests["B"].status, lab.requests["B"].t_done) == (200, 400), "V6.6"


# leaving while the connection is busy


def test_a_request_cancelled_while_it_waits_for_headers_closes_its_connection() -> None:
    lab = a_lab()
    lab.ask("A", 0, 300)
    lab.cancel("A", 100)
    lab.ask("B", 200)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done, lab.connections[1].t_close) == (
        "context canceled",
        100,
        100,
    ), "V7.5"
    assert lab.requests["B"].conn == 2, "V7.5: never reused"


def test_response_header_timeout_closes_the_connection() -> None:
    lab = a_lab(response_header_timeout=200 * MS)
    lab.ask("A", 0, 400)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("timeout awaiting response headers", 200), "V8.1"
    assert lab.connections[1].t_close == 200


def test_response_header_timeout_starts_when_the_request_is_written() -> None:
    lab = a_lab(client=a_client(overhead=50 * MS, transport={"response_header_timeout": 200 * MS}))
    lab.ask("A", 0, 400)

    lab.run()

    assert lab.requests["A"].t_done == 250, "50 ms of CPU before the write, then 200 ms (go_transport.md, 6.1; V8.2)"


def test_response_header_timeout_does_not_run_in_the_queue_or_during_the_dial() -> None:
    lab = a_lab(response_header_timeout=200 * MS, max_conns_per_host=1)
    lab.slow_dials(300)
    lab.ask("A", 0, 150)
    lab.ask("B", 10, 150)

    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [450, 600]
    assert [lab.requests[name].err for name in "AB"] == ["", ""]


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_response_header_timeout_of_zero_or_less_is_none(timeout: int) -> None:
    lab = a_lab(response_header_timeout=timeout)
    lab.ask("A", 0, 1_500)

    assert lab.run().requests["A"].status == 200


def test_client_timeout_while_awaiting_headers_closes_the_connection() -> None:
    lab = a_lab(client=a_client(timeout=200 * MS))
    lab.ask("A", 0, 500)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done, lab.connections[1].t_close) == (AWAITING, 200, 200), "V9.1"


def test_client_timeout_covers_the_body() -> None:
    lab = a_lab(client=a_client(timeout=250 * MS), services={"h1": a_service(response_size=100_000)}, rtt=100 * MS)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].t_first == 200, "connect 100 ms, request and first byte 100 ms"
    assert (lab.requests["A"].err, lab.requests["A"].t_done) == (
        "Client.Timeout or context cancellation while reading body",
        250,
    ), "V9.4"


def test_of_two_time_outs_the_earlier_one_speaks() -> None:
    lab = a_lab(client=a_client(timeout=100 * MS, transport={"response_header_timeout": 200 * MS}))
    lab.ask("A", 0, 400)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == (AWAITING, 100)


def test_the_late_answer_to_a_request_that_gave_up_leaves_no_time_wait() -> None:
    lab = a_lab(client=a_client(timeout=200 * MS), rtt=2 * MS)
    lab.ask("A", 0, 500)

    lab.run()

    assert lab.level("c_fin_wait2", 300) == 1, "closed by the client, the server's handler still runs"
    assert [lab.level(name, 600) for name in ("c_fin_wait2", "c_time_wait", "s_time_wait", "s_close_wait")] == [
        0,
        0,
        0,
        0,
    ]


# lost connections


def test_a_get_on_a_reused_connection_that_the_server_closes_is_sent_again() -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 50)
    lab.close_connections(120)

    requests = lab.run().requests

    assert (requests["A"].status, requests["A"].attempts, requests["A"].conn) == (200, 2, 2), "V13.1"
    assert requests["A"].reused is False, "V13.1: the second connection is fresh"
    assert requests["A"].t_done == 170, "at once, without a pause"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_the_other_safe_methods_are_sent_again_too(method: str) -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 50, method=method)
    lab.close_connections(120)

    assert lab.run().requests["A"].attempts == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_request_with_a_body_on_a_reused_connection_gets_eof(method: str) -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 50, method=method, has_body=True)
    lab.close_connections(120)

    requests = lab.run().requests

    assert (requests["A"].err, requests["A"].attempts, requests["A"].t_done) == ("EOF", 1, 120), "V13.2"


def test_a_delete_is_not_sent_again() -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 50, method="DELETE")
    lab.close_connections(120)

    assert lab.run().requests["A"].err == "EOF", "V13.4: DELETE is not in Go's list of replayable methods"


@pytest.mark.parametrize(("can_rewind", "err"), [(True, ""), (False, "EOF")])
def test_an_idempotency_key_makes_a_post_replayable_if_its_body_can_be_rewound(can_rewind: bool, err: str) -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 50, method="POST", has_body=True, is_idempotent=True, can_rewind=can_rewind)
    lab.close_connections(120)

    assert lab.run().requests["A"].err == err, "V13.3"


def test_a_request_is_sent_again_as_often_as_reused_connections_fail() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.slow_dials(0, 0, 100)
    lab.ask("W", 0, 10)
    lab.ask("X", 5, 10)
    lab.ask("A", 100, 50)
    lab.at(120, lambda: server_end(lab).close())
    lab.at(140, lambda: server_end(lab).close())

    requests = lab.run().requests

    assert (requests["A"].attempts, requests["A"].status) == (3, 200), (
        "two idle ones fail, the third connection is fresh"
    )
    assert requests["A"].t_gotconn == 240
