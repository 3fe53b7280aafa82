"""Measures of skew against the closed forms of chance, on plain draws, and as laws that any loads obey."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sim.analysis import skew
from sim.analysis.skew import Floats

RUNS = 4000


def by_lot(places: int, number: int, *, draw: Callable[..., Floats] | None = None) -> Floats:
    """Loads (RUNS, places) of so many weights that fall by lot; without `draw` each weighs 1."""
    rng = np.random.default_rng(19)
    if draw is None:
        return rng.multinomial(number, [1 / places] * places, RUNS)
    where = rng.integers(places, size=(RUNS, number)) + places * np.arange(RUNS)[:, None]
    return np.bincount(where.ravel(), draw(rng, RUNS * number), RUNS * places).reshape(RUNS, places)


def root_mean_square(values: Floats) -> tuple[float, float]:
    """The 99.9 % interval of the root of the mean square."""
    squares = values**2
    half = stats.norm.ppf(0.9995) * squares.std() / len(squares) ** 0.5
    return float((squares.mean() - half) ** 0.5), float((squares.mean() + half) ** 0.5)


@pytest.mark.parametrize(("places", "number"), [(3, 30), (3, 300), (10, 100), (10, 1000), (100, 1000)])
def test_requests_by_lot_deviate_as_chance_says(places: int, number: int) -> None:
    low, high = root_mean_square(skew.cv(by_lot(places, number)))

    assert low < skew.cv_by_chance(places, np.ones(number)) < high
    assert skew.cv_by_chance(places, np.ones(number)) == pytest.approx(((places - 1) / number) ** 0.5)


@pytest.mark.parametrize(("places", "number", "c"), [(10, 1000, 1.0), (3, 300, 1.0), (10, 1000, 2.0)])
def test_work_by_lot_deviates_more(places: int, number: int, c: float) -> None:
    shape = 1 / c**2  # of a gamma distribution with that coefficient of variation
    loads = by_lot(places, number, draw=lambda rng, n: rng.gamma(shape, 1 / shape, n))

    low, high = root_mean_square(skew.cv(loads))

    # dividing by the mean of the very run takes a share of order 1/m off: 2 % at most here
    assert low < ((places - 1) / number * (1 + c**2)) ** 0.5 < high * 1.02


def test_the_chance_of_weights_is_that_of_their_variation() -> None:
    weights = np.random.default_rng(3).gamma(0.25, 4, 200_000)

    c = weights.std() / weights.mean()

    assert skew.cv_by_chance(10, weights) == pytest.approx((9 / len(weights) * (1 + c**2)) ** 0.5)


def test_all_on_one_of_three_backends() -> None:
    loads = np.array([400.0, 0.0, 0.0])

    assert skew.cv(loads) == pytest.approx(2**0.5)
    assert skew.jain(loads) == pytest.approx(1 / 3)
    assert skew.extra_capacity(loads) == pytest.approx(2)


def test_four_hundred_requests_on_one_of_four() -> None:
    loads = np.array([400.0, 0.0, 0.0, 0.0])

    found = {name: round(float(figure(loads)), 2) for name, figure in skew.FIGURES.items()}

    assert found == {
        "cv": 1.73, "max_over_mean": 4.0, "extra_capacity": 3.0, "jain": 0.25, "sd": 173.21, "sample_sd": 200.0,
    }  # fmt: skip


@pytest.mark.parametrize(("places", "number"), [(3, 35), (10, 87)])
def test_a_standard_deviation_of_2_8_is_what_chance_gives_of_few_requests(places: int, number: int) -> None:
    low, high = root_mean_square(skew.sd(by_lot(places, number)))

    assert low < skew.sd_by_chance(places, number) < high
    assert skew.sd_by_chance(places, number) == pytest.approx(2.8, abs=0.02)
    assert skew.number_by_chance(places, skew.sd_by_chance(places, number)) == pytest.approx(number)


def test_a_row_without_load_has_no_figure() -> None:
    loads = np.array([[0.0, 0.0], [1.0, 3.0]])

    for name in ("cv", "max_over_mean", "extra_capacity", "jain"):
        figures = skew.FIGURES[name](loads)
        assert np.isnan(figures[0])
        assert not np.isnan(figures[1])
    assert np.isnan(skew.cv_by_chance(2, np.zeros(0)))
    assert np.isnan(skew.sample_sd(np.array([3.0])))


LOADS: Any = st.integers(2, 40).flatmap(lambda n: arrays(np.int64, n, elements=st.integers(0, 10**6))).filter(np.any)


@given(LOADS)
def test_measures_lie_between_even_and_all_on_one(loads: Any) -> None:
    n, loads = len(loads), loads.astype(float)

    assert -1e-9 <= skew.cv(loads) <= (n - 1) ** 0.5 + 1e-9
    assert 1 - 1e-9 <= skew.max_over_mean(loads) <= n + 1e-9
    assert 1 / n - 1e-9 <= skew.jain(loads) <= 1 + 1e-9
    assert skew.jain(loads) == pytest.approx(loads.sum() ** 2 / (n * (loads**2).sum()))


@given(LOADS, st.floats(0.1, 1000), st.randoms())
def test_measures_know_neither_unit_nor_order(loads: Any, unit: float, random: Any) -> None:
    loads = loads.astype(float)
    shuffled = [unit * load for load in loads]
    random.shuffle(shuffled)

    for name in ("cv", "max_over_mean", "jain"):
        assert skew.FIGURES[name](np.array(shuffled)) == pytest.approx(skew.FIGURES[name](loads), abs=1e-7)
    assert skew.sd(np.array(shuffled)) == pytest.approx(unit * skew.sd(loads), abs=1e-6)
