"""An HTTP/2 connection as Go's server sees it: limits, handlers of reset streams, IdleTimeout, Shutdown, death."""

from collections import Counter

import pytest

from models.backend.frame import FRAME_BYTES, Code, Frame, Reset
from models.backend.http2_config import Http2ServerConfig
from models.backend.life import disable_keep_alives, shutdown
from models.request import Exchange, Request
from models.transport.config import ProxyConfig
from models.transport.http2_errors import go_away_details, whole_error
from sim.units import MS
from tests.models.protocols.labs import SHAKEN, an_http2_lab, conns
from tests.models.worlds import Lab, a_lab, a_service


def a_flood(lab: Lab, n: int, *, ms: int) -> None:
    """A client that opens streams and resets them at once, as Go's never does (CVE-2023-39325)."""

    def send() -> None:
        conn = conns(lab)[0]
        for i in range(n):
            request = Request(1_000 + i, Exchange(workload="flood"), lab.pools["g"], 500 * MS, lab.engine.now)
            conn.end.send(Frame(conn._next_id, request), 200)
            conn.end.send(Reset(conn._next_id, Code.CANCEL), FRAME_BYTES)
            conn._next_id += 2

    lab.at(ms, send)


def test_a_worker_serves_one_stream_at_a_time() -> None:
    lab = an_http2_lab(service={"workers": 1})
    for name in "ABC":
        lab.ask(name, 0, 100)

    lab.run()

    assert sorted(round(row.srv_q) for row in lab.requests.values()) == [0, 100, 200]


def test_a_full_queue_answers_503_on_the_stream() -> None:
    lab = an_http2_lab(service={"workers": 1, "queue": 1})
    for name in "ABC":
        lab.ask(name, 0, 100)

    lab.run()

    assert sorted(row.status for row in lab.requests.values()) == [200, 200, 503]


def test_handlers_of_reset_streams_count_until_they_return() -> None:
    lab = an_http2_lab(2)
    lab.ask("W", 0)
    a_flood(lab, 2, ms=100)
    lab.ask("A", 200, 10)

    lab.run()

    assert lab.level("srv_handlers", 150) == 2
    assert lab.requests["A"].t_done == 610, "its handler starts when one of them ends (scheduleHandler)"


def test_too_many_early_resets_end_the_connection() -> None:
    lab = an_http2_lab(2)
    lab.ask("W", 0)
    a_flood(lab, 2 + 4 * 2 + 2, ms=100)
    lab.ask("A", 200)

    lab.run()

    assert lab.connections[1].t_close == 100
    assert lab.requests["A"].conn == 2


def test_a_limit_that_is_known_and_exceeded_is_an_error_and_not_refused() -> None:
    lab = an_http2_lab(1)
    lab.ask("W", 0)
    lab.ask("A", 100, 300)
    lab.at(150, lambda: conns(lab)[0].admission.announce(5))
    lab.ask("B", 200)
    lab.ask("C", 250)

    lab.run()

    assert lab.requests["B"].err == "PROTOCOL_ERROR; received from peer", "they should know better (newStream)"
    assert lab.requests["C"].conn == 2, "doNotReuse"


def test_an_unlimited_server_takes_the_thousand_that_go_allows_itself() -> None:
    lab = an_http2_lab(0)
    lab.ask("W", 0)
    for i in range(1_001):
        lab.ask(f"r{i}", 100, 300)

    lab.run()

    assert sum(row.conn == 1 for row in lab.requests.values()) == 1_001, "W and 1000"


def test_the_idle_timeout_says_goaway_and_leaves_the_closing_to_the_client() -> None:
    lab = an_http2_lab(service={"idle_timeout": 300 * MS}, rtt=10 * MS)
    lab.ask("A", 0, 100)

    lab.run()

    row = lab.connections[1]
    assert row.t_close == 20 + SHAKEN + 5 + 100 + 300 + 5, "half a round trip after it"
    assert row.read_err == ""
    assert lab.level("s_time_wait", 600) == 0


def test_a_write_timeout_resets_the_stream_and_lets_the_handler_run() -> None:
    lab = an_http2_lab(service={"write_timeout": 50 * MS})
    lab.ask("A", 0, 200)
    lab.ask("B", 100, 10)

    lab.run()

    assert lab.requests["A"].err == "INTERNAL_ERROR; received from peer"
    assert lab.requests["A"].t_done == SHAKEN + 50
    assert lab.level("srv_handlers", 150) == 1
    assert lab.requests["B"].err == ""


def test_a_read_timeout_ends_a_stream_whose_body_does_not_come() -> None:
    lab = an_http2_lab(service={"read_timeout": 50 * MS})
    lab.ask("A", 0, 10, method="POST", has_body=True, body_bytes=100, body_pause=500 * MS)

    lab.run()

    assert lab.requests["A"].err == "INTERNAL_ERROR; received from peer"


def test_shutdown_says_goaway_and_waits_for_the_streams() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0, 300)
    lab.at(100, lambda: lab.engine.process(shutdown(lab.world.hosts[0].server)))

    lab.run()

    assert lab.requests["A"].err == ""
    assert lab.connections[1].t_close == 300 + SHAKEN
    assert not lab.world.hosts[0].server.connections


def test_shutdown_closes_an_idle_connection_at_once() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0)
    lab.at(100, lambda: lab.engine.process(shutdown(lab.world.hosts[0].server)))

    lab.run()

    assert lab.connections[1].t_close == 100


def test_without_keep_alives_a_connection_ends_with_its_last_stream() -> None:
    lab = an_http2_lab(service={"disable_keep_alives": True})
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 100)
    lab.ask("C", 300)

    lab.run()

    assert (lab.requests["B"].conn, lab.requests["C"].conn) == (1, 2)
    assert lab.connections[1].t_close == 150, "h1ServerKeepAlivesDisabled: GOAWAY"


def test_keep_alives_that_are_switched_off_close_idle_connections() -> None:
    lab = an_http2_lab()
    lab.ask("A", 0)
    lab.at(100, lambda: disable_keep_alives(lab.world.hosts[0].server))

    lab.run()

    assert lab.connections[1].t_close == 100


def test_a_program_that_dies_answers_nothing() -> None:
    lab = an_http2_lab(service={"workers": 1})
    lab.ask("A", 0, 300)
    lab.ask("B", 0, 300)
    lab.close_connections(100)
    lab.ask("C", 200, 10)

    lab.run()

    assert lab.requests["A"].err == lab.requests["B"].err == "unexpected EOF"
    assert lab.requests["C"].err == "", "no worker is lost"
    assert lab.level("srv_handlers", 150) == 0


def test_a_pause_holds_frames_back() -> None:
    lab = an_http2_lab()
    lab.ask("W", 0)
    server = lab.world.hosts[0].server
    lab.at(100, server.pause)
    lab.at(300, server.resume)
    lab.ask("A", 150, 10)

    lab.run()

    assert lab.requests["A"].t_done == 310


def test_a_client_that_leaves_ends_handlers_that_honour_it() -> None:
    lab = an_http2_lab(service={"honours_cancel": True, "workers": 1})
    lab.ask("A", 0, 500)
    lab.ask("B", 0, 500)
    lab.cancel("B", 100)

    lab.run()

    assert lab.requests["A"].srv_q == 100 - SHAKEN, "B was served first, since its caller was woken last"


def test_go_says_what_the_peer_said_of_which_stream() -> None:
    assert whole_error("INTERNAL_ERROR; received from peer", 7) == (
        "stream error: stream ID 7; INTERNAL_ERROR; received from peer"
    )
    assert whole_error("timeout awaiting response headers", 7) == "http2: timeout awaiting response headers"
    assert whole_error("define Request.GetBody to avoid this error", 3) == (
        "http2: Transport: cannot retry err [stream error: stream ID 3; REFUSED_STREAM; received from peer]"
        " after Request.Body was written; define Request.GetBody to avoid this error"
    )
    assert whole_error("context canceled", 7) == "context canceled"
    assert whole_error("client connection lost", 7) == "http2: client connection lost"
    details = go_away_details(5, "NO_ERROR")
    assert whole_error("server sent GOAWAY and closed the connection", 7, details) == (
        'http2: server sent GOAWAY and closed the connection; LastStreamID=5, ErrCode=NO_ERROR, debug=""'
    )


def test_what_comes_during_a_pause_that_began_before_the_preface_is_read_after_it() -> None:
    lab = an_http2_lab(rtt=10 * MS)
    server = lab.world.hosts[0].server
    lab.ask("A", 0, 10)
    lab.at(22, server.pause)
    lab.cancel("A", 100)
    lab.ask("B", 150, 10)
    lab.at(200, server.resume)

    lab.run()

    assert lab.requests["B"].t_done == 200 + 10 + 5
    assert lab.level("srv_handlers", 500) == 0


def test_http2_without_tls_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="http2: is spoken over TLS only; write scheme: https beside it"):
        a_service(http2=Http2ServerConfig())


def test_http2_through_a_tunnel_has_the_limit_of_its_target() -> None:
    services = {
        "g": a_service(scheme="https", http2=Http2ServerConfig(max_concurrent_streams=2)), "proxy": a_service()
    }  # fmt: skip
    lab = a_lab(services=services, proxy=ProxyConfig(service="proxy"))
    lab.ask("W", 0)
    for name in "ABC":
        lab.ask(name, 100, 100)

    lab.run()

    assert Counter(row.conn for row in lab.requests.values()) == {1: 3, 2: 1}
