"""A client's path changes: TCP dies in silence, each clock in its own time; QUIC goes on."""

from typing import Any

import pytest

from sim.units import InputError
from sim.wiring import load, run

WORLD = """
duration: {duration}
tail: 1s
network: {{rtt: 20ms}}
clients: {{c: {{{client}}}}}
services: {{s: {{scheme: https, http2: {{}}, http3: {{}}, resolve: literal, service_time: 5ms}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 10/s}}}}}}}}
timeline: [{event}]
"""
AT_ONCE = "{at: 1050ms, path_change: {}}"


def a_run(client: str, event: str = AT_ONCE, duration: str = "10s") -> Any:
    return run(load(WORLD.format(client=client, event=event, duration=duration))).summary


def test_http2_without_health_checks_never_answers_again() -> None:
    summary = a_run("transport: {http2: {}}")

    assert summary["n_ok"] == 11
    assert summary["err:lab-end"] == summary["n_err"] == 89


def test_pings_find_it_and_the_next_request_dials() -> None:
    summary = a_run("transport: {http2: {send_ping_timeout: 500ms, ping_timeout: 500ms}}")

    assert summary["n_err"] == pytest.approx(10, abs=1), "those of the second that it takes"
    assert summary["dials_ok"] == 2


def test_a_time_out_closes_a_connection_of_http1_so_that_the_next_request_dials() -> None:
    summary = a_run("timeout: 1s, transport: {force_attempt_http2: false}")

    assert summary["n_err"] == 1, "the one that met the dead connection; the others found none idle and dialled"


def test_keep_alive_finds_a_connection_that_only_waits() -> None:
    event = "{at: 9950ms, path_change: {}}"
    client = "transport: {force_attempt_http2: false, idle_conn_timeout: 0s}, dialer: {keep_alive: 1s}"
    world = WORLD.format(client=client, event=event, duration="10s").replace("tail: 1s", "tail: 200s")

    done = run(load(world.replace("rate: 10/s", "rate: 1/s")))

    assert done.summary["conn_read_err:connection timed out"] == 1
    closed = done.connections["t_close"].to_list()
    assert closed == [pytest.approx(9.03 + 1 + 9 * 15, abs=8)], "1 s, and nine probes 15 s apart"


def test_quic_goes_on() -> None:
    summary = a_run("http3: {}")

    assert (summary["n_err"], summary["dials_ok"], summary["quic.migrations"]) == (0, 1, 1)
    assert summary["lat_max"] < 0.07


def test_changes_may_come_again_and_again_at_each_instance_by_itself() -> None:
    event = "{at: 1s, path_change: {every: {exponential: {mean: 500ms}}}}"
    summary = a_run("http3: {}, instances: 4", event)

    assert summary["quic.migrations"] == pytest.approx(4 * 9 / 0.5, rel=0.5)
    assert summary["n_err"] == 0


def test_a_rebinding_is_not_noticed_by_its_client() -> None:
    summary = a_run("http3: {}", "{at: 1050ms, path_change: {kind: port}}")

    assert (summary["n_err"], summary.get("quic.migrations", 0), summary["quic.paths"]) == (0, 0, 1)


def test_a_client_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"timeline.0.path_change.client: no client is called d; known here: c"):
        load(WORLD.format(client="", event="{at: 1s, path_change: {client: d}}", duration="2s"))
