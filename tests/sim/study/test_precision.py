import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.interval import Interval
from sim.study.estimate import estimate
from sim.study.precision import FIRST_ROUND, Replications, wanted

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=70)


def test_a_fixed_number_is_what_is_wanted() -> None:
    assert wanted(Replications(number=7), {}) == 7


def test_the_first_round_is_ten_or_the_least_or_the_most() -> None:
    assert wanted(Replications(until={"m": "5%"}), {"m": []}) == FIRST_ROUND
    assert wanted(Replications(until={"m": "5%"}, max=3), {"m": []}) == 3
    assert wanted(Replications(until={"m": "5%"}, min=20), {"m": []}) == 20


def test_a_relative_half_width_allows_for_the_mean_that_is_off_by_as_much() -> None:
    column = [0.9, 1.1] * 10  # half-width 0.048: within 5 % of this mean, not of one that is 5 % lower

    assert wanted(Replications(until={"m": "5%"}), {"m": column}) > 20
    assert wanted(Replications(until={"m": "0.05"}), {"m": column}) == 20


def test_points_are_absolute_where_percent_is_of_the_mean() -> None:
    column = [0.010, 0.012] * 10  # half-width 0.00048

    assert wanted(Replications(until={"errors": "0.1pp"}), {"errors": column}) == 20
    assert wanted(Replications(until={"errors": "0.1%"}), {"errors": column}) > 20
    assert wanted(Replications(until={"errors": "0.01pp"}), {"errors": column}) > 20


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"until": {"m": "5%"}, "min": 9, "max": 8}, "min: 9 lies above max: 8"),
        ({"number": 3, "min": 2}, "min: has no effect without until"),
    ],
)
def test_a_least_number_that_cannot_be_is_refused(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Replications(**given)


def test_a_reached_half_width_asks_for_no_more() -> None:
    assert wanted(Replications(until={"m": "5%"}), {"m": [1.0, 1.0, 1.001, 1.0, 1.0]}) == 5


def test_a_wide_interval_at_most_doubles() -> None:
    assert wanted(Replications(until={"m": "5%"}), {"m": [1.0, 9.0, 1.0, 4.0, 1.0]}) == 10


def test_an_absolute_half_width_is_in_the_metrics_unit() -> None:
    column = [0.010, 0.011, 0.012, 0.011, 0.010]

    assert wanted(Replications(until={"m": "2ms"}), {"m": column}) == 5
    assert wanted(Replications(until={"m": "1us"}), {"m": column}) == 10


def test_a_metric_that_is_always_zero_or_never_there_is_precise_enough() -> None:
    assert wanted(Replications(until={"m": "5%"}), {"m": [0.0] * 5}) == 5
    assert wanted(Replications(until={"m": "5%"}), {"m": [None] * 5}) == 5


@given(column=VALUES)
def test_rounds_grow_and_end_at_the_most(column: list[float | None]) -> None:
    more = wanted(Replications(until={"m": "1%"}, max=64), {"m": column})

    assert len(column) <= more <= max(len(column), min(64, 2 * len(column)))


@pytest.mark.parametrize(("target", "message"), [("0%", "never reached"), ("much", "not a quantity")])
def test_a_target_that_cannot_be_reached_is_refused(target: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"until: m: .*{message}"):
        Replications(until={"m": target})


def replicated_until_sure(rng: np.random.Generator, least: int) -> Interval:
    """The interval of a metric with mean 1 that is replicated until it is known to 10 %."""
    rule, column = Replications(until={"m": "10%"}, min=least, max=1000), list[float]()
    while (n := wanted(rule, {"m": column})) > len(column):
        column += rng.gamma(4.0, 0.25, n - len(column)).tolist()
    return estimate(column)


def test_intervals_that_end_a_sequence_hold_the_truth_as_often_as_promised() -> None:
    rng = np.random.default_rng(51)

    intervals = [replicated_until_sure(rng, least=10) for _ in range(300)]

    assert 0.91 <= np.mean([one.holds(1.0) for one in intervals]) <= 0.98, "of 300 the share scatters by 1.3 points"
    assert all(one.relative_half_width <= 0.1 / 1.1 for one in intervals)
