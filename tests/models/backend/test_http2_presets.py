"""Presets of HTTP/2 servers (protocols.md, 5.1): limits, windows, good-byes; and what of them clients see."""

from typing import Any

import pytest

from models.backend.http2_config import PRESETS
from models.backend.ping_policy import PingPolicy
from sim import wiring
from sim.units import HOUR, MINUTE, SECOND

WORLD = """
duration: 3s
network: {{rtt: 1ms}}
clients: {{c: {{}}}}
services: {{s: {{scheme: https, http2: {{{http2}}}, resolve: literal, service_time: 50ms}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 500/s}}}}}}}}
"""


def server(http2: str) -> Any:
    return wiring.load(WORLD.format(http2=http2)).services["s"].http2


@pytest.mark.parametrize(
    ("preset", "streams", "stream", "connection"),
    [
        ("go", 250, 1 << 20, 1 << 20),
        ("nginx", 128, 1 << 16, (1 << 31) - 1),
        ("envoy", (1 << 31) - 1, 256 << 20, 256 << 20),
        ("envoy_1_36", 1024, 16 << 20, 24 << 20),
        ("grpc_go", 0, 65_535, 65_535),
        ("node", 0, 65_535, 65_535),
        ("tomcat", 100, 65_535, 65_535),
        ("jetty", 128, 512 << 10, 1 << 20),
        ("grpc_java", (1 << 31) - 1, 1 << 20, 1 << 20),
    ],
)
def test_a_preset_announces_what_the_table_says(preset: str, streams: int, stream: int, connection: int) -> None:
    config = server(f"preset: {preset}")

    assert (config.max_concurrent_streams, config.stream_window, config.connection_window) == (
        streams, stream, connection,
    )  # fmt: skip
    assert set(PRESETS) >= {preset}


def test_what_is_written_stands_beside_a_preset() -> None:
    config = server("preset: nginx, max_concurrent_streams: 7")

    assert (config.max_concurrent_streams, config.keepalive_requests) == (7, 1000)
    assert (config.keepalive_time, config.keepalive_timeout) == (HOUR, 75 * SECOND)


def test_nginx_ends_a_connection_after_a_thousand_requests_and_none_fails() -> None:
    done = wiring.run(wiring.load(WORLD.format(http2="preset: nginx")))

    assert done.summary["n_err"] == 0
    assert max(done.connections["nreq"]) in range(1000, 1010), "those under way are disowned and sent again"
    assert (done.connections["nreq"] >= 1000).sum() == 1


def test_tomcat_runs_twenty_of_a_hundred_streams() -> None:
    done = wiring.run(wiring.load(WORLD.format(http2="preset: tomcat")))

    # 500/s of 50 ms are 25 at a time, and 20 are 400/s: what waits grows until the streams run out
    all_run = wiring.run(wiring.load(WORLD.format(http2="preset: tomcat, max_executing_streams: 0")))
    assert done.summary["lat_p50"] > 2 * all_run.summary["lat_p50"]


# pings


def test_the_fourth_ping_of_a_silent_client_is_the_third_strike() -> None:
    policy = PingPolicy(5 * MINUTE, permits_without_stream=False)

    said = [policy.is_too_much(i * 30 * SECOND, has_streams=True) for i in range(4)]

    assert said == [False, False, False, True]


def test_an_answer_between_two_pings_forgives() -> None:
    policy = PingPolicy(5 * MINUTE, permits_without_stream=False)

    for i in range(20):
        assert not policy.is_too_much(i * SECOND, has_streams=True)
        policy.wrote()


def test_pings_without_a_stream_are_judged_by_two_hours() -> None:
    strict, mild = (PingPolicy(MINUTE, permits_without_stream=permits) for permits in (False, True))

    said = [
        (strict.is_too_much(i * HOUR, has_streams=False), mild.is_too_much(i * HOUR, has_streams=False))
        for i in range(4)
    ]

    assert said[-1] == (True, False)
