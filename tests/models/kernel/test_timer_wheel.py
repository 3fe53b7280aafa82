"""The wheel against lifetimes measured on Linux 6.18, HZ 250."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.timer_wheel import TimerWheel, wheel_period
from sim.units import MS, SECOND

JIFFY = 4 * MS
TICK = {100: 10 * MS, 250: JIFFY, 1000: MS}

MEASURED_FIN_WAIT2 = [  # timeout s, shortest and longest of 40 lives, polled every 10 ms
    (1, 1.012, 1.051),
    (2, 2.008, 2.046),
    (3, 3.018, 3.251),
    (5, 5.027, 5.259),
    (10, 10.022, 10.258),
    (16, 16.024, 16.258),
    (17, 17.018, 19.0),
    (30, 30.032, 32.058),
    (60, 60.022, 62.01),
]


def lifetimes(hz: int, delay: int, n: int = 4000) -> list[int]:
    """What 4000 phases make of one delay; multiples of the golden section meet every granule."""
    period = wheel_period(hz)
    return [TimerWheel(hz, int(i * 0.6180339887 * period) % period).fires_at(0, delay) for i in range(n)]


@pytest.mark.parametrize(("seconds", "shortest", "longest"), MEASURED_FIN_WAIT2)
def test_a_timer_lasts_as_long_as_measured(seconds: int, shortest: float, longest: float) -> None:
    lives = lifetimes(250, seconds * SECOND)

    assert min(lives) / SECOND <= shortest
    assert max(lives) / SECOND == pytest.approx(longest, abs=0.07), "40 sockets rarely meet the extremes"
    assert longest <= max(lives) / SECOND + 0.04, "polling and the handshake of the FIN add up to 40 ms"


@pytest.mark.parametrize(
    ("hz", "longest", "mean"), [(250, 62.048, 61.02), (1000, 64.096, 62.05), (300, 61.71, 60.86), (100, 65.13, 62.57)]
)
def test_sixty_seconds_depend_on_hz(hz: int, longest: float, mean: float) -> None:
    lives = lifetimes(hz, 60 * SECOND)

    assert min(lives) >= 60 * SECOND
    assert max(lives) / SECOND == pytest.approx(longest, abs=0.03)
    assert sum(lives) / len(lives) / SECOND == pytest.approx(mean, abs=0.03)


def test_sixty_seconds_end_in_batches_of_512_jiffies() -> None:
    wheel = TimerWheel(250, 12_345_678)

    ends = {wheel.fires_at(i * 100 * MS, 60 * SECOND) for i in range(200)}

    assert {b - a for a, b in zip(sorted(ends), sorted(ends)[1:], strict=False)} == {512 * JIFFY}


@pytest.mark.parametrize(("delay", "boundary", "lasts"), [(1, 8, 1.024), (2, 8, 2.016), (120, 512, 120.832)])
def test_a_timer_armed_by_a_handler_is_late_by_a_constant(delay: int, boundary: int, lasts: float) -> None:
    wheel = TimerWheel(250, 0)
    armed_at = 1000 * boundary * JIFFY

    assert (wheel.fires_at(armed_at, delay * SECOND) - armed_at) / SECOND == lasts


@given(
    hz=st.sampled_from([100, 250, 300, 1000]),
    phase=st.integers(0, 10**12),
    now=st.integers(0, 10**13),
    delay=st.integers(0, 3 * 10**12),
)
def test_no_timer_fires_early_and_none_later_than_its_granularity(hz: int, phase: int, now: int, delay: int) -> None:
    fires_at = TimerWheel(hz, phase).fires_at(now, delay)

    jiffies = -(-delay * hz // SECOND)
    granularity = next(8**n for n in range(9) if jiffies < 63 * 8**n)
    assert fires_at >= now + delay
    assert fires_at - now <= -(-(jiffies + granularity) * SECOND // hz)
