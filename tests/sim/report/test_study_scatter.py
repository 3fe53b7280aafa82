"""Points that form no lines are drawn as points, over each of their axes, and never joined."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection

from sim.execution.sweep import sweep
from sim.report.picture import Picture as Drawn
from sim.report.study_pictures import study_pictures
from sim.report.study_record import record_of
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.picture import Picture
from sim.study.precision import Replications
from sim.study.sampling import Sampling
from sim.study.study import Study

RANGES: dict[str, tuple[Any, Any]] = {"rate": ("10/s", "100/s"), "kept": (1, 64), "hosts": (1, 9)}
THREE = Axes(lhs=Sampling(ranges=RANGES, points=12))


def a_trial(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    rate = float(str(tree["rate"]).removesuffix("/s"))
    noise = float(np.random.default_rng([replication, int(rate * 1e6), tree["kept"]]).normal())
    return {"summary": {"load": rate * tree["factor"] + noise, "noise": noise, "zero": 0}}


def drawn(folder: Path, asked: Picture, *, axes: Axes = THREE, n: int = 4, arms: int = 1) -> Drawn:
    study = Study(
        name="s", base={"rate": "10/s", "kept": 1, "hosts": 1, "factor": 1, "wait": 0}, axes=axes, pictures=(asked,),
        arms={} if arms == 1 else {f"arm{i}": Arm(set={"factor": i + 1}) for i in range(arms)},
        replications=Replications(number=n),
    )  # fmt: skip
    (picture,) = study_pictures(record_of(sweep(study, a_trial, Store(folder), workers=1), {}))
    return picture


def points(picture: Drawn, panel: int = 0) -> list[int]:
    return [len(np.asarray(one.get_offsets())) for one in picture.figure.axes[panel].collections
            if isinstance(one, PathCollection)]  # fmt: skip


@pytest.mark.parametrize("chart", ["line", "scatter"])
def test_a_sample_of_three_axes_has_a_panel_for_each_and_no_line(chart: Any, tmp_path: Path) -> None:
    picture = drawn(tmp_path, Picture(chart=chart, metric="load"), arms=2)

    assert [ax.get_xlabel() for ax in picture.figure.axes] == ["rate (/s)", "kept", "hosts"]
    assert [points(picture, panel) for panel in range(3)] == [[12, 12]] * 3
    assert not any(ax.lines for ax in picture.figure.axes)
    assert picture.answer == "load rises with rate, over 12 points"


def test_points_have_their_intervals_where_there_are_any(tmp_path: Path) -> None:
    picture = drawn(tmp_path, Picture(chart="scatter", metric="load", x="kept"))

    (ax,) = picture.figure.axes
    (bars,) = [one for one in ax.collections if isinstance(one, LineCollection)]
    heights = [abs(float(segment[1][1] - segment[0][1])) for segment in bars.get_segments()]
    assert len(heights) == 12
    assert min(heights) > 0
    assert "rate" not in picture.caption.split("panel")[0]


def test_one_replication_names_the_metric_alone(tmp_path: Path) -> None:
    picture = drawn(tmp_path, Picture(chart="scatter", metric="load"), n=1)

    assert picture.answer == "load in 1 replication"
    assert points(picture) == [12]


@pytest.mark.parametrize(
    ("metric", "answer"),
    [("noise", "noise shows no trend beyond chance over 12 points"), ("zero", "zero is 0 everywhere")],
)
def test_noise_and_nothing_are_no_trend(metric: str, answer: str, tmp_path: Path) -> None:
    assert drawn(tmp_path, Picture(chart="scatter", metric=metric)).answer == answer


def test_of_five_axes_four_are_shown_and_the_last_is_named(tmp_path: Path) -> None:
    five = Axes(lhs=Sampling(ranges={**RANGES, "factor": (1, 5), "wait": (0, 9)}, points=10))

    picture = drawn(tmp_path, Picture(chart="scatter", metric="load"), axes=five, n=2)

    assert [len(picture.figure.axes), "wait varies too" in picture.caption] == [4, True]


def test_a_sample_of_one_axis_and_paired_axes_are_lines(tmp_path: Path) -> None:
    one = Axes(lhs=Sampling(ranges={"rate": ("10/s", "100/s")}, points=5))
    paired = Axes(zip={"rate": ("10/s", "50/s", "90/s"), "kept": (1, 2, 3)})

    alone, together = (
        drawn(tmp_path / str(i), Picture(chart="line", metric="load"), axes=axes)
        for i, axes in enumerate((one, paired))
    )

    assert [len(picture.figure.axes[0].lines) for picture in (alone, together)] == [1, 1]
    assert together.caption.endswith("kept goes along with rate.")
