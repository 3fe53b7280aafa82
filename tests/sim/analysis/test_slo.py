"""Objectives: burn rates against the workbook's table, alerts, and how many outcomes a target takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.slo import (
    DAY,
    HOUR,
    PERIOD,
    RULES,
    Outcomes,
    alerts,
    dispersion,
    lasts,
    needs,
    share_interval,
)

BUDGET = 0.001


def an_outage(begin: float, end: float, *, duration: float = 600.0, rate: int = 100) -> Outcomes:
    """An even traffic of which all that ends in the outage is bad."""
    ends = (np.arange(int(duration * rate)) + 1) / rate
    return Outcomes(ends, (ends > begin) & (ends <= end), duration)


def test_factors_are_those_of_the_workbook() -> None:
    assert [rule.factor for rule in RULES] == pytest.approx([14.4, 6, 3, 1])


@pytest.mark.parametrize(("rule", "seconds"), [(0, 52), (1, 130), (2, 260), (3, 260)])
def test_a_full_outage_fires_when_the_workbook_says(rule: int, seconds: int) -> None:
    """factor x budget x window: 51.8, 129.6, 259.2 and 259.2 s at 99.9 %, seen at the next whole second."""
    found = alerts(an_outage(0, 600), BUDGET)[rule]

    assert found.fired == ((seconds, 600.0),)


def test_a_window_that_begins_before_the_run_is_good_there() -> None:
    outcomes = an_outage(0, 600)

    assert outcomes.error_ratio(HOUR, np.array([36.0])) == pytest.approx([0.01])
    assert outcomes.error_ratio(10, np.array([5.0, 10.0, 600.0])) == pytest.approx([0.5, 1, 1])


def test_an_alert_ends_with_its_short_window() -> None:
    found = alerts(an_outage(100, 200), BUDGET)[0]

    ((begin, end),) = found.fired
    assert begin == 152
    # 14.4 x 0.001 x 300 s = 4.32 s of outage are left in the short window at its end
    assert end == pytest.approx(200 + 300 - 4.32, abs=1)


def test_windows_shrink_with_the_period() -> None:
    whole, short = alerts(an_outage(0, 600), BUDGET)[0], alerts(an_outage(0, 600), BUDGET, period=PERIOD / 60)[0]

    assert (short.long, short.short) == (60, 5)
    assert short.fired[0][0] == pytest.approx(whole.fired[0][0] / 60, abs=1)


def test_a_single_error_of_a_quiet_service_fires_unless_more_are_asked_for() -> None:
    ends = np.arange(1.0, 600.0, 30.0)
    quiet = Outcomes(ends, ends == 301.0, 600.0)

    assert alerts(quiet, 0.0001)[0].fired
    assert not alerts(quiet, 0.0001, at_least=2)[0].fired


def test_no_alert_fires_without_errors() -> None:
    assert all(not one.fired for one in alerts(an_outage(0, 0), BUDGET))
    assert lasts(an_outage(0, 0), BUDGET) == np.inf
    assert np.isnan(dispersion(an_outage(0, 0)))


def test_a_budget_that_is_burnt_ten_times_as_fast_lasts_for_three_days() -> None:
    ends = np.arange(1.0, 10_001.0)
    outcomes = Outcomes(ends, ends % 100 == 0, 10_000.0)

    assert lasts(outcomes, BUDGET) == pytest.approx(3 * DAY)


def test_what_comes_in_bursts_is_told_from_chance() -> None:
    rng = np.random.default_rng(1)
    ends = np.sort(rng.uniform(0, 1000, 100_000))

    assert dispersion(Outcomes(ends, rng.random(100_000) < 0.01, 1000.0)) < 2
    assert dispersion(an_outage(100, 120, duration=1000.0)) > 100


def test_as_many_are_needed_as_the_reference_computes() -> None:
    found = needs(5e-5)

    assert (found.none, found.ten, found.fifty) == (59_914, 200_000, 1_000_000)
    assert found.double == pytest.approx(161_000, rel=0.005)
    assert found.tenth == pytest.approx(7.7e6, rel=0.005)


def test_wilson_s_interval_is_that_of_the_reference() -> None:
    found = share_interval(10, 200_000)

    assert [found.low, found.high] == pytest.approx([2.7e-5, 9.2e-5], rel=0.02)
    assert share_interval(0, 1000).low == 0


@given(st.lists(st.tuples(st.floats(0.001, 100), st.booleans()), min_size=1, max_size=40), st.floats(0.1, 200))
def test_a_ratio_is_a_share_and_the_whole_run_is_the_whole_ratio(ends: list[tuple[float, bool]], window: float) -> None:
    ends.sort()
    instants = np.array([end for end, _ in ends])
    outcomes = Outcomes(instants, np.array([bad for _, bad in ends]), float(instants[-1]))
    at = np.linspace(0.0, outcomes.duration, 7)

    ratios = outcomes.error_ratio(window, at)
    assert ((ratios >= 0) & (ratios <= 1)).all()
    whole = outcomes.error_ratio(outcomes.duration, np.array([outcomes.duration]))
    assert whole[0] == pytest.approx(outcomes.n_bad / outcomes.n)
