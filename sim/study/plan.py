"""From a study to its trials: every arm at every point, under common random numbers."""

from collections.abc import Mapping
from typing import Any

from sim.study.cell import Cell
from sim.study.precision import wanted
from sim.study.study import Study
from sim.study.trial import Model, Tree, Trial
from sim.units import InputError


def cells_of(study: Study, model: Model) -> tuple[Cell, ...]:
    """Every arm at every point that the constraints leave, in the order written.

    Raises
    ------
    InputError
        Where the base or an override is wrong: before anything runs.
    """
    points = study.points()
    return tuple(
        _cell(study, model, arm, {**declared.set, **study.axes.overrides(point)}, study.named(point))
        for arm, declared in study.all_arms().items()
        for point in points
    )


def plan(study: Study, model: Model) -> list[Trial]:
    """The trials that are certain: all of a fixed number, the first round where precision decides."""
    first = wanted(study.replications, {})
    return [cell.trial(replication) for cell in cells_of(study, model) for replication in range(first)]


def _cell(study: Study, model: Model, arm: str, values: Mapping[str, Any], point: Mapping[str, Any]) -> Cell:
    scenario = _resolved(study, model, f"arms.{arm}", values)
    return Cell(
        arm=arm, point=point, scenario=scenario, identity=model.identify(scenario),
        seed=study.seed, version=model.version,
    )  # fmt: skip


def _resolved(study: Study, model: Model, place: str, values: Mapping[str, Any]) -> Tree:
    if not isinstance(study.base, dict):
        raise InputError(f"{study.name}: base: {study.base} has not been read; load the study with read_study")
    try:
        return model.resolve(study.base, values)
    except InputError as error:
        raise InputError(f"{study.name}: {place}: {error}") from None
