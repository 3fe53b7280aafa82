"""What a lost segment adds to a message, against medians measured at RTT 20.2 ms (cubic, HZ 250, MTU 1500)."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.timer_wheel import TimerWheel
from models.network.repair import (
    WHOLE,
    Timeouts,
    flights_after,
    loss_delay,
    place_in_flight,
    shrunk_flights_after,
)
from models.network.transfer import TCP_INIT_CWND, flight_rounds, segments, transfer_time
from sim.units import MS, SECOND

RTT = 20_200_000

MEASURED = [  # bytes, which segment is lost (from 0), how often, ms until all is delivered
    (1000, 0, 1, 235.2),
    (1000, 0, 2, 465.3),
    (1000, 0, 3, 916.7),
    (14480, 0, 1, 30.45),
    (14480, 4, 1, 30.61),
    (14480, 9, 1, 255.9),
    (4344, 0, 1, 40.1),
    (4344, 1, 1, 40.8),
    (4344, 2, 1, 256.0),
    (100_000, 19, 1, 91.4),
    # medians of seven, measured the same way on the same kernel
    (100_000, 1, 1, 175.1),
    (100_000, 9, 1, 112.9),
    (100_000, 14, 1, 93.8),
    (100_000, 27, 1, 73.3),
    (100_000, 29, 1, 72.6),
    (100_000, 30, 1, 72.9),
    (100_000, 69, 1, 299.6),
    (20_000, 4, 1, 31.3),
    (40_000, 9, 1, 51.8),
    (40_000, 11, 1, 52.1),
    (200_000, 39, 1, 113.8),
    (200_000, 89, 1, 93.5),
]


@pytest.mark.parametrize(("size", "segment", "losses", "ms"), MEASURED)
def test_a_lost_segment_costs_what_was_measured(size: int, segment: int, losses: int, ms: float) -> None:
    fate = place_in_flight(segment, segments(size), losses)
    timeouts = Timeouts(TimerWheel(250, 0).fires_at)

    took = [transfer_time(size, RTT) + loss_delay(at * MS, RTT, fate, timeouts=timeouts) for at in range(0, 4000, 7)]

    assert fmean(took) / MS == pytest.approx(ms, rel=0.03, abs=3.5)


def test_no_loss_costs_nothing() -> None:
    assert loss_delay(0, RTT, WHOLE) == 0


def test_a_longer_least_timeout_makes_a_lost_tail_dearer() -> None:
    lone = place_in_flight(0, 1)

    assert loss_delay(0, RTT, lone, timeouts=Timeouts(rto_min=SECOND)) == RTT + SECOND


@pytest.mark.parametrize(
    ("segment", "n", "place"),
    [
        (0, 1, (1, 0, 1, 0, 0)),
        (2, 3, (3, 0, 1, 0, 0)),
        (9, 70, (10, 0, 1, 0, 60)),
        (10, 70, (20, 19, 1, 1, 40)),
        (30, 70, (40, 39, 1, 2, 0)),
        (69, 70, (40, 0, 1, 2, 0)),
    ],
)
def test_a_segment_has_its_place_in_its_flight(segment: int, n: int, place: tuple[int, ...]) -> None:
    assert place_in_flight(segment, n) == place


def test_the_last_of_a_flight_is_reported_by_the_next() -> None:
    assert loss_delay(0, 20 * MS, place_in_flight(9, 28)) == 20 * MS, "sent again at 40, behind the second flight"


def test_a_loss_on_the_way_costs_nothing_if_the_window_suffices() -> None:
    assert loss_delay(0, 20 * MS, place_in_flight(0, 15)) == 0, "sent again with the five of the second flight"


def test_a_smaller_window_costs_round_trips() -> None:
    place = place_in_flight(19, 70)

    assert (flights_after(place), shrunk_flights_after(place)) == (1, 3)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))), st.integers(1, 5))
def test_losses_never_gain_time_and_more_of_them_cost_more(place: tuple[int, int], losses: int) -> None:
    segment, n = place
    fate = place_in_flight(segment, n, losses)

    delay = loss_delay(0, RTT, fate)

    assert 0 <= delay <= loss_delay(0, RTT, fate._replace(losses=losses + 1))


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_flights_add_up(place: tuple[int, int]) -> None:
    segment, n = place
    fate = place_in_flight(segment, n)

    assert TCP_INIT_CWND * ((1 << fate.earlier) - 1) + fate.flight + fate.rest == n
    assert fate.earlier + 1 + flights_after(fate) == flight_rounds(n * 1448)
