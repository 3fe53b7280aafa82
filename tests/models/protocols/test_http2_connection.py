"""An HTTP/2 connection of the client: its clocks, its end, GOAWAY and PING, by Go version."""

import pytest

from models.backend.frame import Code, GoAway
from models.backend.http2 import Http2Connection
from models.protocols.conn_table import CONN_TABLE, Conn, On
from models.protocols.http2_connection import ClientConn
from models.transport.config import Http2Config
from sim.engine.machine import IllegalEvent
from sim.units import MS, SECOND
from tests.models.protocols.labs import SHAKEN, an_http2_lab, conns
from tests.models.worlds import FOREVER, Lab


def server_conns(lab: Lab) -> list[Http2Connection]:
    return [conn for conn in lab.world.hosts[0].server.connections if isinstance(conn, Http2Connection)]


def go_away(lab: Lab, ms: int) -> None:
    """The server says GOAWAY on its connections."""

    def say() -> None:
        for conn in server_conns(lab):
            conn.go_away()

    lab.at(ms, say)


@pytest.mark.parametrize("state", Conn)
@pytest.mark.parametrize("event", On)
def test_only_a_connection_that_is_just_made_can_be_unwanted(state: Conn, event: On) -> None:
    is_decided = event in CONN_TABLE[state]

    assert is_decided is (event is not On.UNWANTED or state is Conn.OPEN)


def test_an_event_that_cannot_be_changes_nothing() -> None:
    lab = an_http2_lab()
    lab.ask("W", 0)
    lab.run(100)
    conn = conns(lab)[0]
    conn.feed(On.EXPIRED)

    with pytest.raises(IllegalEvent):
        conn.feed(On.UNWANTED)

    assert conn.state is Conn.CLOSED


# idle


def test_the_idle_timeout_runs_from_the_end_of_the_last_stream() -> None:
    lab = an_http2_lab(idle_conn_timeout=300 * MS)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 200)

    lab.run()

    assert lab.connections[1].t_close == pytest.approx(250 + 300), "V4.4"
    assert lab.level("pool_idle", 700) == 1, "its handle stays"


def test_the_idle_timeout_of_an_unused_connection_runs_from_its_creation() -> None:
    lab = an_http2_lab(idle_conn_timeout=300 * MS)
    lab.ask("A", 0)
    lab.cancel("A", 0.5)

    lab.run()

    assert lab.connections[1].t_close == pytest.approx(SHAKEN + 300)
    assert lab.connections[1].nreq == 0


@pytest.mark.parametrize("version", ["1.19", "1.23", "1.25", "1.27"])
def test_a_negative_idle_timeout_closes_new_connections_in_a_storm_of_dials(version: str) -> None:
    lab = an_http2_lab(idle_conn_timeout=-1, client={"go_version": version})
    lab.ask("A", 0)

    lab.run(5_000)

    assert lab.requests["A"].err == ""
    assert lab.requests["A"].conn > 20, "Go needed 348 dials for one request, by chance"


def test_in_go_1_24_a_connection_closed_before_its_first_request_still_takes_it() -> None:
    lab = an_http2_lab(idle_conn_timeout=-1, client={"go_version": "1.24"})
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.attempts) == ("client conn could not be established", 1)


def test_one_request_sees_that_a_fresh_connection_has_died() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0)
    lab.cancel("A", 0.5)
    lab.close_connections(100)
    lab.ask("B", 200)
    lab.ask("C", 300)

    lab.run()

    assert lab.requests["B"].err == "client conn could not be established"
    assert lab.requests["C"].err == "", "the next one dials"


def test_up_to_go_1_23_nobody_sees_it() -> None:
    lab = an_http2_lab(client={"go_version": "1.23"})
    lab.ask("A", 0)
    lab.cancel("A", 0.5)
    lab.close_connections(100)
    lab.ask("B", 200)

    lab.run()

    assert (lab.requests["B"].err, lab.requests["B"].conn) == ("", 2)


def test_five_seconds_later_nobody_sees_it_any_more() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0)
    lab.cancel("A", 0.5)
    lab.close_connections(100)
    lab.ask("B", 5_050)

    lab.run(6_000)

    assert lab.requests["B"].err == ""


# the connection ends with streams on it


def test_a_lost_connection_fails_all_its_streams_and_none_is_tried_again() -> None:
    lab = an_http2_lab()
    for name in "ABC":
        lab.ask(name, 0, 500)
    lab.close_connections(200)

    lab.run()

    assert {row.err for row in lab.requests.values()} == {"unexpected EOF"}
    assert {row.attempts for row in lab.requests.values()} == {1}


def test_after_a_dead_connection_the_next_request_dials() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 500)
    lab.close_connections(200)
    lab.ask("B", 300)

    lab.run()

    assert lab.requests["B"].err == ""
    assert lab.requests["B"].conn == 2


def test_a_server_that_goes_away_finishes_what_it_has_begun() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 400)
    go_away(lab, 100)
    lab.ask("B", 200)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].conn) == ("", 1)
    assert lab.requests["B"].conn == 2, "the connection has left the pool"
    assert lab.connections[1].t_close == pytest.approx(400 + SHAKEN), "by the client, with its last stream"


def test_up_to_go_1_19_the_server_has_to_close_it() -> None:
    lab = an_http2_lab(client={"go_version": "1.19"})
    lab.ask("A", 0, 400)
    go_away(lab, 100)

    lab.run()

    assert lab.connections[1].t_close == pytest.approx(400 + SHAKEN + 25)
    assert lab.connections[1].read_err == "EOF"


def test_a_stream_that_a_goaway_disowns_goes_elsewhere_at_once() -> None:
    lab = an_http2_lab(rtt=20 * MS)
    lab.ask("W", 0)
    go_away(lab, 200)
    lab.ask("A", 205, method="POST", has_body=True)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.attempts, row.conn) == ("", 2, 2)
    assert row.t_gotconn == pytest.approx(210 + 40 + SHAKEN), "it learns of it at 210 ms, and dials"


def test_a_first_stream_that_is_disowned_with_an_error_fails() -> None:
    lab = an_http2_lab(rtt=20 * MS)

    def screens(conn: Http2Connection, stream_id: int) -> bool:
        conn.send_frame(GoAway(stream_id - 2, Code.ENHANCE_YOUR_CALM))
        return False

    lab.world.hosts[0].server.screens_stream = screens
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].err == "Transport received GOAWAY from server ErrCode:ENHANCE_YOUR_CALM"


def test_a_connection_that_is_closed_after_goaway_says_so() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 400)
    go_away(lab, 100)
    lab.close_connections(200)

    lab.run()

    assert lab.requests["A"].err == "server sent GOAWAY and closed the connection"


# cancelled streams


def test_a_cancel_resets_its_stream_only() -> None:
    lab = an_http2_lab(service={"honours_cancel": True})
    lab.ask("W", 0)
    lab.ask("A", 200, 300)
    lab.ask("B", 210, 150)
    lab.cancel("A", 250)
    lab.look(280)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("context canceled", 250)
    assert (lab.requests["B"].err, lab.requests["B"].t_done) == ("", 360), "V19.1"
    assert lab.views[280].open == 1
    assert lab.level("srv_handlers", 280) == 1, "the handler of A has heard of it"


@pytest.mark.parametrize(("version", "room"), [("1.23", True), ("1.24", False), ("1.27", False)])
def test_since_go_1_24_a_reset_counts_until_a_silent_server_answers_a_ping(version: str, room: bool) -> None:
    lab = an_http2_lab(1, client={"go_version": version})
    lab.ask("W", 0)
    lab.at(50, lab.world.hosts[0].server.pause)
    lab.ask("A", 100, 10)
    lab.cancel("A", 200)

    lab.run(300)

    assert conns(lab)[0].can_take_new_request is room


def test_the_answer_to_the_ping_frees_the_place() -> None:
    lab = an_http2_lab(1, rtt=10 * MS)
    lab.ask("W", 0)
    lab.ask("A", 100, 500)
    lab.cancel("A", 200)
    lab.at(205, lambda: looks.append(conns(lab)[0].can_take_new_request))
    lab.at(211, lambda: looks.append(conns(lab)[0].can_take_new_request))
    looks: list[bool] = []

    lab.run()

    assert looks == [False, True]


def test_an_answered_ping_is_not_followed_by_another_before_the_server_says_something() -> None:
    lab = an_http2_lab(1, rtt=10 * MS)
    lab.ask("W", 0)
    lab.ask("A", 100, 5_000)
    lab.cancel("A", 200)
    lab.ask("B", 300, 5_000)
    lab.cancel("B", 400)

    lab.run(401)

    assert conns(lab)[0].can_take_new_request, "rstStreamPingsBlocked: it does not count (golang/go#70575)"


def test_a_reset_needs_no_ping_where_something_was_read_since_the_stream_began() -> None:
    lab = an_http2_lab(2, rtt=10 * MS)
    lab.ask("W", 0)
    lab.ask("A", 100, 500)
    lab.ask("B", 100, 50)
    lab.cancel("A", 200)

    lab.run(201)

    assert conns(lab)[0].n_current == 0


def test_the_response_header_timeout_resets_the_stream() -> None:
    lab = an_http2_lab(response_header_timeout=100 * MS)
    lab.ask("A", 0, 300)
    lab.ask("B", 10, 50)
    lab.look(200)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.t_done) == ("timeout awaiting response headers", pytest.approx(SHAKEN + 100))
    assert lab.requests["B"].err == ""
    assert lab.views[200].open == 1


def test_the_response_header_timeout_runs_from_the_end_of_the_body() -> None:
    lab = an_http2_lab(response_header_timeout=100 * MS)
    lab.ask("A", 0, 300, method="POST", has_body=True, body_bytes=100, body_pause=200 * MS)

    lab.run()

    assert lab.requests["A"].t_done == pytest.approx(SHAKEN + 200 + 100)


def test_a_negative_response_header_timeout_fails_at_once() -> None:
    lab = an_http2_lab(response_header_timeout=-1)
    lab.ask("A", 0, 10)
    lab.ask("B", 100, 10, method="POST", has_body=True, body_bytes=100, body_pause=20 * MS)

    lab.run()

    assert lab.requests["A"].err == lab.requests["B"].err == "timeout awaiting response headers"
    assert lab.requests["A"].t_done == pytest.approx(SHAKEN)
    assert lab.requests["B"].t_done == 120


# health


def lab_that_pings(ping_timeout: int = 15 * SECOND) -> Lab:
    settings = Http2Config(send_ping_timeout=1 * SECOND, ping_timeout=ping_timeout)
    lab = an_http2_lab(http2=settings)
    lab.ask("A", 0, 10)
    return lab


def test_a_dead_path_is_found_by_pings() -> None:
    lab = lab_that_pings(ping_timeout=2 * SECOND)
    lab.at(500, lambda: setattr(lab.transport.sites[0].link, "blocked_until", FOREVER))
    lab.ask("B", 600, 10)

    lab.run(5_000)

    row = lab.requests["B"]
    assert row.err == "client connection lost"
    assert row.t_done == pytest.approx(10 + SHAKEN + 1_000 + 2_000), "from the last frame"


def test_a_ping_is_waited_for_15_seconds_by_default() -> None:
    lab = lab_that_pings(ping_timeout=0)
    lab.at(500, lambda: setattr(lab.transport.sites[0].link, "blocked_until", FOREVER))
    lab.ask("B", 600, 10)

    lab.run(17_000)

    assert lab.requests["B"].t_done == pytest.approx(10 + SHAKEN + 1_000 + 15_000)


def test_a_quiet_connection_lives_on_pings() -> None:
    lab = lab_that_pings()

    lab.run(10_000)

    assert conns(lab)[0].t_last_read > 9 * SECOND
    assert lab.view().open == 1


def test_without_pings_a_dead_connection_goes_on_taking_requests() -> None:
    lab = an_http2_lab()
    lab.ask("W", 0)
    lab.at(50, lambda: setattr(lab.transport.sites[0].link, "blocked_until", FOREVER))
    lab.ask("A", 100)
    lab.ask("B", 19_000)

    lab.run(20_000)

    assert set(lab.requests) == {"W"}
    assert isinstance(lab.asked["B"].conn.conn, ClientConn)
    assert lab.asked["B"].conn.conn_id == 0
