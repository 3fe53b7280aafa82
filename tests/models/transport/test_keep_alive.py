"""Keepalive on a path that breaks: who is given up, and when."""

from typing import Any, Literal

import pytest

from models.kernel.keep_alive import KeepAlive
from models.transport.config import DialerConfig
from models.transport.keep_alive import keep_alive
from sim.units import MS, SECOND
from tests.models.worlds import FOREVER, Lab, a_client, a_lab, a_service


def a_broken_lab(
    *,
    at: float,
    until: int = FOREVER,
    idle: int | Literal["off"] = 30 * SECOND,
    server: int | Literal["off"] = "off",
    **client: Any,
) -> Lab:
    """One idle connection since 0 s; the path is down from `at` ms on."""
    dialer = DialerConfig(timeout=0, keep_alive=idle)
    lab = a_lab(client=a_client(dialer=dialer, **client), services={"h1": a_service(keep_alive=server)}, rtt=MS)
    lab.ask("A", 0)
    lab.at(at, lambda: lab.world.break_paths(0, until))
    return lab


# KeepAlive of the Dialer, Go 1.x, what a socket shows: idle, interval, count (go-texts; before 1.23 unverified)
SETTINGS = [
    (30, 27, (30, 15, 9)),
    (0, 27, (15, 15, 9)),
    (30, 23, (30, 15, 9)),
    (30, 22, (30, 30, 9)),
    (0, 22, (15, 15, 9)),
]


@pytest.mark.parametrize(("idle", "minor", "seconds"), SETTINGS)
def test_a_dialer_sets_what_was_read_back(idle: int, minor: int, seconds: tuple[int, int, int]) -> None:
    settings = keep_alive(idle * SECOND, minor)

    assert settings == KeepAlive(seconds[0] * SECOND, seconds[1] * SECOND, seconds[2])


def test_off_is_off() -> None:
    assert keep_alive("off", 27) is None


def test_a_dead_idle_peer_of_the_default_transport_is_found_after_165_seconds() -> None:
    lab = a_broken_lab(at=1_000)

    conn = lab.run(200_000).connections[1]

    assert conn.read_err == "connection timed out"
    assert 165_000 <= conn.t_read_err <= 168_000, "30 s + 9 x 15 s, and the wheel's lateness per step"


def test_probes_that_are_answered_start_it_anew() -> None:
    lab = a_broken_lab(at=70_000)

    conn = lab.run(300_000).connections[1]

    assert 60_000 + 165_000 <= conn.t_read_err <= 60_000 + 169_000, "the second probe, at 60 s, was answered"


def test_without_keepalive_silence_is_never_noticed() -> None:
    lab = a_broken_lab(at=1_000, idle="off")

    assert lab.run(2_000_000).connections == {}


def test_a_path_that_comes_back_in_time_loses_nothing() -> None:
    lab = a_broken_lab(at=1_000, until=150 * SECOND)
    lab.ask("B", 170_000)

    requests = lab.run(400_000).requests

    assert (requests["B"].err, requests["B"].reused) == ("", True)


def test_who_waits_for_an_answer_is_told() -> None:
    lab = a_broken_lab(at=1_000)
    lab.ask("B", 500, None, method="POST")

    request = lab.run(200_000).requests["B"]

    assert request.err == "connection timed out"
    assert 165_000 <= request.t_done - 500 <= 168_000


def test_a_request_into_the_void_follows_the_rules_of_retransmission() -> None:
    lab = a_broken_lab(at=1_000)
    lab.ask("B", 2_000, method="POST")

    request = lab.run(1_000_000).requests["B"]

    assert request.err == "connection timed out"
    assert request.t_done > 900_000, "tcp_retries2; no probes while data is not acknowledged"


def test_a_servers_end_dies_after_150_seconds_and_the_client_finds_out_later() -> None:
    lab = a_broken_lab(at=1_000, until=160 * SECOND, idle="off", server=15 * SECOND)
    lab.ask("B", 200_000, method="POST", has_body=True, can_rewind=False)

    lab.run(300_000)

    assert lab.world.counters()["server.Tcp.EstabResets"] == 1
    assert lab.requests["B"].err == "connection reset by peer", "the request meets no socket"
