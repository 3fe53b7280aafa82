"""Maps and distributions of a study: which is drawn by itself, what stands in it, what it does not claim."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from sim.execution.sweep import sweep
from sim.report.chart_heatmap import Cells, chart_heatmap
from sim.report.chart_surface import surface
from sim.report.palette import look
from sim.report.panels import panelled
from sim.report.picture import Picture as Drawn
from sim.report.study_distributions import quantiles_of
from sim.report.study_pictures import study_pictures
from sim.report.study_record import record_of
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes as StudyAxes
from sim.study.picture import Picture
from sim.study.precision import Replications
from sim.study.sampling import Sampling
from sim.study.slo import Objective
from sim.study.study import Study
from sim.units import InputError

GRID = StudyAxes(grid={"rate": ("100/s", "200/s", "400/s"), "kept": (1, 2)})
NONE = StudyAxes()
LHS = StudyAxes(lhs=Sampling(ranges={"rate": ("100/s", "400/s"), "kept": (1, 64)}, points=12))


def a_delay(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    rate = float(str(tree["rate"]).removesuffix("/s"))
    delay = tree["factor"] * rate / 100 / tree["kept"] + replication / 100
    return {"summary": {"lat_p50": delay, "lat_p90": 2 * delay, "lat_p99": 3 * delay, "lost": replication}}


def pictures(folder: Path, axes: StudyAxes = NONE, arms: int = 1, **more: Any) -> list[Drawn]:
    given: dict[str, Any] = {
        "replications": Replications(number=2), "slo": (Objective(metric="lat_p99", op="<", value="6.5s"),),
    }  # fmt: skip
    study = Study(
        name="s", base={"rate": "100/s", "kept": 1, "factor": 1}, axes=axes,
        arms={} if arms == 1 else {f"arm{i}": Arm(set={"factor": i + 1}) for i in range(arms)},
        **given | more,
    )  # fmt: skip
    return study_pictures(record_of(sweep(study, a_delay, Store(folder), workers=1), {}))


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_two_numeric_axes_of_a_grid_make_a_heat_map_with_its_numbers(tmp_path: Path) -> None:
    (picture,) = pictures(tmp_path, GRID)
    ax, bar = picture.figure.axes

    assert picture.answer == "lat_p99 runs from 1.52 to 12, at rate 400, kept 1"
    assert [ax.get_xlabel(), ax.get_ylabel(), bar.get_ylabel()] == ["rate (/s)", "kept", "lat_p99 (s)"]
    assert texts(ax) == ["3.01", "6.01", "12", "1.51", "3.01", "6.01"] or len(texts(ax)) == 6
    assert "6.5s" in picture.question


def test_a_line_runs_only_where_the_limit_is_crossed(tmp_path: Path) -> None:
    (crossed,) = pictures(tmp_path / "a", GRID)
    (below,) = pictures(tmp_path / "b", GRID, slo=(Objective(metric="lat_p99", op="<", value="60s"),))

    assert len(crossed.figure.axes[0].lines) == 2 * 2, "one edge to the left, one above, each drawn twice"
    assert not below.figure.axes[0].lines
    assert "Line" not in below.question


def test_sampled_axes_make_a_surface_that_says_so(tmp_path: Path) -> None:
    (picture,) = pictures(tmp_path, LHS, arms=2)

    assert len(picture.figure.axes) == 3, "a panel per arm, and the scale"
    assert "Interpolated between the 12 points" in picture.caption
    assert [ax.get_title(loc="left") for ax in picture.figure.axes[:2]] == ["arm0", "arm1"]


@pytest.mark.parametrize("chart", ["heatmap", "surface"])
def test_the_axes_of_a_map_can_be_turned(chart: Any, tmp_path: Path) -> None:
    asked = Picture(chart=chart, metric="lat_p99", x="kept", y="rate", title="turned")

    (picture,) = pictures(tmp_path, GRID, pictures=(asked,))

    ax = picture.figure.axes[0]
    assert [ax.get_xlabel(), ax.get_ylabel(), picture.answer] == ["kept", "rate (/s)", "turned"]


def test_an_unknown_vertical_axis_is_refused() -> None:
    with pytest.raises((InputError, ValueError), match=r"pictures\.0\.y: no axis is called rat; did you mean rate"):
        Study(name="s", base={}, axes=GRID, pictures=(Picture(chart="heatmap", metric="m", y="rat"),))


def test_a_map_of_one_axis_is_refused() -> None:
    with pytest.raises((InputError, ValueError), match=r"pictures\.0: a heatmap needs two axes, and there are 1"):
        Study(
            name="s", base={}, axes=StudyAxes(grid={"rate": (1, 2)}),
            pictures=(Picture(chart="heatmap", metric="m"),),
        )  # fmt: skip


def test_one_numeric_axis_makes_lines_and_paired_axes_too(tmp_path: Path) -> None:
    (line,) = pictures(tmp_path / "a", StudyAxes(grid={"rate": ("100/s", "400/s")}))
    (paired,) = pictures(tmp_path / "b", StudyAxes(zip={"rate": ("100/s", "200/s", "400/s"), "kept": (1, 2, 3)}))

    assert [len(p.figure.axes) for p in (line, paired)] == [1, 1]
    assert line.figure.axes[0].get_ylabel() == "lat_p99 (s)"


def test_arms_without_axes_are_drawn_by_percentile(tmp_path: Path) -> None:
    (picture,) = pictures(tmp_path, arms=3)

    ax = picture.figure.axes[0]
    assert ax.get_xlabel() == "percentile (each nine takes the same width)"
    assert ax.get_ylabel() == "lat (s)"
    assert picture.answer == "lat_p99 is highest with arm2: 9.02"
    assert {"arm0", "arm1", "arm2"} <= {*texts(ax)}


def test_another_metric_is_drawn_over_its_replications(tmp_path: Path) -> None:
    asked = Picture(chart="distribution", metric="lost", limit={"most": 3})

    (picture,) = pictures(tmp_path, arms=2, pictures=(asked,), replications=Replications(number=4))

    ax = picture.figure.axes[0]
    assert ax.get_xlabel() == "lost"
    assert picture.answer == "lost goes from 0 to 3 over 4 replications"
    assert np.asarray(ax.lines[0].get_ydata()).tolist() == [0, 0.25, 0.5, 0.75, 1, 1]


def test_quantiles_of_one_thing_go_together() -> None:
    known = ["lat_p50", "lat_p999", "lat_mean", "connect_p50", "lat_p90"]

    assert quantiles_of("lat_p90", known) == {"lat_p50": 0.5, "lat_p90": 0.9, "lat_p999": 0.999}
    assert quantiles_of("lat_mean", known) == {}


def test_a_surface_meets_its_points_and_stays_within_their_values() -> None:
    rng = np.random.default_rng(3)
    points = np.column_stack([rng.uniform(1, 100, 40), rng.uniform(0, 1, 40), rng.uniform(5, 6, 40)])

    grid = surface(points, (True, False))

    assert grid is not None
    assert [grid[2].min() >= points[:, 2].min(), grid[2].max() <= points[:, 2].max()] == [True, True]


@pytest.mark.parametrize("n", [3, 12])
def test_points_on_one_line_span_no_surface(n: int) -> None:
    along = np.linspace(0, 1, n)

    assert surface(np.column_stack([along, 2 * along, along]), (False, False)) is None


def test_eight_long_names_keep_both_their_ends(tmp_path: Path) -> None:
    grids = {f"a_rather_long_name_of_an_arm_with_number_{i}": np.arange(4.0).reshape(2, 2) for i in range(8)}
    cells = Cells(x=(1, 2), y=(3, 4), x_label="x", y_label="y", label="z")

    told = ("answer", "question", "")

    picture = panelled("p", told, lambda axes, text: chart_heatmap(axes, grids, cells, answer=text), panels=8)

    titles = [ax.get_title(loc="left") for ax in picture.figure.axes[:8]]
    assert len(set(titles)) == 8
    assert all(title.startswith("a_rather") for title in titles)
    assert "<svg" in picture.svg()
    assert "question" not in picture.svg().split("</style>")[-1], "a page says the headline itself"


def test_eight_lines_look_different() -> None:
    assert len({repr(look(i)) for i in range(30)}) == 30
