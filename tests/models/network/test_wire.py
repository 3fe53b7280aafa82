"""A path of limited bandwidth: what a message takes to be sent, and who waits for the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.network.config import NetworkConfig
from models.network.link import Link
from models.network.transfer import INITIAL_WINDOW_BYTES, transfer_time
from models.network.wire import Wire, serialisation, thin_transfer
from sim import wiring
from sim.engine.distributions import Constant
from sim.engine.streams import Streams
from sim.units import MS, SECOND, US

RTT = 20 * MS
GIGABIT, MEGABIT = 10**9, 10**6

SCENARIO = """
duration: 2s
network: {rtt: 20ms}
clients: {c: {overhead: 0s}}
services: {s: {service_time: 0s, overhead: 0s, response_size: 1kB}}
workloads: {w: {client: c, service: s, method: POST, request_size: 8kB, arrivals: {constant: {rate: 5/s}}}}
"""


def a_link(bits_per_s: int | None = MEGABIT) -> Link:
    return Link(NetworkConfig(rtt=Constant(value=RTT), bandwidth=bits_per_s), Streams(1), "path")


@pytest.mark.parametrize(
    ("size_bytes", "bits_per_s", "ns"), [(10**6, GIGABIT, 8 * MS), (1, GIGABIT, 8), (1, 3, 2666666667)]
)
def test_bytes_take_their_bits_over_the_bandwidth(size_bytes: int, bits_per_s: int, ns: int) -> None:
    assert serialisation(size_bytes, bits_per_s) == ns


def test_a_short_message_takes_its_bits_and_half_a_round_trip() -> None:
    assert a_link().arrival(SECOND, 1000) == SECOND + 8 * MS + RTT // 2


def test_messages_of_one_direction_leave_one_after_another() -> None:
    link, one = a_link(), object()

    first, second = link.arrival(0, 1000, sender=one), link.arrival(2 * MS, 1000, sender=one)

    assert (first, second) == (8 * MS + RTT // 2, 16 * MS + RTT // 2)


def test_the_two_directions_do_not_wait_for_each_other() -> None:
    link = a_link()

    assert link.arrival(0, 1000, sender="there") == link.arrival(0, 1000, sender="back")


def test_a_segment_without_data_takes_no_time_on_the_wire() -> None:
    assert a_link().arrival(0, 0) == RTT // 2


@given(size=st.integers(1, 1 << 22), window=st.integers(10, 400))
def test_a_wire_without_end_is_slow_start_alone(size: int, window: int) -> None:
    fast = thin_transfer(size, RTT, 1 << 62, window=window)

    assert 0 <= fast - transfer_time(size, RTT, window=window) <= 64, "each flight rounds up to one ns"


@given(size=st.integers(1, 1 << 24), bits_per_s=st.integers(10_000, 10**11))
def test_no_message_is_faster_than_its_bits_or_than_slow_start(size: int, bits_per_s: int) -> None:
    took = thin_transfer(size, RTT, bits_per_s)

    assert took >= serialisation(size, bits_per_s) + RTT // 2 - 64
    assert took >= transfer_time(size, RTT)
    assert took <= serialisation(size, bits_per_s) + transfer_time(size, RTT) + 64


def test_where_a_flight_outlasts_the_round_trip_the_pipe_is_full() -> None:
    size = 4 * INITIAL_WINDOW_BYTES

    assert thin_transfer(size, RTT, MEGABIT) == serialisation(size, MEGABIT) + RTT // 2


@given(st.lists(st.tuples(st.integers(0, 50 * MS), st.integers(1, 5000)), min_size=1, max_size=20))
def test_a_wire_carries_no_more_than_its_bandwidth_and_keeps_order(writes: list[tuple[int, int]]) -> None:
    wire, now, arrivals = Wire(MEGABIT), 0, []
    for gap, size in writes:
        now += gap
        arrivals.append(wire.arrival(now, size, RTT, window=10))

    assert arrivals == sorted(arrivals)
    assert arrivals[-1] >= writes[0][0] + sum(serialisation(size, MEGABIT) for _, size in writes) + RTT // 2


def test_a_request_and_its_answer_take_their_bits_in_a_run() -> None:
    plain, thin = (wiring.run(wiring.load(SCENARIO, more)).requests for more in ((), ("network.bandwidth=1Mbit/s",)))

    added = (thin["t_done"] - thin["t_arrival"]) - (plain["t_done"] - plain["t_arrival"])
    # the first request dials first; 8 kB there, 1 kB and 200 B of headers back
    assert added.to_list()[1:] == pytest.approx([0.0736] * (len(added) - 1), abs=1e-9)


def test_a_bandwidth_that_does_not_bind_moves_nothing_but_nanoseconds() -> None:
    plain, wide = (wiring.run(wiring.load(SCENARIO, more)).requests for more in ((), ("network.bandwidth=100Tbit/s",)))

    assert (wide["t_done"] - plain["t_done"]).abs().max() < 10 * US / SECOND  # type: ignore[operator]
