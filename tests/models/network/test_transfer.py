"""Transfer times against medians measured at RTT 20.25 ms, cubic, MTU 1500."""

import pytest

from models.network.transfer import (
    INITIAL_WINDOW_BYTES,
    MOST_LOSSES,
    first_loss,
    flight_rounds,
    grown_window,
    restarted_window,
    transfer_time,
)
from models.request import ONE_FLIGHT_BYTES
from sim.units import MS

RTT = 20_250_000
LIMITS = [14480, 43440, 101360, 217200, 448880, 912240]

MEASURED = [  # bytes, ms until the receiver has the last one
    (1, 10.26),
    (1448, 10.26),
    (14480, 10.39),
    (14481, 30.64),
    (43440, 30.69),
    (43441, 50.89),
    (101360, 51.15),
    (101361, 71.3),
]


@pytest.mark.parametrize(("rounds", "limit"), list(enumerate(LIMITS, 1)))
def test_each_round_trip_doubles_what_fits(rounds: int, limit: int) -> None:
    assert flight_rounds(limit) == rounds
    assert flight_rounds(limit + 1) == rounds + 1


def test_nothing_takes_one_flight() -> None:
    assert (flight_rounds(0), flight_rounds(1)) == (1, 1)


@pytest.mark.parametrize(("size", "ms"), MEASURED)
def test_a_transfer_takes_as_long_as_measured(size: int, ms: float) -> None:
    assert transfer_time(size, RTT) / MS == pytest.approx(ms, rel=0.03)


def test_a_backend_knows_what_one_flight_carries() -> None:
    assert ONE_FLIGHT_BYTES == INITIAL_WINDOW_BYTES, "stated twice, since a backend knows no network"


def test_a_second_transfer_finds_the_grown_window() -> None:
    window = grown_window(101360)

    assert window == 80, "70 segments acknowledged on top of 10"
    assert transfer_time(101360, RTT, window=window) == RTT // 2, "measured 10.4 to 10.9 ms"


@pytest.mark.parametrize(("size", "window"), [(1, 10), (7240, 10), (14480, 20), (43440, 40)])
def test_only_a_flight_that_fills_half_of_the_window_widens_it(size: int, window: int) -> None:
    assert grown_window(size) == window


def test_an_idle_second_takes_the_window_back_to_ten() -> None:
    window = restarted_window(80, 1000 * MS, 224 * MS)

    assert window == 10
    assert transfer_time(101360, RTT, window=window) / MS == pytest.approx(51, rel=0.02)


@pytest.mark.parametrize(("idle_ms", "window"), [(150, 80), (224, 80), (300, 40), (500, 20), (60_000, 10)])
def test_idling_halves_the_window_once_per_timeout(idle_ms: int, window: int) -> None:
    assert restarted_window(80, idle_ms * MS, 224 * MS) == window


def test_the_chance_is_spent_on_the_segments_in_their_order() -> None:
    lost = [first_loss((k + 0.5) / 10_000, 0.1, 5)[0] for k in range(10_000)]

    assert [lost.count(segment) for segment in range(6)] == pytest.approx([1000, 900, 810, 729, 656, 5905], abs=1)


def test_what_is_left_of_the_chance_decides_how_often_the_segment_is_lost() -> None:
    losses = [first_loss((k + 0.5) / 10_000, 0.1, 1)[1] for k in range(10_000)]

    assert [losses.count(n) for n in (0, 1, 2)] == pytest.approx([9000, 900, 90], abs=1)


def test_the_last_chance_is_no_error() -> None:
    lost, losses = first_loss(0.0, 0.5, 3)

    assert lost == 0
    assert 1 <= losses <= 1 + MOST_LOSSES
