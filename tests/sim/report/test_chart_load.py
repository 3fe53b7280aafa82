"""Load over time and shares of many: what is drawn, read back from the figure."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.chart_load import Steps, chart_load, height_of
from sim.report.chart_shares import chart_shares
from sim.report.chart_timeline import Event
from sim.report.figure import blank, house_style

STEPS = Steps(seconds=0.5, place="desk", label="jobs per second")


def axes(rows: int = 1) -> list[Axes]:
    with house_style():
        return blank(rows)[1]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_each_place_is_a_row_and_each_step_a_column_in_seconds() -> None:
    (ax,) = axes()
    grid = np.array([[0.0, 4, 8], [2, 2, 2]])

    chart_load([ax], {"": grid}, STEPS, answer="One is full")

    (image,) = ax.images
    assert np.asarray(image.get_array()).tolist() == grid.tolist()
    assert list(image.get_extent()) == [0, 1.5, 1.5, -0.5]  # the first place on top
    assert ax.get_ylabel() == "desk"
    assert ax.get_title(loc="left") == "One is full"


def test_colours_begin_at_zero_and_are_the_same_in_all_panels() -> None:
    both = axes(2)

    steps = replace(STEPS, first={"south": 1})

    chart_load(both, {"north": np.array([[5.0, 6]]), "south": np.array([[50.0, 60], [55, 40]])}, steps)

    assert [ax.get_ylim() for ax in both] == [(0.5, -0.5), (2.5, 0.5)]
    assert [(ax.images[0].norm.vmin, ax.images[0].norm.vmax) for ax in both] == [(0, 60), (0, 60)]
    assert [ax.get_ylabel() for ax in both] == ["north desk", "south desk"]
    figure = both[0].figure
    assert isinstance(figure, Figure)
    assert figure.axes[-1].get_ylabel() == "jobs per second"


def test_events_are_named_above_and_cross_the_panel_at_both_ends() -> None:
    (ax,) = axes()

    chart_load([ax], {"": np.ones((3, 60))}, STEPS, events=[Event("desk 1 closes", 10, 20)])

    assert "desk 1 closes" in texts(ax)
    assert [line.get_xdata()[0] for line in ax.lines] == [10, 20]  # type: ignore[index]


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    (ax,) = axes()

    chart_load([ax], {"": np.zeros((3, 4))}, STEPS)

    assert ax.images[0].norm.vmax == 1


def test_many_places_get_room_but_not_without_end() -> None:
    assert height_of(3) < height_of(100) <= height_of(1000) == pytest.approx(6.0)


def test_shares_of_many_are_sorted_and_stand_against_the_fair_one() -> None:
    (ax,) = axes()

    chart_shares(ax, [0.1, 0.6, 0.3], "desks")

    (steps,) = ax.patches
    assert steps.get_data().values.tolist() == pytest.approx([60, 30, 10])  # type: ignore[attr-defined]
    assert "fair share: 33.3 %" in texts(ax)
