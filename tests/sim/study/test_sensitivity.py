"""Sensitivity through a whole study: samples, the store, means over replications, indices."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from math import pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.execution.sweep import SweepResult, sweep
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.cell import Cell
from sim.study.design import Morris, Saltelli, Tornado
from sim.study.plan import cells_of
from sim.study.precision import Replications
from sim.study.results import Replicated, Results
from sim.study.sensitivity import sensitivity_of
from sim.study.study import Study
from sim.study.trial import Model, Outcome
from sim.units import InputError

pytest.importorskip("SALib")

TURN = {"a": (-pi, pi), "b": (-pi, pi), "c": (-pi, pi)}


def ishigami(tree: Mapping[str, Any]) -> float:
    a, b, c = (tree[name] for name in "abc")
    return sin(a) + 7 * sin(b) ** 2 + 0.1 * c**4 * sin(a)


def linear(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """A delay of 3 ms per unit of a and -2 per unit of b, the same noise everywhere (common random numbers)."""
    noise = np.random.default_rng([seed, replication]).normal()
    y = 3 * tree["a"] - 2 * tree["b"] + (tree["mode"] == "slow") + noise
    return {"summary": {"y": y, "flat": 7, "pair": tree["a"] * tree["b"]}, "seconds": 0.0}


def a_study(**axes: Any) -> Study:
    return Study(
        name="known", base={"a": 1, "b": 2.0, "c": 0.0, "mode": "fast"}, axes=Axes(**axes),
        replications=Replications(number=2),
    )  # fmt: skip


def a_morris(**changes: Any) -> Morris:
    given: dict[str, Any] = {"ranges": {"a": (0, 10), "b": (0.0, 5.0), "mode": ("fast", "slow")}, "metrics": ("y",)}
    return Morris(**given | changes)


def swept(study: Study, folder: Path) -> SweepResult:
    return sweep(study, linear, Store(folder), workers=1)


def values(result: SweepResult, index: str, metric: str = "y") -> dict[str, float]:
    rows = [row for row in result.sensitivity.rows if row["index"] == index and row["metric"] == metric]
    return {row["axis"] + row["other"]: row["value"] for row in rows}


def test_the_sobol_indices_of_a_study_of_ishigamis_function_are_the_known_ones() -> None:
    study = a_study(saltelli=Saltelli(ranges=TURN, metrics=("y",), points=1024))
    cells = cells_of(study, Model(run=linear))
    results = Results("known", [Replicated(cell, [Outcome(summary={"y": ishigami(cell.point)})]) for cell in cells])

    found = sensitivity_of(study.axes.design(), results)  # type: ignore[arg-type]  # there is one

    first = {row["axis"]: row["value"] for row in found.rows if row["index"] == "S1"}
    total = {row["axis"]: row["value"] for row in found.rows if row["index"] == "ST"}
    assert first == pytest.approx({"a": 0.3139, "b": 0.4424, "c": 0.0}, abs=0.03)
    assert total == pytest.approx({"a": 0.5576, "b": 0.4424, "c": 0.2437}, abs=0.03)
    assert found.warnings == []


def wave(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    return {"summary": {"y": ishigami(tree)}, "seconds": 0.0}


@pytest.mark.slow
def test_ishigamis_indices_come_out_of_the_store_as_well(tmp_path: Path) -> None:
    study = a_study(saltelli=Saltelli(ranges=TURN, metrics=("y",), points=256))

    result = sweep(replace(study, replications=Replications()), wave, Store(tmp_path), workers=1)

    assert values(result, "S1") == pytest.approx({"a": 0.3139, "b": 0.4424, "c": 0.0}, abs=0.08)
    assert values(result, "ST") == pytest.approx({"a": 0.5576, "b": 0.4424, "c": 0.2437}, abs=0.08)


def test_the_effects_of_a_linear_model_are_its_slopes_over_the_ranges(tmp_path: Path) -> None:
    result = swept(
        a_study(morris=a_morris(ranges={"a": (0.0, 10.0), "b": (0.0, 5.0), "mode": ("fast", "slow")})), tmp_path
    )

    assert values(result, "mu_star") == pytest.approx({"a": 30, "b": 10, "mode": 1.5}, rel=1e-4)
    assert values(result, "mu")["b"] == pytest.approx(-10, rel=1e-4)
    assert values(result, "sigma") == pytest.approx({"a": 0, "b": 0, "mode": 0}, abs=1e-3)


def test_equal_points_of_a_sample_are_one_cell_and_one_run(tmp_path: Path) -> None:
    result = swept(a_study(morris=a_morris(trajectories=30, ranges={"a": (0, 1), "mode": ("fast", "slow")})), tmp_path)

    assert len(result.results.cells) == 4, "90 rows of the sample fall on four points"
    assert result.store.frame().height == 8
    assert set(values(result, "mu_star")) == {"a", "mode"}


def test_a_product_of_settings_is_told_as_an_interaction(tmp_path: Path) -> None:
    result = swept(a_study(morris=a_morris(metrics=("pair",), trajectories=20)), tmp_path)

    (line,) = (line for line in result.sensitivity.warnings if "interacting" in line)
    assert line.startswith("pair: ")
    assert {"a", "b"} <= {word.split(" (")[0] for word in line.partition("mu_star: ")[2].split(", ")}


def test_a_metric_that_stays_the_same_has_no_indices_and_says_so(tmp_path: Path) -> None:
    result = swept(a_study(morris=a_morris(metrics=("flat",))), tmp_path)

    assert result.sensitivity.rows == []
    assert result.sensitivity.warnings == ["flat: is 7 at every point: none of these settings changes it"]


def test_few_points_are_told_to_be_unsteady(tmp_path: Path) -> None:
    result = swept(a_study(saltelli=Saltelli(ranges={"a": (0.0, 1.0)}, metrics=("y",), points=8)), tmp_path)

    assert "axes.saltelli: indices from 8 points are unsteady; write points: 512" in result.sensitivity.warnings


def test_a_tornado_is_the_paired_difference_to_the_base_as_the_arm_has_it(tmp_path: Path) -> None:
    study = a_study(tornado=Tornado(ranges={"a": (0, 3), "mode": ("fast", "slow")}, metrics=("y",)))
    arms = {"base": Arm(), "high": Arm(set={"a": 2})}
    result = swept(
        Study(name="t", base=study.base, axes=study.axes, arms=arms, replications=study.replications), tmp_path
    )

    changes = [row for row in result.sensitivity.rows if row["index"] == "change"]
    of_base = {row["axis"] + row["other"]: row["value"] for row in changes if row["arm"] == "base"}
    of_high = {row["axis"] + row["other"]: row["value"] for row in changes if row["arm"] == "high"}
    assert of_base == pytest.approx({"a0": -3, "a3": 6, "modefast": 0, "modeslow": 1})
    assert of_high == pytest.approx({"a0": -6, "a3": 3, "modefast": 0, "modeslow": 1})
    assert all(row["high"] - row["low"] < 1e-9 for row in changes), "common random numbers cancel out"
    assert result.sensitivity.warnings == [], "that interactions are not seen is said under the picture"


def test_a_point_without_a_value_leaves_no_indices() -> None:
    study = a_study(morris=a_morris())
    cells: list[Cell] = list(cells_of(study, Model(run=linear)))
    outcomes = [Outcome(error="lost"), *[Outcome(summary={"y": 1.0})] * (len(cells) - 1)]
    results = Results("known", [Replicated(cell, [one]) for cell, one in zip(cells, outcomes, strict=True)])

    found = sensitivity_of(study.axes.design(), results)  # type: ignore[arg-type]  # there is one

    assert found.rows == []
    assert "points of the sample have no value: no indices" in found.warnings[0]


def test_a_metric_that_nobody_records_is_refused_after_one_trial(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"axes\.morris\.metrics.*no trial has z"):
        swept(a_study(morris=a_morris(metrics=("z",))), tmp_path)

    assert Store(tmp_path).frame().height == 1


def test_a_sample_stands_alone_and_whole() -> None:
    with pytest.raises(ValueError, match="morris: stands beside other axes"):
        Axes(grid={"c": (1, 2)}, morris=a_morris())
    with pytest.raises(ValueError, match="constraints: a morris sample is whole"):
        Study(name="s", base={}, axes=Axes(morris=a_morris()), constraints=("a < 3",))
    with pytest.raises(ValueError, match="points: 100 is no power of two; write 128"):
        Saltelli(ranges=TURN, metrics=("y",), points=100)


def test_without_salib_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)

    with pytest.raises(InputError, match=r"pip install 'transport-sim\[sensitivity\]'"):
        Axes(morris=a_morris(seed=987)).points()
