"""Distributions: the drawn mean and p99 are those that were asked for, and impossible ones are refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator
from pydantic import TypeAdapter, ValidationError

from sim.engine.distributions import (
    Bimodal,
    Constant,
    Delay,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Pareto,
    Percentiles,
    Uniform,
)
from sim.engine.streams import Streams
from sim.units import HOUR, MS, SECOND, US

DRAWS = 400_000
EACH: list[Any] = [
    Constant(20 * MS),
    Exponential(20 * MS),
    Lognormal(20 * MS, 120 * MS),
    Lognormal(500 * US, 600 * US),
    Pareto(20 * MS, 80 * MS),
    Bimodal(2 * MS, 400 * MS, 0.05),
    Uniform(10 * MS, 30 * MS),
    Empirical((5 * MS, 7 * MS, 7 * MS, 100 * MS)),
    Percentiles((0, 50, 99, 100), (5 * MS, 20 * MS, 150 * MS, 1 * SECOND)),
]
# numbered from 0 in this order, so that each kind has a name in the test's report
by_kind = pytest.mark.parametrize("one", EACH, ids=[type(one).__name__ for one in EACH])
ADAPTER: TypeAdapter[Any] = TypeAdapter(Delay)


def a_generator() -> Generator:
    return Streams(11)["distributions"]


@by_kind
def test_the_mean_of_many_draws_is_the_mean(one: Distribution) -> None:
    drawn = one.block(a_generator(), DRAWS)

    # four standard errors; a Pareto with p99 = 4 means has shape 2.2 and a deviation that settles slowly
    tolerance = 4 * drawn.std() / math.sqrt(DRAWS) + 1
    assert drawn.mean() == pytest.approx(one.mean_ns, abs=tolerance)


@by_kind
def test_draws_are_whole_nanoseconds_and_never_negative(one: Distribution) -> None:
    drawn = one.block(a_generator(), 1000)

    assert drawn.dtype == np.int64
    assert drawn.shape == (1000,)
    assert drawn.min() >= 0


@by_kind
def test_a_block_follows_from_its_generator_alone(one: Distribution) -> None:
    assert one.block(a_generator(), 50).tolist() == one.block(a_generator(), 50).tolist()


@pytest.mark.parametrize("kind", [Lognormal, Pareto])
@pytest.mark.parametrize("ratio", [1.05, 2, 6, 7.9])
def test_one_draw_in_a_hundred_lies_above_the_p99(kind: Any, ratio: float) -> None:
    p99 = round(20 * MS * ratio)

    above = (kind(20 * MS, p99).block(a_generator(), DRAWS) > p99).mean()

    # four standard errors of a share of 1 % among 400,000
    assert above == pytest.approx(0.01, abs=4 * math.sqrt(0.01 * 0.99 / DRAWS))


@pytest.mark.parametrize(("percent", "value"), [(50, 20 * MS), (99, 150 * MS)])
def test_percentiles_are_what_was_written(percent: float, value: int) -> None:
    one = Percentiles((0, 50, 99, 100), (5 * MS, 20 * MS, 150 * MS, SECOND))

    below = (one.block(a_generator(), DRAWS) < value).mean()

    share = percent / 100
    assert below == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / DRAWS))


@given(st.integers(1, 10 * SECOND), st.floats(1.001, 7.98))
def test_a_paretos_shape_gives_back_its_mean_and_p99(mean: int, ratio: float) -> None:
    p99 = max(round(mean * ratio), mean + 1)
    if p99 / mean >= 7.98:
        return  # a mean of a few ns, whose p99 was rounded beyond the most there is

    u = Pareto(mean, p99).inverse_shape

    assert 100**u * (1 - u) == pytest.approx(p99 / mean, rel=1e-9)


def test_a_heavy_tail_is_cut_before_it_overflows() -> None:
    drawn = Exponential(120 * HOUR).block(a_generator(), 1000)

    assert drawn.min() >= 0
    assert drawn.max() == 120 * HOUR, "an instant and what its level is share 63 bits, 12 for the level"


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (Constant, (-1,), "-1ns lies below 0"),
        (Constant, (121 * HOUR,), "121h lies above 120h, which outlasts every run; write that or less"),
        (Exponential, (121 * HOUR,), "mean: 121h lies above 120h"),
        (Lognormal, (100 * HOUR, 121 * HOUR), "p99: 121h lies above 120h"),
        (Bimodal, (0, 121 * HOUR, 0.5), "high: 121h lies above 120h"),
        (Empirical, ((5, 121 * HOUR),), "values: 121h lies above 120h"),
        (Exponential, (0,), "mean: 0s is not above 0"),
        (Lognormal, (0, 5), "mean: 0s is not above 0"),
        (Lognormal, (20 * MS, 20 * MS), "p99: 20ms does not lie above the mean 20ms"),
        (Lognormal, (20 * MS, 300 * MS), "p99: 300ms is more than 15 means of 20ms"),
        (Pareto, (20 * MS, 10 * MS), "p99: 10ms does not lie above the mean 20ms"),
        (Pareto, (20 * MS, 160 * MS), "p99: 160ms is more than 7.99 means of 20ms"),
        (Bimodal, (5, 4, 0.5), "low: 5ns lies above 4ns; write the lower bound first"),
        (Bimodal, (4, 5, 1.5), "high_share: 1.5 lies outside 0 to 1"),
        (Bimodal, (4, 5, math.nan), "high_share: nan lies outside 0 to 1"),
        (Uniform, (30 * MS, 10 * MS), "low: 30ms lies above 10ms"),
        (Uniform, (-1, 10), "low: -1ns lies below 0"),
        (Empirical, ((),), "values: the list is empty"),
        (Empirical, ((5, -1),), "values: -1ns lies below 0"),
        (Percentiles, ((0, 50, 100), (1, 2)), "values: 2 for 3 percentiles do not match"),
        (Percentiles, ((50, 100), (1, 2)), "at: [50, 100] does not go from 0 to 100"),
        (Percentiles, ((), ()), "at: [] does not go from 0 to 100"),
        (Percentiles, ((0, 99, 90, 100), (1, 2, 3, 4)), "at: [0, 99, 90, 100] does not rise"),
        (Percentiles, ((0, math.nan, 100), (1, 2, 3)), "at: [0, nan, 100] does not rise"),
        (Percentiles, ((0, 50, 100), (1, 3, 2)), "values: 1ns, 3ns, 2ns falls"),
        (Percentiles, ((0, 100), (-1, 2)), "values: -1ns lies below 0"),
        (Percentiles, ((0, 100), (1, 121 * HOUR)), "values: 121h lies above 120h"),
    ],
)
def test_impossible_parameters_are_refused_by_the_name_of_the_field(kind: Any, arguments: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        kind(*arguments)

    assert str(refused.value).startswith(message)


@by_kind
def test_writing_a_delay_and_reading_it_gives_it_back(one: Distribution) -> None:
    assert ADAPTER.validate_json(ADAPTER.dump_json(one), strict=True) == one


@pytest.mark.parametrize("text", ['"20ms"', '{"constant": "20ms"}', '{"constant": {"value": "20ms"}}'])
def test_a_bare_duration_is_constant(text: str) -> None:
    assert ADAPTER.validate_json(text, strict=True) == Constant(20 * MS)
    assert ADAPTER.dump_json(Constant(20 * MS)) == b'"20ms"'


def test_parameters_are_read_in_users_terms() -> None:
    text = '{"lognormal": {"mean": "20ms", "p99": "120ms"}}'

    assert ADAPTER.validate_json(text, strict=True) == Lognormal(mean=20 * MS, p99=120 * MS)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs exactly one of: constant, exponential"):
        ADAPTER.validate_json('{"gamma": {"mean": "20ms"}}', strict=True)
