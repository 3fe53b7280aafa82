"""The round-trip time of a QUIC path and its probe time-out, against the vectors of the reference (6.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quic.rtt import GRANULARITY, MAX_ACK_DELAY, RttEstimate
from sim.units import MS


def estimate(*samples: float) -> RttEstimate:
    rtt = RttEstimate()
    for sample in samples:
        rtt.sample(round(sample * MS))
    return rtt


@pytest.mark.parametrize(("n", "pto"), [(1, 85.0), (2, 75.0), (5, 57.7), (20, 46.0)])
def test_the_probe_time_out_after_n_samples_of_20_ms(n: int, pto: float) -> None:
    assert estimate(*[20] * n).probe_timeout(MAX_ACK_DELAY) / MS == pytest.approx(pto, abs=0.07)


@given(st.integers(1, 500), st.integers(1, 30))
def test_it_is_the_closed_form_at_a_constant_round_trip(rtt_ms: int, n: int) -> None:
    told = estimate(*[rtt_ms] * n).probe_timeout(MAX_ACK_DELAY)

    formula = rtt_ms * MS + max(4 * (rtt_ms * MS / 2) * 0.75 ** (n - 1), GRANULARITY) + MAX_ACK_DELAY
    assert told == pytest.approx(formula, abs=4 * n)


def test_before_the_first_sample_it_is_twice_the_initial_round_trip() -> None:
    assert RttEstimate().probe_timeout() == 200 * MS


def test_an_acknowledgement_that_was_held_back_does_not_lengthen_the_estimate() -> None:
    rtt = estimate(20)

    rtt.sample(40 * MS, ack_delay=20 * MS)

    assert rtt.smoothed == 20 * MS


def test_a_delay_that_would_fall_below_the_least_is_not_taken_off() -> None:
    rtt = estimate(20)

    rtt.sample(22 * MS, ack_delay=20 * MS)

    assert rtt.smoothed == (7 * 20 + 22) * MS // 8


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_the_estimate_stays_between_the_extremes_of_its_samples(samples: list[int]) -> None:
    rtt = estimate(*samples)

    assert min(samples) * MS - len(samples) <= rtt.smoothed <= max(max(samples) * MS, 1)
