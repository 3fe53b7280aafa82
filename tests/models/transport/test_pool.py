"""Who gets which connection, what is kept and what is closed: Go's recorded vectors V1 to V6 and V16."""

from typing import Any

import pytest

from models.transport.pool import DEFAULT_MAX_IDLE_CONNS_PER_HOST
from tests.models.worlds import Lab, a_lab, a_service


def three_at_once(**transport: Any) -> Lab:
    """Three overlapping requests; their connections come back at 50, 110 and 170 ms."""
    lab = a_lab(**transport)
    lab.ask("A", 0, 50)
    lab.ask("B", 10, 100)
    lab.ask("C", 20, 150)
    lab.look(260)
    return lab


def three_hosts(**transport: Any) -> Lab:
    lab = a_lab(services={name: a_service() for name in ("h1", "h2", "h3")}, **transport)
    lab.ask("A", 0, host="h1")
    lab.ask("B", 60, host="h2")
    lab.ask("C", 120, host="h3")
    lab.look(200)
    return lab


def test_sequential_requests_use_one_connection() -> None:
    lab = a_lab()
    lab.ask("A", 0, 30)
    lab.ask("B", 100, 30)
    lab.ask("C", 200, 30)

    requests = lab.run().requests

    assert [(requests[name].conn, requests[name].reused) for name in "ABC"] == [(1, False), (1, True), (1, True)], (
        "V1.1"
    )


def test_idle_connections_are_taken_last_in_first_out() -> None:
    lab = three_at_once(max_idle_conns_per_host=10)
    lab.ask("D", 300, 50)
    lab.ask("E", 310, 50)

    requests = lab.run().requests

    assert (requests["D"].conn, requests["E"].conn) == (3, 2), "V1.2: the connection that came back last goes first"
    assert (requests["D"].was_idle, requests["D"].idle_time) == (True, 130)


def test_two_idle_connections_are_kept_by_default_and_the_third_to_come_back_is_closed() -> None:
    lab = three_at_once().run()

    assert DEFAULT_MAX_IDLE_CONNS_PER_HOST == 2
    assert lab.views[260].idle == [1, 2], "V2.1"
    assert {number: row.t_close for number, row in lab.connections.items()} == {3: 170}


def test_the_per_host_cap_closes_the_returning_connection_and_spares_the_idle_one() -> None:
    lab = three_at_once(max_idle_conns_per_host=1)
    lab.ask("D", 300, 20)

    lab.run()

    assert lab.requests["D"].conn == 1, "V2.2: the idle one stays"
    assert {number: row.t_close for number, row in lab.connections.items()} == {2: 110, 3: 170}
    assert (lab.level("c_time_wait", 260), lab.level("s_time_wait", 260)) == (2, 0), "the client closed first"


def test_a_negative_per_host_cap_keeps_nothing_and_the_client_closes_first() -> None:
    lab = a_lab(max_idle_conns_per_host=-1)
    lab.ask("A", 0, 20)
    lab.ask("B", 100, 20)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 20, 2: 120}, "V2.3"
    assert (lab.level("c_time_wait", 200), lab.level("s_time_wait", 200)) == (2, 0), "V2.3"


def test_a_negative_per_host_cap_hands_nothing_to_a_waiter_either() -> None:
    lab = a_lab(max_idle_conns_per_host=-1)
    lab.slow_dials(0, 200)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 20)

    lab.run()

    assert (lab.requests["B"].conn, lab.requests["B"].t_gotconn) == (2, 250), "it registers, but nothing is handed over"


def test_the_global_cap_closes_the_least_recently_returned_connection_of_any_host() -> None:
    lab = three_hosts(max_idle_conns=2, max_idle_conns_per_host=2)
    lab.ask("D", 220, host="h1")

    lab.run()

    assert lab.views[200].idle == [2, 3], "V3.1"
    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 120, 2: 220}, "V3.1"


def test_at_the_global_cap_the_oldest_of_the_same_host_goes_too() -> None:
    lab = a_lab(max_idle_conns=1, max_idle_conns_per_host=10)
    lab.ask("A", 0, 50)
    lab.ask("B", 10, 100)

    lab.run()

    assert lab.view().idle == [2], "V3.3"
    assert lab.connections[1].t_close == 110


def test_a_connection_refused_by_the_per_host_cap_evicts_nobody() -> None:
    lab = a_lab(services={"h1": a_service(), "h2": a_service()}, max_idle_conns=2, max_idle_conns_per_host=1)
    lab.ask("A", 0, host="h2")
    lab.ask("B", 10, 30)
    lab.ask("C", 20, 30)

    lab.run()

    assert lab.view().idle == [1, 2], "the per-host check comes before the global one"
    assert list(lab.connections) == [3]


def test_a_negative_global_cap_evicts_every_connection_that_comes_back() -> None:
    lab = a_lab(max_idle_conns=-1)
    lab.ask("A", 0, 20)
    lab.ask("B", 100, 20)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 20, 2: 120}, "V3.4"


def test_a_global_cap_of_zero_is_no_cap() -> None:
    lab = three_hosts(max_idle_conns=0).run()

    assert lab.views[200].idle == [1, 2, 3]


def test_idle_conn_timeout_runs_from_the_return_and_leaves_time_wait_at_the_client() -> None:
    lab = a_lab(idle_conn_timeout=300_000_000)
    lab.ask("A", 0, 50)

    lab.run()

    assert lab.connections[1].t_close == 350, "V4.1"
    assert (lab.level("c_time_wait", 450), lab.level("s_time_wait", 450)) == (1, 0), "V4.1"


def test_each_use_restarts_the_idle_time() -> None:
    lab = a_lab(idle_conn_timeout=300_000_000)
    lab.ask("A", 0)
    lab.ask("B", 200)
    lab.ask("C", 400)

    lab.run()

    assert lab.connections[1].t_close == 700, "V4.2"


def test_the_idle_time_out_spares_a_connection_in_use() -> None:
    lab = a_lab(idle_conn_timeout=300_000_000)
    lab.ask("A", 0)
    lab.ask("B", 100, 600)

    lab.run()

    assert lab.requests["B"].t_done == 700, "V4.3"
    assert lab.connections[1].t_close == 1000


def test_each_idle_connection_has_its_own_deadline() -> None:
    lab = three_at_once(max_idle_conns_per_host=10, idle_conn_timeout=300_000_000).run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 350, 2: 410, 3: 470}


@pytest.mark.parametrize("timeout", [0, -1])
def test_an_idle_conn_timeout_of_zero_or_less_never_fires(timeout: int) -> None:
    lab = a_lab(idle_conn_timeout=timeout)
    lab.ask("A", 0)

    assert lab.run(19_000).view().idle == [1]


def test_waiters_are_served_in_order_of_arrival_on_the_one_connection() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)
    lab.ask("C", 20, 100)
    lab.ask("D", 30, 100)
    lab.look(60)

    requests = lab.run().requests

    assert [requests[name].t_gotconn for name in "ABCD"] == [0, 100, 200, 300], "V5.1"
    assert [(requests[name].reused, requests[name].was_idle) for name in "BCD"] == [(True, False)] * 3, "V5.1"
    assert (lab.views[60].open, lab.views[60].conns_per_host) == (1, 1)


def test_a_failed_dial_gives_its_slot_to_the_next_waiter() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.slow_dials(100, 0, fail=(1,))
    lab.ask("A", 0, 20)
    lab.ask("B", 10, 20)
    lab.look(50)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("injected dial failure", 100), "V5.2"
    assert (lab.requests["B"].conn, lab.requests["B"].t_gotconn, lab.requests["B"].t_done) == (2, 100, 120), "V5.2"
    assert (lab.views[50].dialing, lab.views[50].conns_per_host) == (1, 1)


def test_a_closed_connection_gives_its_slot_to_the_next_waiter() -> None:
    lab = a_lab(max_conns_per_host=1, max_idle_conns_per_host=-1)
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)

    lab.run()

    assert (lab.requests["B"].conn, lab.requests["B"].t_gotconn) == (2, 100)


def test_idle_connections_count_against_max_conns_per_host_and_the_cap_is_per_host() -> None:
    lab = a_lab(services={"h1": a_service(), "h2": a_service()}, max_conns_per_host=1)
    lab.ask("A", 0, 50, host="h1")
    lab.ask("B", 10, 50, host="h2")
    lab.look(40)
    lab.look(150)

    lab.run()

    assert (lab.views[40].open, lab.views[40].conns_per_host) == (2, 2), "V5.4"
    assert (lab.views[150].idle, lab.views[150].conns_per_host) == ([1, 2], 2), "V5.4"


@pytest.mark.parametrize("cap", [0, -1])
def test_a_max_conns_per_host_of_zero_or_less_is_no_cap(cap: int) -> None:
    lab = three_at_once(max_conns_per_host=cap).run()

    assert [lab.requests[name].conn for name in "ABC"] == [1, 2, 3], "V5.5"


def test_a_request_whose_dial_is_slow_takes_a_returned_connection_and_its_dial_becomes_idle() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.slow_dials(0, 200)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 50)
    lab.look(130)
    lab.look(350)

    lab.run()

    late = lab.requests["B"]
    assert (late.conn, late.reused, late.was_idle, late.t_gotconn, late.t_done) == (1, True, False, 100, 150), "V6.1"
    assert (lab.views[130].idle, lab.views[130].open, lab.views[130].dialing) == ([], 1, 1), "V6.1"
    assert lab.views[350].idle == [1, 2], "V6.1"


def test_a_waiter_gets_the_returned_connection_before_the_caps_are_looked_at() -> None:
    lab = a_lab(max_idle_conns_per_host=1, max_conns_per_host=2)
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)
    lab.ask("C", 20, 100)

    lab.run()

    assert (lab.requests["C"].conn, lab.requests["C"].t_gotconn) == (1, 100)


def test_a_surplus_dial_above_the_per_host_cap_is_closed_unused() -> None:
    lab = a_lab(max_idle_conns_per_host=1)
    lab.slow_dials(0, 200)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 20)

    lab.run()

    assert lab.view().idle == [1], "V6.2"
    assert (lab.connections[2].t_connected, lab.connections[2].t_close, lab.connections[2].nreq) == (250, 250, 0), (
        "V6.2"
    )


def test_a_surplus_dial_goes_to_another_waiter_which_sees_it_as_reused() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.slow_dials(0, 200, 400)
    lab.ask("A", 0, 100)
    lab.ask("B", 50, 400)
    lab.ask("C", 120, 20)

    requests = lab.run().requests

    assert (requests["B"].conn, requests["B"].t_gotconn) == (1, 100)
    assert (requests["C"].conn, requests["C"].t_gotconn, requests["C"].reused) == (2, 250, True), "V6.3, V6.4"


def test_a_connection_handed_to_a_waiter_never_counts_as_idle() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)

    lab.run()

    assert [lab.level("pool_idle", ms) for ms in (99, 100, 199, 200)] == [0, 0, 0, 1]


def test_with_keep_alives_off_every_request_dials_and_nothing_is_bound_late() -> None:
    lab = a_lab(disable_keep_alives=True)
    lab.slow_dials(0, 50, 0)
    lab.ask("A", 0, 40, wants_close=True)
    lab.ask("B", 10, 20, wants_close=True)
    lab.ask("C", 150, wants_close=True)

    requests = lab.run().requests

    assert [(requests[name].conn, requests[name].reused) for name in "ABC"] == [(1, False), (2, False), (3, False)], (
        "V15.2"
    )
    assert requests["B"].t_gotconn == 60, "it waits for its own dial although another connection came back"
    assert lab.view().open == 0


def test_close_idle_connections_closes_idle_ones_at_once_and_busy_ones_when_they_come_back() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.ask("A", 0)
    lab.ask("B", 50, 200)
    lab.ask("C", 60, 20)
    lab.at(120, lab.transport.close_idle_connections)
    lab.look(150)

    lab.run()

    assert (lab.views[150].idle, lab.views[150].open) == ([], 1), "V16.1"
    assert {number: row.t_close for number, row in lab.connections.items()} == {2: 120, 1: 250}, "V16.1"


def test_the_next_request_of_any_host_makes_the_transport_forget_close_idle_connections() -> None:
    lab = a_lab(services={"h1": a_service(), "h2": a_service()})
    lab.ask("A", 0, 200, host="h1")
    lab.at(50, lab.transport.close_idle_connections)
    lab.ask("B", 100, host="h2")

    lab.run()

    assert lab.view().idle == [1, 2], "V16.2: the flag is cleared by the next look-up"
