"""What was measured of Linux 6.18, measurement by measurement, against the kernel model, to each row's tolerance."""

from pathlib import Path
from typing import Any

import pytest

from sim.evidence import play_measurement
from sim.study.execute import Inline
from sim.validation.differences import read_differences, why
from sim.validation.measurements import Measurement, Reproduced, read_measurements, reproduce

FOLDER = Path(__file__).parents[2] / "experiments" / "reality" / "kernel"
MEASUREMENTS = read_measurements(FOLDER / "linux-6.18.json")
DIFFERENCES = read_differences(FOLDER / "differences.yaml")

SLOW = {"cliff-rate"}
NOT_SIMULATED = {"alloc-shared", "alloc-bind-reuseaddr", "alloc-bind-release", "tw-explicit-port"}
"""Measurements of which nothing is simulated, each for the reason that its row states."""


def reproduced(one: Measurement) -> Reproduced:
    (found,) = reproduce([one], play_measurement, Inline())
    return found


def _each() -> list[Any]:
    return [
        pytest.param(one, id=one.id, marks=[pytest.mark.slow] if one.id in SLOW else [])
        for one in MEASUREMENTS
        if one.id not in NOT_SIMULATED
    ]


@pytest.mark.parametrize("one", _each())
def test_the_kernel_model_does_what_was_measured(one: Measurement) -> None:
    found = reproduced(one)

    out = [row for row in found.compared if not row.ok]
    unexplained = [
        f"{row.quantity}: measured {row.measured}, simulated {row.simulated}, tolerance {row.tolerance}"
        for row in out
        if not why(DIFFERENCES, one.id, row.quantity)
    ]
    assert unexplained == [], f"{one.id} ({one.title})"
    assert len(found.compared) > len(out), "something of it is as measured"


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_what_is_not_simulated_says_why(name: str) -> None:
    (one,) = (each for each in MEASUREMENTS if each.id == name)

    rows = reproduced(one).rows

    assert rows
    assert all(row.ok is None and row.reason for row in rows)


def test_no_difference_is_excused_that_is_none() -> None:
    ids = {case for difference in DIFFERENCES for case in difference.cases}
    out = [
        (one.id, row.quantity)
        for one in MEASUREMENTS
        if one.id in ids
        for row in reproduced(one).compared
        if not row.ok
    ]

    idle = [one.why for one in DIFFERENCES if not any(one.explains(*each) for each in out)]
    assert idle == []
