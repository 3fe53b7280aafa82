"""Goroutines of client and server in the states of Go's recorded vectors V20."""

from typing import Any

import pytest

from models.backend.http2_config import Http2ServerConfig
from models.reply import Reply
from models.request import Read
from models.transport.goroutines import SERVER, client_goroutines, client_states
from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service


def server_goroutines(lab: Lab, ms: int) -> int:
    """Beyond the listener's."""
    return sum(weight * lab.level(name, ms) for name, weight in SERVER.items())


def in_state(lab: Lab, name: str, ms: int) -> int:
    return sum(weight * lab.level(level, ms) for level, weight in client_states("1.27")[name].items())


def three(service: float, **transport: Any) -> Lab:
    lab = a_lab(**transport)
    lab.ask("A", 0, service)
    lab.ask("B", 5, service)
    lab.ask("C", 10, service)
    return lab.run()


def test_an_idle_connection_has_two_at_the_client_and_one_at_the_server() -> None:
    lab = three(50, max_idle_conns_per_host=10)

    assert (lab.goroutines(200), server_goroutines(lab, 200)) == (6, 3), "V20.1"


def test_a_connection_that_waits_for_headers_has_two_at_either_side() -> None:
    lab = three(300)

    assert (lab.goroutines(150), server_goroutines(lab, 150)) == (6, 6), "V20.2"
    assert (lab.goroutines(400), server_goroutines(lab, 400)) == (4, 2), "V20.2, end: two are kept"


@pytest.mark.parametrize(("version", "expected"), [("1.25", 4), ("1.26", 2), ("1.27", 2)])
def test_a_dial_has_one_and_up_to_go_1_25_two(version: str, expected: int) -> None:
    lab = a_lab(client=a_client(dial_timeout=300 * MS))
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.ask("B", 5)

    lab.run()

    assert lab.goroutines(150, version) == expected, "V20.3"
    assert lab.goroutines(400, version) == 0


@pytest.mark.parametrize(("version", "expected"), [("1.25", 6), ("1.26", 4), ("1.27", 4)])
def test_a_handshake_has_two_and_up_to_go_1_25_three(version: str, expected: int) -> None:
    lab = a_lab(services={"h1": a_service(scheme="https")}, tls_handshake_timeout=300 * MS)
    lab.stall_tls()
    lab.ask("A", 0)
    lab.ask("B", 5)

    lab.run()

    assert lab.goroutines(150, version) == expected, "V20.4"


def test_a_queued_request_has_none_beyond_its_caller() -> None:
    lab = three(300, max_conns_per_host=1)

    assert lab.goroutines(150) == 2, "V20.5: the one connection's"
    assert lab.level("inflight", 150) == 3


def test_a_caller_counts_as_one() -> None:
    assert client_goroutines("1.27")["inflight"] == 1


def test_the_states_are_told_apart_and_add_up() -> None:
    states = client_states("1.25")
    lab = a_lab(client=a_client(dial_timeout=5_000 * MS, transport={"max_idle_conns_per_host": 10}), rtt=4 * MS)
    lab.ask("idle", 0)
    lab.ask("reads", 100, read_delay=100 * MS, reply=Reply(body_bytes=10))
    lab.ask("leaks", 101, read=Read.NONE, reply=Reply(body_bytes=10))
    lab.ask("drains", 102, read=Read.CLOSE, reply=Reply(body_bytes=10, pause=60 * MS))
    lab.ask("waits", 103, 100)
    lab.ask("dials", 128)
    lab.run()

    now = {name: sum(n * lab.level(level, 130) for level, n in weights.items()) for name, weights in states.items()}

    assert {name: n for name, n in now.items() if n} == {
        "caller_awaiting_conn": 1, "caller_awaiting_headers": 1, "caller_reading_body": 1,
        "read_loop_awaiting_headers": 1, "read_loop_body_being_read": 1, "read_loop_body_unread": 1,
        "read_loop_draining": 1, "drain": 1, "write_loop": 4, "dial_connecting": 2,
    }  # fmt: skip
    total = client_goroutines("1.25")
    assert sum(now.values()) == sum(weight * lab.level(level, 130) for level, weight in total.items())


def test_http2_has_one_for_a_connection_and_one_for_a_stream() -> None:
    lab = a_lab(services={"h1": a_service(scheme="https", http2=Http2ServerConfig())})
    lab.ask("W", 0)
    lab.ask("A", 200, 300)
    lab.ask("B", 205, 300)

    lab.run()

    assert (lab.goroutines(150), server_goroutines(lab, 150)) == (1, 2), "V20.6"
    assert (lab.goroutines(350), server_goroutines(lab, 350)) == (3, 4), "V20.6"
    assert in_state(lab, "read_loop_idle", 150) == 0, "a handle in the idle list is no connection"
    assert (in_state(lab, "h2_caller_awaiting_headers", 350), in_state(lab, "caller_awaiting_conn", 350)) == (2, 0)
