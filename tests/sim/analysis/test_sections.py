"""Sectioning holds quantiles that are known, or says that the run is too short.

Where a run is long against its memory, it holds p99 as often as promised. M/M/1 waits at load 0.8 are not at 200,000
customers: 93 % are held (900 repetitions; 85 to 96 % in sets of 150), as the quantiles of ten sections are skewed and
Student's t is a little too narrow; at 400,000 it is 95 %.
"""

import numpy as np
import pytest

from sim.analysis.quantile import quantile_interval
from sim.analysis.sections import least_values, replicated_interval, section_interval
from tests.sim.analysis.coverage import Draw, ar1, mm1_waits, share_held, wait_quantile

Z99 = 2.3263478740408408

SERIES: dict[str, tuple[Draw, float, float, float]] = {
    # draws, the true p99, and the shares between which it is held
    "lognormal": (lambda rng: rng.lognormal(0.0, 1.0, 20_000), float(np.exp(Z99)), 0.93, 0.97),
    "ar1": (lambda rng: ar1(rng, 60_000, 0.8), Z99, 0.93, 0.97),
    "mm1": (lambda rng: mm1_waits(rng, 200_000), wait_quantile(0.99), 0.89, 0.97),
}


@pytest.mark.parametrize("name", SERIES)
def test_the_interval_holds_the_known_p99_as_often_as_promised(name: str) -> None:
    draw, truth, low, high = SERIES[name]
    rng = np.random.default_rng(22)

    share, there = share_held((section_interval(draw(rng), 0.99).interval for _ in range(150)), truth)

    assert low - 0.035 <= share <= high + 0.025, "of 150 the share scatters by 1.8 points"
    assert there >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", SERIES)
def test_a_thousand_intervals_hold_it_in_the_stated_share(name: str) -> None:
    draw, truth, low, high = SERIES[name]
    rng = np.random.default_rng(22)

    share, _ = share_held((section_interval(draw(rng), 0.99).interval for _ in range(1000)), truth)

    assert low <= share <= high


def test_ranks_as_for_independent_values_would_not_hold_it() -> None:
    rng = np.random.default_rng(23)

    share, _ = share_held((quantile_interval(mm1_waits(rng, 60_000), 0.99) for _ in range(60)), wait_quantile(0.99))

    assert share < 0.4


def test_over_replications_each_is_a_section() -> None:
    rng = np.random.default_rng(24)

    intervals = (replicated_interval([mm1_waits(rng, 20_000) for _ in range(10)], 0.99).interval for _ in range(100))
    share, there = share_held(intervals, wait_quantile(0.99))

    assert 0.90 <= share <= 0.99
    assert there == 1.0


def test_p999_takes_a_hundred_thousand_values_that_are_independent() -> None:
    rng = np.random.default_rng(25)
    independent, short, leaning = rng.exponential(size=120_000), rng.exponential(size=99_999), mm1_waits(rng, 200_000)

    found = section_interval(independent, 0.999)

    assert found.interval is not None
    assert found.interval.holds(np.log(1000))
    assert section_interval(short, 0.999).interval is None
    assert section_interval(short, 0.999).reason == "99,999 values are too few; 100,000 or more are needed"
    assert section_interval(leaning, 0.999).interval is None
    assert "make the run about" in section_interval(leaning, 0.999).reason


def test_the_estimate_is_that_of_all_values_whether_it_has_an_interval_or_not() -> None:
    values = np.arange(50.0)

    assert section_interval(values, 0.99).estimate == 49.0
    assert replicated_interval([values, values], 0.99).estimate == 49.0
    assert replicated_interval([values, values], 0.99).reason == (
        "a replication has 50 values; 1,000 or more are needed in each"
    )


@pytest.mark.parametrize(("p", "least"), [(0.5, 20), (0.9, 100), (0.99, 1000), (0.999, 10_000), (0.9999, 100_000)])
def test_a_section_has_ten_values_beyond_its_quantile(p: float, least: int) -> None:
    assert least_values(p) == least


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no quantile of no values"):
        section_interval([], 0.99)
