"""Dials: names, addresses in turn, time-outs, TLS. Go's recorded vectors V10, V11 and V21."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig, TlsConfig
from models.kernel.sysctl import KernelConfig
from models.transport.config import ClientTlsConfig
from models.transport.sequence import LEAST_PER_ADDRESS, TRIES_WITHOUT_PORT
from sim.engine.distributions import Constant
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service


def a_lab_of_addresses(n: int, *, dial_timeout: int = 0, **client: Any) -> Lab:
    """One name in /etc/hosts with n addresses."""
    service = a_service(resolve=ResolveConfig(by="hosts"), backends=n)
    return a_lab(client=a_client(dial_timeout=dial_timeout, **client), services={"h1": service})


def test_dialer_timeout_ends_the_dial_of_a_black_hole() -> None:
    lab = a_lab(client=a_client(dial_timeout=300 * MS))
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.look(100)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("i/o timeout", 300), "V11.1"
    assert lab.views[100].dialing == 1
    assert lab.connections[1].read_err == "dial: i/o timeout"


def test_an_address_that_refuses_costs_no_time_and_the_next_is_tried() -> None:
    lab = a_lab_of_addresses(2)
    lab.refuse(0)
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn, lab.requests["A"].err) == (1, 0, ""), "V11.2"


def test_nine_seconds_and_three_addresses_give_three_seconds_to_each() -> None:
    lab = a_lab_of_addresses(3, dial_timeout=9 * SECOND)
    lab.black_hole(0, 1)
    lab.ask("A", 0)

    lab.run(12_000)

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (2, 6000), "V11.3: 3 s, 3 s, then it answers"


def test_three_seconds_and_three_addresses_give_two_seconds_one_second_and_none() -> None:
    lab = a_lab_of_addresses(3, dial_timeout=3 * SECOND)
    lab.black_hole(0, 1)
    lab.ask("A", 0)

    lab.run(12_000)

    assert LEAST_PER_ADDRESS == 2 * SECOND, "net/dial.go, partialDeadline"
    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("i/o timeout", 3000), "V11.4"


def test_an_answer_of_the_second_address_within_its_share_is_taken() -> None:
    lab = a_lab_of_addresses(3, dial_timeout=3 * SECOND)
    lab.black_hole(0)
    lab.ask("A", 0)

    lab.run(12_000)

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (1, 2000)


def test_the_error_of_a_dial_is_that_of_its_first_address() -> None:
    lab = a_lab_of_addresses(2, dial_timeout=5 * SECOND)
    lab.refuse(0)
    lab.black_hole(1)
    lab.ask("A", 0)

    lab.run(12_000)

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("connection refused", 5000)


def test_without_a_deadline_a_dead_address_costs_the_kernels_own_time_out() -> None:
    kernel = KernelConfig(tcp_syn_retries=1, tcp_syn_linear_timeouts=0, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel))
    lab.black_hole(0)
    lab.ask("A", 0)

    lab.run(10_000)

    assert lab.requests["A"].err == "connection timed out"
    assert 3000 <= lab.requests["A"].t_done <= 3300, "SYNs at 0 and 1 s, then 2 s more, on the timer wheel"


def test_a_refused_connection_fails_its_own_request_only() -> None:
    lab = a_lab()
    lab.slow_dials(0, 50)
    lab.ask("A", 0, 300)
    lab.at(20, lambda: lab.refuse(0))
    lab.ask("B", 30)

    lab.run()

    assert (lab.requests["B"].err, lab.requests["B"].t_done) == ("connection refused", 80)
    assert lab.requests["A"].status == 200


def test_a_refused_dial_leaves_no_port_and_no_descriptor_behind() -> None:
    lab = a_lab()
    lab.refuse(0)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].err == "connection refused", "V21.3"
    assert lab.transport.kernel.files.is_open == 0
    assert (lab.level("c_syn_sent", 100), lab.level("connecting", 100)) == (0, 0)


def test_without_a_port_three_tries_are_paid_and_then_the_request_fails() -> None:
    kernel = KernelConfig(ip_local_port_range=(41000, 41001), connect_scan_cost=MS)
    lab = a_lab(client=a_client(kernel=kernel))
    lab.ask("A", 20, 300)
    lab.ask("B", 30, 300)
    lab.ask("C", 100, 10)

    lab.run()

    assert lab.requests["C"].err == "cannot assign requested address", "V21.1"
    assert lab.requests["C"].t_done == 100 + TRIES_WITHOUT_PORT * 2, (
        "two ports inspected in each of three tries, 1 ms each"
    )
    assert (lab.requests["A"].status, lab.requests["B"].status) == (200, 200)
    assert lab.connections[3].read_err == "dial: cannot assign requested address"


def test_each_try_without_a_port_costs_a_socket_too() -> None:
    kernel = KernelConfig(ip_local_port_range=(41000, 41000), connect_scan_cost=0, connect_failure_cost=2 * MS)
    lab = a_lab(client=a_client(kernel=kernel))
    lab.ask("A", 20, 300)
    lab.ask("B", 100, 10)

    lab.run()

    assert (lab.requests["B"].err, lab.requests["B"].t_done) == ("cannot assign requested address", 100 + 3 * 2)


def test_without_a_descriptor_a_dial_fails_and_an_idle_connection_still_serves() -> None:
    lab = a_lab(client=a_client(kernel=KernelConfig(nofile=1)))
    lab.ask("W", 0)
    lab.ask("A", 120, 100)
    lab.ask("B", 150)

    requests = lab.run().requests

    assert (requests["B"].err, requests["B"].t_done) == ("too many open files", 150), "V21.4"
    assert (requests["A"].conn, requests["A"].was_idle, requests["A"].t_done) == (1, True, 220), "V21.4"


def test_a_closed_connection_gives_its_descriptor_back() -> None:
    lab = a_lab(client=a_client(kernel=KernelConfig(nofile=1), transport={"max_idle_conns_per_host": -1}))
    lab.ask("A", 0, 20)
    lab.ask("B", 100, 20)

    requests = lab.run().requests

    assert [requests[name].status for name in "AB"] == [200, 200]


def test_tls_handshake_timeout_closes_the_socket_and_fails_the_request() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")}, tls_handshake_timeout=200 * MS)
    lab.stall_tls()
    lab.ask("A", 0)
    lab.look(100)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("TLS handshake timeout", 200), "V10.1"
    assert lab.level("c_estab", 100) == 1, "connected, but the handshake stalls"
    assert (lab.level("c_estab", 300), lab.transport.kernel.files.is_open) == (0, 0)


def test_without_tls_handshake_timeout_a_stalled_handshake_keeps_its_slot_for_ever() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")}, max_conns_per_host=1)
    lab.stall_tls()
    lab.ask("A", 0)
    lab.ask("B", 10)

    lab.run(10_000)

    assert lab.requests == {}, "V10.2: both are pending"
    assert lab.view().conns_per_host == 1


def test_tls_handshake_timeout_gives_the_slot_to_the_next_waiter() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")}, max_conns_per_host=1, tls_handshake_timeout=200 * MS)
    lab.stall_tls()
    lab.ask("A", 0)
    lab.ask("B", 50)

    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [200, 400], "V10.4"
    assert lab.view().conns_per_host == 0


def test_dialer_timeout_does_not_cover_the_handshake() -> None:
    client = a_client(dial_timeout=100 * MS, transport={"tls_handshake_timeout": 500 * MS})
    lab = a_lab(client=client, services={"h1": a_service(scheme="https")})
    lab.stall_tls()
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("TLS handshake timeout", 500)


def test_a_server_that_dies_during_the_handshake_is_eof() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")})
    lab.stall_tls()
    lab.ask("A", 0)
    lab.close_connections(50)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("EOF", 50)


@pytest.mark.parametrize(("version", "round_trips"), [("1.3", 2), ("1.2", 3)])
def test_a_tls_dial_takes_two_round_trips_and_with_tls_1_2_three(version: Any, round_trips: int) -> None:
    lab = a_lab(services={"h1": a_service(scheme="https", tls=TlsConfig(version=version))}, rtt=100 * MS)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].t_conn_done == 100
    assert lab.requests["A"].t_tls_done == pytest.approx(100 * round_trips + 1.1), "1.1 ms of CPU, ECDSA"


@pytest.mark.parametrize(("cache", "cpu"), [(0, 1.1), (1, 0.4)])
def test_sessions_are_resumed_with_a_session_cache_only(cache: int, cpu: float) -> None:
    client = a_client(tls=ClientTlsConfig(client_session_cache=cache), transport={"max_idle_conns_per_host": -1})
    lab = a_lab(client=client, services={"h1": a_service(scheme="https")})
    lab.ask("A", 0)
    lab.ask("B", 100)

    lab.run()

    assert lab.requests["B"].t_tls_done == pytest.approx(100 + cpu)


def test_a_name_is_looked_up_for_every_dial_and_counts_against_the_dialer_timeout() -> None:
    resolve = ResolveConfig(by="dns", lookup_time=Constant(value=400 * MS))
    lab = a_lab(client=a_client(dial_timeout=300 * MS), services={"h1": a_service(resolve=resolve)})
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("i/o timeout", 300)
    assert (lab.level("lookups", 350), lab.level("resolving", 350)) == (1, 0), "the lookup goes on without its caller"


def test_an_unknown_name_fails_the_request_when_the_answer_comes() -> None:
    resolve = ResolveConfig(by="dns", lookup_time=Constant(value=20 * MS), fails=1.0)
    lab = a_lab(services={"h1": a_service(resolve=resolve)})
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("no such host", 20), "V12.3"
    assert lab.level("connecting", 100) == 0


def test_the_hooks_of_a_late_bound_requests_own_dial_fire_while_it_waits() -> None:
    lab = a_lab(client=a_client(), rtt=100 * MS)
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert (row.t_conn_start, row.t_conn_done, row.t_gotconn, row.t_done) == (0, 100, 100, 200)
    assert (row.t_dns_start, row.t_tls_start) == (None, None), "an address needs no name, http no handshake"


@pytest.mark.parametrize("by", ["literal", "dns"])
def test_a_negative_dialer_timeout_lies_in_the_past_and_nothing_is_sent(by: Any) -> None:
    service = a_service(resolve=ResolveConfig(by=by))
    lab = a_lab(client=a_client(dial_timeout=-1), services={"h1": service})
    lab.ask("A", 10)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.t_done, row.t_conn_start) == ("i/o timeout", 10, None), "net/dial.go, Dialer.deadline"
    assert (lab.level("connecting", 20), lab.level("resolving", 20)) == (0, 0)
    assert "client.dns.A" not in lab.world.counters()


def test_many_waiters_of_one_slot_fail_one_after_the_other_with_a_negative_dialer_timeout() -> None:
    lab = a_lab(client=a_client(dial_timeout=-1, transport={"max_conns_per_host": 1}))
    for i in range(3_000):
        lab.ask(f"R{i}", 10)

    lab.run()

    assert {row.err for row in lab.requests.values()} == {"i/o timeout"}
    assert lab.view().conns_per_host == 0


def test_a_negative_tls_handshake_timeout_fires_at_once() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")}, rtt=20 * MS, tls_handshake_timeout=-1)
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.t_done) == ("TLS handshake timeout", 20), "only != 0 is tested (addTLS)"
    assert (row.t_tls_start, row.t_tls_done) == (20, 20)


def test_three_sockets_are_tried_without_a_port() -> None:
    kernel = KernelConfig(ip_local_port_range=(41000, 41001), connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel))
    for name in "ABC":
        lab.ask(name, 20, 300)

    lab.run()

    assert lab.transport.kernel.files.opened == 5, "V21.1: 1 + 1 + 3"


def test_a_dial_that_is_abandoned_in_its_handshake_meets_the_servers_flight_with_a_reset() -> None:
    client = a_client(transport={"tls_handshake_timeout": 5 * MS})
    lab = a_lab(client=client, services={"h1": a_service(scheme="https")}, rtt=20 * MS)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].t_done == 25
    assert (lab.level("c_time_wait", 100), lab.level("s_estab", 100)) == (0, 0), "V10.1: no TIME_WAIT anywhere"


def test_a_dial_without_its_request_keeps_its_slot_since_go_1_23() -> None:
    client = a_client(dial_timeout=500 * MS, transport={"max_conns_per_host": 1})
    lab = a_lab(client=client)
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.cancel("A", 100)
    lab.look(200)
    lab.look(600)

    lab.run()

    assert (lab.views[200].conns_per_host, lab.views[600].conns_per_host) == (1, 0), "V7.3"
