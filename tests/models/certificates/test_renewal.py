"""When certificates are renewed, and when agents find an issuer that was away: by SPIRE's rules and by Istio's."""

from collections.abc import Callable
from math import pi, sqrt
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.certificates.config import IssuerConfig
from models.certificates.renewal import reached_at, renewal_age
from sim.engine.streams import Streams
from sim.units import HOUR, MINUTE, SECOND

ISTIO = IssuerConfig(preset="istio", lifetime=24 * HOUR, jitter=0.01, check=0)
N = 3_000


def draws(seed: int = 1) -> Callable[[], float]:
    """Uniform numbers."""
    return Streams(seed).uniforms("certificate")


def test_spire_renews_at_27_8_minutes_give_or_take_26_seconds() -> None:
    draw, config = draws(), IssuerConfig()

    ages = [renewal_age(config, draw) / MINUTE for _ in range(N)]

    assert mean(ages) == pytest.approx(27.8, abs=0.05), "reference/protocols.md, 9.5; standard error 0.008"
    assert stdev(ages) * 60 == pytest.approx(26, abs=2)
    assert 26.9 <= min(ages) < max(ages) <= 30.1


def test_the_delay_of_fresh_draws_is_that_of_a_growing_hazard() -> None:
    draw, config = draws(), IssuerConfig(backdating=0)
    begins = 0.45 * HOUR

    delays = [renewal_age(config, draw) - begins for _ in range(N)]

    assert mean(delays) / SECOND == pytest.approx(sqrt(pi * 5 * 0.1 * 3_600 / 2), abs=2), "Rayleigh: 53 s"


def test_istio_renews_at_half_life_give_or_take_14_minutes() -> None:
    draw = draws()

    ages = [renewal_age(ISTIO, draw) / HOUR for _ in range(N)]

    assert mean(ages) == pytest.approx(12, abs=0.02)
    assert 12 - 14.4 / 60 <= min(ages) < max(ages) <= 12 + 14.4 / 60
    assert stdev(ages) * 60 == pytest.approx(28.8 / sqrt(12), rel=0.05), "all instants equally likely"


def test_an_availability_target_counts_where_it_leaves_more_than_12_hours() -> None:
    target = IssuerConfig(lifetime=48 * HOUR, availability_target=30 * HOUR)
    ignored = IssuerConfig(lifetime=48 * HOUR, availability_target=36 * HOUR)

    assert target.spread == (30 * HOUR + 10 * MINUTE, 30 * HOUR)
    assert ignored.spread == IssuerConfig(lifetime=48 * HOUR).spread


@given(st.integers(1, 1 << 30), st.sampled_from([IssuerConfig(), ISTIO, IssuerConfig(lifetime=10 * MINUTE)]))
def test_a_renewal_always_falls_into_its_spread(seed: int, config: IssuerConfig) -> None:
    first, last = config.spread

    left = config.lifetime - renewal_age(config, draws(seed))

    assert last - config.check <= left <= first


@given(st.integers(1, 1 << 30), st.integers(0, 10 * 3_600))
def test_an_agent_finds_its_issuer_within_one_longest_pause(seed: int, seconds: int) -> None:
    config, until = IssuerConfig(), seconds * SECOND

    at = reached_at(config, 0, until, draws(seed))

    assert until <= at <= until + 1.1 * config.backoff_max


def test_after_a_long_outage_agents_come_back_over_four_minutes() -> None:
    draw, config = draws(), IssuerConfig()

    waits = [(reached_at(config, 0, 10 * HOUR, draw) - 10 * HOUR) / SECOND for _ in range(N)]

    assert mean(waits) == pytest.approx(120, abs=8), "a phase of the pause of 4 min, all equally likely"


def test_after_a_short_outage_they_are_back_at_once() -> None:
    draw, config = draws(), IssuerConfig()

    assert max(reached_at(config, 0, SECOND, draw) for _ in range(N)) <= 7 * SECOND
