"""Poisson arrivals are Poisson: independent exponential gaps, and counts as scattered as their mean."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.units import MS, SECOND
from sim.validation.theory import SEEDS, coverage_bounds
from sim.wiring import observe
from tests.validation.theory_worlds import a_scenario

RATE, SECONDS = 500, 2
SCENARIO = a_scenario(
    service={"service_time": "1ms"}, arrivals={"poisson": f"{RATE}/s"}, duration=f"{SECONDS}s", tail="1s"
)


@cache
def arrivals(seed: int) -> NDArray[np.int64]:
    return np.asarray(observe(SCENARIO, seed, 0).customers["t_arrival"], np.int64)


def test_gaps_are_exponential_by_kolmogorov_and_smirnov() -> None:
    gaps = [np.diff(arrivals(seed), prepend=0) / SECOND for seed in range(1, SEEDS + 1)]

    passed = sum(stats.kstest(sample, stats.expon(scale=1 / RATE).cdf).pvalue > 0.05 for sample in gaps)

    low, high = coverage_bounds(SEEDS)
    assert low <= passed <= high, f"{passed} of {SEEDS} samples pass a test that 5 % of Poisson ones fail"


def test_counts_have_an_index_of_dispersion_of_one() -> None:
    windows = np.arange(0, SECONDS * SECOND + 1, 20 * MS)
    counts = [np.histogram(arrivals(seed), windows)[0] for seed in range(1, SEEDS + 1)]

    scatter = np.array([(n.size - 1) * n.var(ddof=1) / n.mean() for n in counts])
    least, most = (float(stats.chi2.ppf(share, windows.size - 2)) for share in (0.025, 0.975))
    passed = int(((least < scatter) & (scatter < most)).sum())

    low, high = coverage_bounds(SEEDS)
    assert low <= passed <= high, f"{passed} of {SEEDS} indices lie where 95 % of Poisson ones do"


def test_gaps_do_not_remember_the_one_before() -> None:
    gaps = [np.diff(arrivals(seed)) for seed in range(1, SEEDS + 1)]

    passed = sum(stats.pearsonr(sample[1:], sample[:-1]).pvalue > 0.05 for sample in gaps)

    low, high = coverage_bounds(SEEDS)
    assert low <= passed <= high
