"""gRPC clients in a world: what is refused, what is said, and how a stream of messages is served."""

import pytest

from sim import wiring
from sim.units import InputError

WORLD = """
duration: 2s
network: {{rtt: 2ms}}
clients: {{c: {{grpc: {{{grpc}}}}}}}
services: {{s: {{{service}, service_time: 5ms}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 50/s}}}}{more}}}}}
"""
GOOD = "scheme: https, http2: {preset: grpc_go}, resolve: hosts"


def world(grpc: str = "", service: str = GOOD, more: str = "") -> wiring.Scenario:
    return wiring.load(WORLD.format(grpc=grpc, service=service, more=more))


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ("scheme: https", "clients.c.grpc: s speaks HTTP/1.1 only, and gRPC needs HTTP/2; write http2:"),
        (GOOD.replace("hosts", "each"), "clients.c.grpc: a channel chooses among addresses itself"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(service: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        world(service=service)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_short_keepalive_is_raised_and_both_its_dangers_are_said() -> None:
    warnings = wiring.run(world(grpc="keepalive_time: 5s")).warnings

    assert any("5s is raised to 10s" in each for each in warnings)
    assert any("too_many_pings" in each for each in warnings)


def test_calls_are_counted_by_code() -> None:
    summary = wiring.run(world(more=", deadline: 9ms")).summary

    assert summary["grpc_code:DEADLINE_EXCEEDED"] + summary["grpc_code:OK"] == summary["n_requests"]
    assert 0 < summary["grpc_ok_ratio"] < 1, "the first wait for the connection"


def test_a_stream_of_messages_takes_its_time() -> None:
    requests = wiring.run(world(more=", stream: {messages: 5, interval: 20ms}")).requests

    took = requests["t_done"] - requests["t_first"]
    assert took.min() == pytest.approx(0.080, abs=0.001)
    assert took.max() == pytest.approx(0.080, abs=0.001)
