"""A connection in use: whose close it is, what the caller sees, what is written down."""

import pytest

from models.kernel.socket import On
from sim.engine.distributions import Constant
from sim.units import MS
from tests.models.worlds import a_client, a_lab, a_service


def test_a_connection_is_back_in_the_pool_before_the_caller_goes_on() -> None:
    lab = a_lab()
    lab.ask("A", 0, 50)
    lab.at(0, lambda: setattr(lab.asked["A"], "on_done", lambda _: lab.views.update({0: lab.view()})))

    lab.run()

    assert lab.views[0].idle == [1], "a response without a body: PutIdleConn comes before Do returns (V18.1)"


def test_a_server_that_closes_an_idle_connection_takes_it_out_of_the_pool() -> None:
    lab = a_lab()
    lab.ask("W", 0)
    lab.close_connections(50)
    lab.look(150)
    lab.ask("A", 200, method="POST", has_body=True)

    lab.run()

    assert (lab.views[150].idle, lab.views[150].open) == ([], 0), "V23.2"
    assert (lab.connections[1].t_close, lab.connections[1].read_err) == (50, "EOF")
    assert (lab.requests["A"].conn, lab.requests["A"].err) == (2, ""), "V23.2: a new one is dialed, no error"


def test_the_server_holds_time_wait_when_its_idle_timeout_closes_first() -> None:
    lab = a_lab(services={"h1": a_service(idle_timeout=300_000_000)})
    lab.ask("A", 0)
    lab.ask("B", 500)

    lab.run()

    assert lab.connections[1].t_close == 300, "V23.1"
    assert (lab.level("c_time_wait", 450), lab.level("s_time_wait", 450)) == (0, 1), "V23.1"
    assert lab.requests["B"].conn == 2


def test_a_fresh_connection_that_is_closed_without_an_answer_is_eof() -> None:
    lab = a_lab()
    lab.ask("A", 0, 100)
    lab.close_connections(50)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("EOF", 50), "V13.5: never retried, not even GET"
    assert lab.requests["A"].attempts == 1


def test_a_reset_during_the_wait_for_headers_is_the_callers_error() -> None:
    lab = a_lab()
    lab.ask("A", 0, 100)
    lab.at(50, lambda: lab.asked["A"].conn.end.peer.feed(On.ABORT))

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("connection reset by peer", 50), "V13.5"


def test_a_response_with_connection_close_is_not_reused() -> None:
    lab = a_lab(services={"h1": a_service(disable_keep_alives=True)})
    lab.ask("A", 0)
    lab.ask("B", 100)

    requests = lab.run().requests

    assert [(requests[name].conn, requests[name].reused) for name in "AB"] == [(1, False), (2, False)], "V15.1"
    assert lab.view().open == 0


@pytest.mark.parametrize(("close_race", "at_client"), [(0.0, 0), (1.0, 1)])
def test_after_connection_close_the_race_decides_who_has_time_wait(close_race: float, at_client: int) -> None:
    lab = a_lab(
        client=a_client(close_race=close_race), services={"h1": a_service(disable_keep_alives=True)}, rtt=1_000_000
    )
    lab.ask("A", 0)

    lab.run()

    assert (lab.level("c_time_wait", 100), lab.level("s_time_wait", 100)) == (at_client, 1), (
        "the server's FIN is under way when the client closes: a simultaneous close leaves both in TIME_WAIT"
    )


def test_a_connection_knows_how_many_requests_it_carried() -> None:
    lab = a_lab(idle_conn_timeout=300_000_000)
    lab.ask("A", 0)
    lab.ask("B", 100)

    lab.run()

    assert (lab.connections[1].nreq, lab.connections[1].t_last_read, lab.connections[1].lport >= 32768) == (
        2,
        100,
        True,
    )


def test_a_closed_connection_gives_back_its_descriptor_once() -> None:
    lab = a_lab()
    lab.ask("A", 0)
    lab.run(50)
    conn = next(iter(lab.transport._open))

    conn.close()
    conn.close()

    assert lab.transport.kernel.files.is_open == 0


def test_an_idle_connection_is_handed_out_until_its_readloop_has_seen_the_fin() -> None:
    client = a_client(read_lag=Constant(value=10 * MS))
    lab = a_lab(client=client, rtt=2 * MS)
    lab.ask("W", 0)
    lab.close_connections(50)
    lab.ask("GET", 55)
    lab.ask("another", 300)
    lab.close_connections(400)
    lab.ask("late", 405, method="POST", has_body=True)
    lab.run()

    assert lab.connections[1].t_close == 61, "the FIN is there at 51, and its readLoop runs 10 ms later"
    assert (lab.requests["GET"].attempts, lab.requests["GET"].err) == (2, ""), "retried (go_transport.md, 7)"
    assert (lab.requests["late"].attempts, lab.requests["late"].err) == (1, "EOF"), (
        "the RST comes before the readLoop runs, but behind a FIN read() says EOF"
    )


def test_readloops_that_are_woken_together_see_their_fins_before_a_lost_request_is_sent_again() -> None:
    lab = a_lab(client=a_client(read_lag=Constant(value=10 * MS)), rtt=2 * MS)
    lab.ask("first", 0, 20)
    lab.ask("second", 0, 20)
    lab.ask("busy", 40, 100)
    lab.close_connections(60)

    lab.run()

    assert [lab.connections[i].t_close for i in (1, 2)] == [71, 71], "FINs at 61 wake the process once"
    assert (lab.requests["busy"].attempts, lab.requests["busy"].conn) == (2, 3), "not the idle one that is closing, too"
