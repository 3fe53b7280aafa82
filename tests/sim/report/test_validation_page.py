"""The page of a validation: its answer, its rows, its reasons, its points."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.report.chart_deviations import MOST, chart_deviations
from sim.report.palette import ALARM, OURS
from sim.report.validation_page import write_validation
from sim.validation.differences import Difference
from sim.validation.reality import CaseVerdict
from sim.validation.tolerance import Verdict

NEAR = Verdict("n_ok", "T", [100, 100, 100], 101.0, 3.0, ok=True)
FAR = Verdict("lat_max", "o", [0.1, 0.1, 0.1], 0.2, 0.01, ok=False)
APART = Verdict("n_err", "N", [5, 9, 6], [1, 2], 0.0, ok=False)
JUDGED = [CaseVerdict("E01-a", "E01", [NEAR, FAR]), CaseVerdict("E02-b", "E02", [APART])]
BUSY = Difference(cases=("E01-*",), quantities=("lat_*",), why="A busy machine.")


@pytest.fixture
def page(tmp_path: Path) -> str:
    return write_validation(JUDGED, [BUSY], tmp_path / "new").read_text("utf-8")


def test_the_page_begins_with_how_many_are_within(page: str) -> None:
    assert "1 of 3 quantities (33.3%) are within tolerance, in 2 recordings" in page.splitlines()[2]


def test_what_is_out_stands_below_its_reason_and_the_unknown_last(page: str) -> None:
    lines = [line for line in page.splitlines() if "lat_max" in line or "n_err" in line or line.endswith((".", ":"))]

    assert lines[-4:] == [
        "A busy machine.",
        "| E01-a | `lat_max` | 0.1 0.1 0.1 | 0.2 | ±0.01 |",
        "Not looked into yet:",
        "| E02-b | `n_err` | 5 9 6 | 1 to 2 | ranges overlap |",
    ]


def test_the_picture_lies_beside_the_page(page: str, tmp_path: Path) -> None:
    assert "(validation.png)" in page
    assert (tmp_path / "new" / "validation.png").read_bytes().startswith(b"\x89PNG")


def test_points_beyond_the_tolerance_have_another_colour_and_far_ones_the_edge() -> None:
    ax = chart_deviations(Figure().subplots(), {"E01": [0.5, -7.0]})

    drawn = [(np.asarray(line.get_xdata()).tolist(), line.get_color()) for line in ax.lines]
    assert drawn[1:] == [([-MOST], ALARM), ([0.5], OURS)], "the first is the zero"
