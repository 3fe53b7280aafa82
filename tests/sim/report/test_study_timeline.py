"""Timelines of a study: a panel for each column, points to compare with, the time of day."""

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from sim.report.picture import Picture
from sim.report.study_record import StudyRecord
from sim.report.study_timeline import timeline
from sim.units import SECOND

LEVELS = pl.DataFrame(
    {
        "picture": 0, "arm": ["a", "a", "a"] * 2, "metric": ["rate"] * 3 + ["lat_p99"] * 3,
        "t": [0.0, 60.0, 120.0] * 2, "value": [1200.0, 80.0, 1150.0, 0.3, None, 4.8],
    }
)  # fmt: skip


def drawn(**asked: Any) -> tuple[Picture, list[Axes]]:
    record = StudyRecord(
        name="s", question="", claims=(), slo=(), pictures=(), axes={}, failed=(), origin={},
        trials=pl.DataFrame(), table=pl.DataFrame(), levels=LEVELS,
    )  # fmt: skip
    picture = timeline(record, 0, {"chart": "timeline", "metric": "rate", **asked})
    assert picture is not None
    return picture, picture.figure.axes


def test_every_column_has_its_panel_with_its_unit() -> None:
    picture, axes = drawn(also=("lat_p99",))

    assert [ax.get_ylabel() for ax in axes] == ["rate", "lat_p99 (s)"]
    assert picture.answer == "rate peaks at 1,200 in the first replication"


def test_a_mark_is_a_point_in_the_panel_of_its_column() -> None:
    marks = [{"at": 60 * SECOND, "value": "4.8s", "metric": "lat_p99", "label": "reported: 4.8 s"}]

    _, (first, second) = drawn(also=("lat_p99",), marks=marks)

    assert [text.get_text() for text in second.texts if "reported" in text.get_text()] == ["reported: 4.8 s"]
    (diamond,) = [line for line in second.lines if line.get_marker() == "D"]
    assert np.array([diamond.get_xdata(), diamond.get_ydata()]).tolist() == [[60.0], [4.8]]
    assert not [line for line in first.lines if line.get_marker() == "D"]


def test_the_clock_names_the_time_of_day() -> None:
    _, axes = drawn(clock="02:13:26")

    assert axes[-1].get_xlabel() == "time of day"
    assert axes[-1].xaxis.get_major_formatter()(97, 0) == "02:15:03"
    assert list(axes[-1].xaxis.get_major_locator()())[:3] == [-30.0, 0.0, 30.0]
