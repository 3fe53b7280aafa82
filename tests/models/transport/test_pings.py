"""Pings on idle connections: on which, how often, and what they keep alive and find out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim import wiring

Asked = Callable[..., None]

SCENARIO = """
duration: 60s
tail: 30s
network: {rtt: 2ms}
clients: {c: {ping_schedule: 10s, overhead: 0s}}
services: {s: {service_time: 0s, idle_timeout: 600s, resolve: literal}}
workloads: {w: {client: c, service: s, method: POST, arrivals: {replay: asked.csv}}}
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Requests at these seconds, each served for so long."""
    monkeypatch.chdir(tmp_path)

    def ask(*seconds: float, service: float = 0.001) -> None:
        rows = "".join(f"{at},{service}\n" for at in seconds)
        (tmp_path / "asked.csv").write_text(f"t,service\n{rows}")

    return ask


def run(*more: str) -> wiring.Run:
    return wiring.run(wiring.load(SCENARIO, more))


def test_what_lies_idle_is_pinged_every_time_and_what_was_used_is_not(asked: Asked) -> None:
    asked(1, 35)

    summary = run().summary

    # at 20 s and 30 s after the first request, at 50, 60, 70 and 80 s after the second; at 10 s and 40 s it was used
    assert summary["pings_sent"] == 6


def test_without_a_schedule_nothing_is_sent(asked: Asked) -> None:
    asked(1, 35)

    assert "pings_sent" not in run("clients.c.ping_schedule=0s").summary


def test_a_busy_connection_is_not_pinged(asked: Asked) -> None:
    asked(1, service=200)

    assert run().summary["pings_sent"] == 0


def test_a_server_that_waits_for_bytes_waits_from_the_last_ping(asked: Asked) -> None:
    asked(1, 55)

    pinged, silent = (run("services.s.idle_timeout=21s", more).summary for more in ("tail=1s", "clients.c={}"))

    assert pinged["dials_ok"] == 1
    assert silent["dials_ok"] == 2


def test_a_ping_into_a_dead_path_ends_its_connection_before_a_request_needs_it(asked: Asked) -> None:
    asked(1, 50)
    lost = (
        "timeline=[{at: 5s, drop: {for: 40s}}]",
        "clients.c.kernel.tcp_retries2=3",
        "clients.c.dialer.keep_alive=off",
    )

    pinged, silent = (run(*lost, more).connections.sort("t_dial") for more in ("tail=1s", "clients.c.ping_schedule=0s"))

    assert pinged["read_err"].to_list()[0] == "read: connection timed out" or "timed out" in pinged["read_err"][0]
    assert pinged["t_read_err"][0] == pytest.approx(23, abs=2), "from the ping at 20 s: 0.2, 0.4, 0.8 and 1.6 s"
    assert silent.height == 1, "nobody has noticed: the path is whole again when the second request comes"


def test_an_answer_to_a_ping_is_no_answer_to_a_request(asked: Asked) -> None:
    asked(1, 19.9995, 20.0, 20.0005)

    done = run("network.rtt=20ms", "clients.c.transport.max_idle_conns_per_host=4")

    assert done.summary["n_ok"] == 4
    assert done.summary["n_err"] == 0
