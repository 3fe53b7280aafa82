"""The pictures of one run on demand."""

from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib import pyplot

from sim.report.run_plots import RunPlots
from sim.report.run_record import RunRecord
from sim.report.words import Limit, Words
from sim.units import InputError

matplotlib.use("Agg")
SEATS = Limit(name="seats", path=("halls", "*", "rows"), columns=("seated", "standing"), noun="seats")
WORDS = Words(noun="guests", one="guest", total="n", failed="lost", tail="p99", rows=(),
              panels={"people": {"sitting": "seated"}},
              limit=SEATS, peak=("seated", "Guests"))  # fmt: skip


@pytest.fixture(autouse=True)
def no_figure_stays() -> Iterator[None]:
    yield
    pyplot.close("all")


def plots(**scenario: Any) -> RunPlots:
    samples = pl.DataFrame({"t": [0.0, 0.1, 0.2], "seated": [0, 40, 20], "standing": [0, 10, 5]})
    manifest = {"seed": 1, "scenario": {"name": "hall", "halls": {"a": {"rows": [1, 100]}}, **scenario}}
    return RunPlots(RunRecord(summary={}, manifest=manifest, requests=pl.DataFrame(), samples=samples), WORDS)


def drawn(ax: Any) -> list[list[float]]:
    return [np.asarray(line.get_ydata()).tolist() for line in ax.lines]


def test_without_columns_the_timeline_is_the_reports() -> None:
    (ax,) = plots().timeline()

    assert drawn(ax)[0] == [0, 40, 20]
    assert ax.get_ylabel() == "people"


def test_columns_stand_in_one_panel_and_the_first_one_is_the_title() -> None:
    (ax,) = plots()("standing", "seated")

    assert drawn(ax)[:2] == [[0, 10, 5], [0, 40, 20]]
    assert ax.get_title(loc="left") == "standing has its peak at 10, 0.1 s after the start"


def test_against_its_own_limit_a_run_is_drawn_as_the_sum_of_what_counts() -> None:
    ax = plots().against_limit()

    assert [0, 50, 25] in drawn(ax)
    assert ax.get_title(loc="left") == "At most 50 of 100 seats are taken, 50.00 %"


def test_columns_against_the_runs_own_limit_are_one_line_each() -> None:
    ax = plots().against_limit("seated", "standing")

    assert [0, 40, 20] in drawn(ax)
    assert ax.get_title(loc="left") == "seated reaches 40, 40.00 % of 100"


def test_without_a_single_limit_one_has_to_be_given() -> None:
    two_halls = plots(halls={"a": {"rows": [1, 100]}, "b": {"rows": [1, 50]}})

    with pytest.raises(InputError, match="limit=NUMBER"):
        two_halls.against_limit("seated")
    assert [7, 7] in drawn(two_halls.against_limit("seated", limit=7))


def test_a_picture_for_which_there_is_no_data_is_an_input_error() -> None:
    with pytest.raises(InputError, match="no data for the picture percentiles"):
        plots().latency()
