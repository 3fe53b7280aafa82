"""Waits before retries: the bounds of each shape for any draw, and their means."""

from itertools import accumulate
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protection.retry.backoff import Backoff, BackoffConfig, Jitter
from sim.units import MS, SECOND

SHAPES = get_args(Jitter)
DRAWS = st.floats(0, 1, exclude_max=True)
CONFIGS = st.builds(
    lambda base, more, m, jitter: BackoffConfig(base=base, cap=base + more, multiplier=m, jitter=jitter),
    st.integers(1, SECOND), st.integers(0, 100 * SECOND), st.floats(1, 5), st.sampled_from(SHAPES),
)  # fmt: skip


def waits(config: BackoffConfig, draws: list[float]) -> list[int]:
    """One call's waits, each after the last."""
    left = iter(draws)
    backoff = Backoff(config, left.__next__)
    numbered = accumulate(range(len(draws)), lambda last, i: backoff.wait(i, last), initial=0)
    return list(numbered)[1:]


@given(CONFIGS, st.lists(DRAWS, min_size=1, max_size=12))
def test_a_wait_stays_within_its_bounds(config: BackoffConfig, draws: list[float]) -> None:
    most = config.cap * (1.2 if config.jitter == "plus_minus" else 1)
    for i, wait in enumerate(waits(config, [*draws, 0.5])):
        whole = min(config.cap, config.base * config.multiplier**i)
        assert 0 <= wait <= most + 1
        if config.jitter == "none":
            assert wait == int(whole)
        elif config.jitter == "full":
            assert wait <= whole
        elif config.jitter == "equal":
            assert whole / 2 - 1 <= wait <= whole
        elif config.jitter == "plus_minus":
            assert 0.8 * whole - 1 <= wait <= 1.2 * whole
        elif config.jitter in ("decorrelated", "finagle_decorrelated"):
            assert wait >= min(config.base, config.cap) - 1
        elif config.jitter == "envoy":
            assert wait <= min(config.cap, (2 ** (i + 1) - 1) * config.base)


@given(st.lists(DRAWS, min_size=2, max_size=12))
def test_finagles_decorrelated_waits_never_shrink(draws: list[float]) -> None:
    seen = waits(BackoffConfig(base=10 * MS, cap=10 * SECOND, jitter="finagle_decorrelated"), draws)

    assert seen == sorted(seen)


@given(CONFIGS, st.integers(0, 5000))
def test_a_late_retry_has_a_wait_too(config: BackoffConfig, i: int) -> None:
    assert Backoff(config, lambda: 0.5).wait(i, 0) >= 0


@pytest.mark.parametrize(
    ("jitter", "means_ms"),
    [
        ("none", [100, 200, 400, 800, 1000]),
        ("full", [50, 100, 200, 400, 500]),
        ("equal", [75, 150, 300, 600, 750]),
        ("plus_minus", [100, 200, 400, 800, 1000]),
        ("envoy", [50, 150, 350, 500, 500]),
    ],
)
def test_the_mean_of_a_wait(jitter: Jitter, means_ms: list[float]) -> None:
    rng = np.random.default_rng(1)
    config = BackoffConfig(base=100 * MS, cap=1 * SECOND, jitter=jitter)
    seen = np.array([waits(config, rng.random(5).tolist()) for _ in range(6000)]).mean(axis=0) / MS

    assert seen == pytest.approx(means_ms, rel=0.04)


def test_the_mean_of_a_decorrelated_wait_follows_from_the_last_one() -> None:
    rng = np.random.default_rng(1)
    config = BackoffConfig(base=100 * MS, cap=1000 * SECOND, jitter="decorrelated")
    seen = np.array([waits(config, rng.random(4).tolist()) for _ in range(20_000)]).mean(axis=0) / MS

    assert seen == pytest.approx([200, 350, 575, 912.5], rel=0.03)  # (base + 3 last) / 2


def test_envoys_waits_are_below_25_75_and_175_ms() -> None:
    envoy = BackoffConfig(base=25 * MS, cap=250 * MS, jitter="envoy")
    nearly_one = 1 - 1e-12

    assert [round(wait / MS) for wait in waits(envoy, [nearly_one] * 5)] == [25, 75, 175, 250, 250]


def test_without_a_base_there_is_no_wait() -> None:
    assert waits(BackoffConfig(base=0), [0.9] * 3) == [0, 0, 0]


def test_a_base_above_the_cap_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^cap: "):
        BackoffConfig(base=2 * SECOND, cap=1 * SECOND)
