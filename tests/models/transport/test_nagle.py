"""Without TCP_NODELAY: which writes wait for an ACK, and what that costs a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.network.transfer import MSS_WITH_TIMESTAMPS as MSS
from models.request import Exchange, Request
from models.transport.buffers import write_calls, write_sizes
from models.transport.nagle import Hold, hold
from sim import wiring

SCENARIO = """
duration: 2s
network: {rtt: RTT}
clients: {c: {overhead: 0s, transport: {write_buffer_size: 200B}, dialer: {no_delay: NO_DELAY}}}
services: {s: {service_time: 0s, overhead: 0s}}
workloads:
  w:
    client: c
    service: s
    method: POST
    request_size: 200B
    request_body: {size: 300B}
    arrivals: {constant: {rate: 5/s}}
"""


def latencies(rtt: str, no_delay: str, *more: str) -> list[float]:
    """Of the requests on a warm connection."""
    done = wiring.run(wiring.load(SCENARIO.replace("RTT", rtt).replace("NO_DELAY", no_delay), more))
    return (done.requests["t_done"] - done.requests["t_arrival"]).to_list()[1:]


@pytest.mark.parametrize(
    ("writes", "waits_for"),
    [([200], Hold.NOTHING), ([200, 300], Hold.DELAYED_ACK), ([200, 300, 100], Hold.DELAYED_ACK),
     ([20_000], Hold.NOTHING), ([200, MSS - 1], Hold.DELAYED_ACK), ([200, MSS], Hold.NOTHING),
     ([200, MSS + 1], Hold.ACK), ([MSS, 300], Hold.NOTHING), ([MSS + 1, 300], Hold.ACK),
     ([4096, 4296], Hold.ACK)],
)  # fmt: skip
def test_the_last_bytes_wait_where_an_earlier_small_segment_is_not_acknowledged(
    writes: list[int], waits_for: Hold
) -> None:
    assert hold(writes) is waits_for


@given(st.integers(1, 1 << 20))
def test_one_write_never_waits(size: int) -> None:
    assert hold([size]) is Hold.NOTHING


@given(st.lists(st.integers(1, 200), max_size=200), st.lists(st.integers(1, 50).map(lambda n: n * MSS), max_size=5))
def test_full_segments_before_the_first_small_one_never_wait(small: list[int], full: list[int]) -> None:
    assert hold([*full, *small[:1]]) is Hold.NOTHING


@pytest.mark.parametrize("rtt", ["100us", "20ms"])
def test_write_write_read_costs_the_delayed_ack_each_time(rtt: str) -> None:
    with_it, without = (latencies(rtt, no_delay) for no_delay in ("false", "true"))

    added = [a - b - (0.02 if rtt == "20ms" else 0.0001) for a, b in zip(with_it, without, strict=True)]
    assert 0.040 <= min(added) <= max(added) <= 0.0441, "40 ms and up to a tick of the wheel, behind a round trip more"


def test_on_loopback_it_is_what_was_measured() -> None:
    waits = latencies("0s", "false")

    assert max(waits) == pytest.approx(0.044, abs=0.0041), "44 ms every time (14.4)"
    assert max(latencies("0s", "true")) < 0.001


def test_one_write_costs_nothing() -> None:
    whole = "clients.c.transport.write_buffer_size=4KiB"

    assert latencies("1ms", "false", whole) == latencies("1ms", "true", whole)


def test_http2_writes_a_request_at_once() -> None:
    h2 = ("services.s={scheme: https, http2: {}, service_time: 0s, overhead: 0s}",)

    assert latencies("1ms", "false", *h2) == latencies("1ms", "true", *h2)


@given(size=st.integers(1, 1 << 18), buffer=st.integers(1, 1 << 16), body=st.booleans(), secure=st.booleans())
def test_the_writes_are_as_many_as_are_paid_for(size: int, buffer: int, body: bool, secure: bool) -> None:
    exchange = Exchange(workload="w", request_bytes=size, has_body=body)

    sizes = write_sizes(Request(0, exchange, None, 0, 0), buffer, is_secure=secure)

    assert sum(sizes) == size
    assert len(sizes) >= write_calls(size, buffer, has_body=body, is_secure=secure)
    if not secure:
        assert len(sizes) == write_calls(size, buffer, has_body=body, is_secure=False)
