"""One number of a run: which customers count, what is left out, and in which unit it comes."""

import numpy as np
import pytest

from sim.units import MS, SECOND, InputError
from sim.validation.measure import Level, Mean, Observed, Rate, Share, Window

ALL = Window(skip=0, take=4)


def seen() -> Observed:
    """Four customers, of whom the third was turned away, and a level on a grid of one second."""
    kind = [("came", "<i8"), ("left", "<i8"), ("wait", "<i8"), ("status", "<i2")]
    rows = [
        (0, 10, 0, 200),
        (SECOND, SECOND + 20, 4 * MS, 200),
        (2 * SECOND, 2 * SECOND, -1, 503),
        (3 * SECOND, 9, 8 * MS, 200),
    ]
    return Observed(np.array(rows, kind), np.arange(5) * SECOND, {"busy": np.array([0, 1, 2, 6, 100])})


def test_a_mean_leaves_out_who_has_no_such_time_and_is_in_seconds() -> None:
    assert Mean(column="wait").of(seen(), ALL) == pytest.approx(0.004)


def test_a_difference_of_two_instants_is_a_time() -> None:
    assert Mean(column="left", minus="came").of(seen(), Window(skip=0, take=2)) == pytest.approx(15e-9)


def test_a_share_counts_a_value() -> None:
    assert Share(column="status", equals=503).of(seen(), ALL) == 0.25


def test_the_first_customers_are_skipped() -> None:
    assert Mean(column="wait").of(seen(), Window(skip=3, take=1)) == pytest.approx(0.008)


def test_more_customers_than_a_run_has_are_refused() -> None:
    with pytest.raises(InputError, match="4 customers and 5 are asked for; lengthen its duration"):
        Mean(column="wait").of(seen(), Window(skip=1, take=4))


def test_a_rate_counts_from_the_start_up_to_the_end() -> None:
    assert Rate(column="came", start=SECOND, end=3 * SECOND).of(seen(), ALL) == 1.0


def test_a_level_is_averaged_over_its_window_alone() -> None:
    assert Level(name="busy", start=SECOND, end=4 * SECOND).of(seen(), ALL) == 3.0


def test_a_level_that_no_run_has_is_refused_with_those_it_has() -> None:
    with pytest.raises(InputError, match="no level is called idle; did you mean busy"):
        Level(name="idle", start=0, end=SECOND).of(seen(), ALL)
