"""Which HTTP/2 connection a request gets, what becomes of dials that nobody needs, and what is tried again."""

from collections import Counter
from typing import Any

import pytest

from models.backend.frame import Code
from models.backend.http2 import Http2Connection
from models.backend.http2_config import Http2ServerConfig
from models.transport.config import Http2Config
from sim.units import MS, SECOND
from tests.models.protocols.labs import SHAKEN, an_http2_lab, conns
from tests.models.script.scripts import ask, seen_of
from tests.models.worlds import Lab, a_lab, a_service


def refuse(conn: Http2Connection, stream_id: int) -> bool:
    """A server that refuses every stream."""
    conn.reset(stream_id, Code.REFUSED_STREAM)
    return False


def carried(lab: Lab) -> dict[str, int]:
    """The connection that answered each request, numbered from 1."""
    return {name: row.conn for name, row in lab.requests.items()}


def warm(max_streams: int = 100, **rest: Any) -> Lab:
    """One request has made a connection, and its SETTINGS are known."""
    lab = an_http2_lab(max_streams, **rest)
    lab.ask("W", 0)
    return lab


def test_a_warm_connection_carries_many_requests_at_a_time() -> None:
    lab = warm()
    for i in range(50):
        lab.ask(f"r{i}", 100 + i, 300)

    lab.run()

    assert set(carried(lab).values()) == {1}
    assert lab.view().open == 1


def test_the_first_connection_with_room_gets_the_request() -> None:
    lab = warm(2)
    for name, at, service in (("A", 200, 400), ("B", 220, 200), ("C", 240, 400), ("D", 450, 50), ("E", 460, 50)):
        lab.ask(name, at, service)

    lab.run()

    assert carried(lab) == {"W": 1, "A": 1, "B": 1, "C": 2, "D": 1, "E": 2}, "V19.2: fill first, in order of creation"


def test_a_full_connections_handle_leaves_the_list_and_the_new_one_joins_it() -> None:
    lab = warm(1)
    lab.ask("A", 100, 300)
    lab.ask("B", 150, 300)
    lab.look(120)
    lab.look(200)

    lab.run()

    assert lab.views[120].idle == [1], "the handle stays in the list when its connection is used"
    assert lab.views[200].idle == [2]
    assert lab.views[200].open == 2


def test_of_a_cold_start_one_connection_remains_and_two_handles() -> None:
    lab = an_http2_lab()
    for name in "ABC":
        lab.ask(name, 0, 100)
    lab.look(400)

    lab.run()

    assert lab.views[400].idle == [1, 2], "V19.4: the third handle finds the list full"
    assert lab.views[400].open == 1
    assert {conn: row.nreq for conn, row in lab.connections.items()} == {2: 0, 3: 0}, "closed unused"


def test_who_waited_last_finds_the_fresh_connection_first() -> None:
    lab = an_http2_lab()
    for at, name in enumerate("ABC"):
        lab.ask(name, at / 10, 100)

    lab.run()

    reused = {name: row.reused for name, row in lab.requests.items()}
    assert reused == {"A": True, "B": True, "C": False}, "recording E12: runnext of Go's scheduler"


def test_a_request_beyond_the_limit_of_the_fresh_connection_dials_again() -> None:
    lab = an_http2_lab(2)
    lab.ask("W", 0)
    for i in range(5):
        lab.ask(f"r{i}", 100, 500)

    lab.run()

    n_requests = Counter(carried(lab).values())
    assert sorted(n_requests.values()) == [1, 2, 3], "W and two on the first, two on the second, one on the third"


def test_all_who_wait_get_the_connection_of_somebody_elses_dial() -> None:
    lab = an_http2_lab()
    lab.slow_dials(20, 500)
    lab.ask("A", 0, 10)
    lab.ask("B", 5, 10)

    lab.run()

    assert lab.requests["B"].t_gotconn == pytest.approx(20 + SHAKEN)
    assert carried(lab) == {"A": 1, "B": 1}


def test_a_limit_of_connections_limits_dials_only() -> None:
    lab = warm(1, max_conns_per_host=1)
    lab.ask("A", 100, 500)
    lab.ask("B", 150, 500)
    lab.look(300)

    lab.run()

    assert lab.views[300].open == 2, "V19.5: a full connection's handle gives its slot back, though it lives on"
    assert lab.views[300].conns_per_host == 1


def test_idle_caps_act_on_handles_and_never_close_a_connection() -> None:
    lab = warm(max_idle_conns_per_host=-1)
    lab.ask("A", 100)
    lab.look(200)

    lab.run()

    assert (lab.views[200].idle, lab.views[200].open) == ([], 1)
    assert carried(lab)["A"] == 1, "the pool of HTTP/2 finds it without a handle"


def test_a_global_cap_evicts_the_oldest_handle() -> None:
    lab = a_lab(
        services={"g": a_service(scheme="https", http2=Http2ServerConfig(max_concurrent_streams=5)), "h": a_service()},
        max_idle_conns=1,
    )
    lab.ask("A", 0, host="g")
    lab.ask("B", 100, host="h")
    lab.look(50)
    lab.look(200)

    lab.run()

    assert lab.views[50].idle == [1]
    assert (lab.views[200].idle, lab.views[200].open) == ([2], 2), "the handle is gone, its connection is not"


def test_without_keep_alives_each_request_has_a_connection_for_itself() -> None:
    lab = an_http2_lab(disable_keep_alives=True)
    for i, name in enumerate("ABC"):
        lab.ask(name, i * 100, 250)

    lab.run()

    assert sorted(carried(lab).values()) == [1, 2, 3]
    assert all(row.nreq == 1 for row in lab.connections.values())
    assert lab.view().open == 0, "closed after their stream"


def test_close_idle_connections_closes_what_carries_nothing() -> None:
    lab = warm(1)
    lab.ask("A", 100, 300)
    lab.ask("B", 120, 50)
    lab.at(250, lab.transport.close_idle_connections)
    lab.look(300)

    lab.run()

    assert lab.views[300].idle == []
    assert lab.views[300].open == 1, "B's connection was idle; A's carries a stream"
    assert lab.requests["A"].err == ""


def test_a_request_that_is_cancelled_while_it_waits_leaves_its_dial_to_others() -> None:
    lab = an_http2_lab()
    lab.slow_dials(50)
    lab.ask("A", 0)
    lab.cancel("A", 10)
    lab.ask("B", 100)

    lab.run()

    assert lab.requests["A"].err == "context canceled"
    assert carried(lab)["B"] == 1


def test_a_handle_that_is_older_than_the_idle_timeout_is_of_no_use() -> None:
    lab = an_http2_lab(idle_conn_timeout=300 * MS)
    found: list[bool] = []
    for i in range(4):
        lab.ask(f"r{i}", i * 200, 190)
    for at in (300, 302):
        lab.at(at, lambda: found.append(lab.transport.pool.newest_shared(lab.pools["g"]) is not None))

    lab.run()

    assert found == [True, False], "listed at 1.1 ms and never again, though its connection is in use"
    assert (lab.view().idle, lab.connections[1].nreq) == ([], 4)


def test_refused_streams_are_tried_again_at_once_then_after_seconds_that_double() -> None:
    lab = an_http2_lab()
    refused: list[int] = []

    def screens(conn: Http2Connection, stream_id: int) -> bool:
        refused.append(lab.engine.now)
        return refuse(conn, stream_id)

    lab.world.hosts[0].server.screens_stream = screens
    lab.ask("A", 0, method="POST", has_body=True)

    lab.run(70_000)

    seconds = [round((at - refused[0]) / SECOND) for at in refused]
    assert seconds in ([0, 0, 1, 3, 7, 15, 31 + extra, 63 + extra + more] for extra in (0, 1) for more in range(4))
    row = lab.requests["A"]
    assert (row.err, row.attempts) == ("REFUSED_STREAM; received from peer", 8)


def test_a_refused_body_that_cannot_be_had_again_is_not_sent_again() -> None:
    lab = an_http2_lab()
    lab.world.hosts[0].server.screens_stream = refuse
    lab.ask("A", 0, method="POST", has_body=True, can_rewind=False)

    lab.run()

    assert lab.requests["A"].err == "define Request.GetBody to avoid this error"


def test_excess_streams_of_a_cold_start_are_refused_until_the_limit_is_known() -> None:
    lab = an_http2_lab(2, rtt=10 * MS)
    for i in range(6):
        lab.ask(f"r{i}", 0, 50)

    lab.run()

    rows = lab.requests.values()
    assert {row.err for row in rows} == {""}
    assert max(row.attempts for row in rows) == 3, "measured with Go: up to 3 GotConn per request"
    assert max(row.t_done for row in rows) < 150, "two dials more, and no back-off"


def test_a_strict_client_never_makes_a_second_connection() -> None:
    lab = warm(2, http2=Http2Config(strict_max_concurrent_requests=True))
    lab.ask("A", 100, 200)
    lab.ask("B", 110, 200)
    lab.ask("C", 120, 50)

    lab.run()

    assert lab.requests["C"].t_gotconn == 120, "GotConn fires before the wait"
    assert lab.requests["C"].t_wrote == pytest.approx(300), "when A's stream is over"
    assert lab.view().open == 1


def stuck() -> Lab:
    """Two streams are over, and three requests wait for a place under a limit of two."""
    lab = warm(2, http2=Http2Config(strict_max_concurrent_requests=True))
    for i, name in enumerate("ABHIJ"):
        lab.ask(name, 100 + i, 100 if name in "AB" else 50)
    return lab


def test_as_many_waiters_as_the_limit_behind_the_first_wait_for_ever() -> None:
    lab = stuck()

    lab.run(10_000)

    assert set(lab.requests) == {"W", "A", "B"}, "V19.3, golang/go#70809"


def test_a_waiter_that_leaves_lets_the_others_go_on() -> None:
    lab = stuck()
    lab.cancel("J", 1_000)

    lab.run()

    assert (lab.requests["H"].t_done, lab.requests["I"].t_done) == (1_050, 1_050)
    assert conns(lab)[0].n_current == 0


def test_the_first_who_leaves_hands_the_turn_on_and_takes_a_reservation_along() -> None:
    lab = stuck()
    lab.cancel("H", 1_000)

    lab.run()

    assert (lab.requests["I"].t_done, lab.requests["J"].t_done) == (1_050, 1_050)


def test_a_handle_that_is_delivered_without_room_is_dropped_before_the_next_look() -> None:
    asked = [ask(f"r{i}", "0ms", host="g") for i in range(101)]

    requests = seen_of(*asked, server={"g": {"kind": "h2", "mcs": 1_000}})["requests"].values()

    looks = Counter(seen["n_getconn"] - len(seen["conns"]) for seen in requests)
    assert looks == {0: 1, 1: 99, 2: 1}, "the dialler; 99 whom its handle serves; one whom it was delivered to in vain"


def test_retries_stop_when_the_caller_leaves() -> None:
    lab = an_http2_lab(client={"timeout": 500 * MS})
    lab.world.hosts[0].server.screens_stream = refuse
    lab.ask("A", 0)

    lab.run(5_000)

    row = lab.requests["A"]
    assert (row.err, row.attempts, row.t_done) == ("Client.Timeout exceeded while awaiting headers", 2, 500)
    assert conns(lab)[0].nreq == 2
