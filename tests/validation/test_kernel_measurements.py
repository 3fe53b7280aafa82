"""What was measured of Linux 6.18, measurement by measurement, against the kernel model, to each row's tolerance."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.evidence import play_measurement
from sim.execution.execute import Inline
from sim.report.kernel_page import kernel_page, unstated_tolerances
from sim.validation.differences import read_differences, why
from sim.validation.measurements import Reproduced, read_measurements, reproduce

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "reality" / "kernel"
KERNEL = read_measurements(FOLDER / "linux-6.18.json")
MEASUREMENTS = {one.id: one for one in KERNEL.measurements}
DIFFERENCES = read_differences(FOLDER / "differences.yaml")

SLOW = {"cliff-rate"}
NOT_SIMULATED = {"alloc-shared", "alloc-bind-reuseaddr", "alloc-bind-release", "tw-explicit-port"}
"""Measurements of which nothing is simulated, each for the reason that its row states."""


@cache
def reproduced(name: str) -> Reproduced:
    (found,) = reproduce([MEASUREMENTS[name]], play_measurement, Inline())
    return found


def _each() -> list[Any]:
    return [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in MEASUREMENTS
        if name not in NOT_SIMULATED
    ]


@pytest.mark.parametrize("name", _each())
def test_the_kernel_model_does_what_was_measured(name: str) -> None:
    found = reproduced(name)

    out = [row for row in found.compared if not row.ok]
    unexplained = [
        f"{row.quantity}: measured {row.measured}, simulated {row.simulated}, tolerance {row.tolerance}"
        for row in out
        if not why(DIFFERENCES, name, row.quantity)
    ]
    assert unexplained == [], f"{name} ({found.title})"
    assert len(found.compared) > len(out), "something of it is as measured"


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_what_is_not_simulated_says_why(name: str) -> None:
    rows = reproduced(name).rows

    assert rows
    assert all(row.ok is None and row.reason for row in rows)


def test_no_difference_is_excused_that_is_none() -> None:
    ids = {case for difference in DIFFERENCES for case in difference.cases}
    out = [
        (name, row.quantity) for name in MEASUREMENTS if name in ids for row in reproduced(name).compared if not row.ok
    ]

    idle = [one.why for one in DIFFERENCES if not any(one.explains(*each) for each in out)]
    assert idle == []


@pytest.mark.slow
def test_the_documents_say_what_comes_of_it() -> None:
    judged = [reproduced(name) for name in MEASUREMENTS]

    page = "\n".join(kernel_page(judged, DIFFERENCES, KERNEL.kernel))
    assert (ROOT / "docs" / "validation.md").read_text("utf-8").endswith(f"\n{page}\n")
    tolerances = "\n".join(unstated_tolerances(judged))
    assert f"\n{tolerances}\n" in (FOLDER / "README.md").read_text("utf-8")
