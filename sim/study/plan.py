"""From a study to its trials: every arm at every point, under common random numbers."""

from collections.abc import Mapping
from typing import Any

from sim.study.asked import check_metrics
from sim.study.cell import Cell
from sim.study.precision import wanted
from sim.study.reference import References, is_reference
from sim.study.study import Study
from sim.study.trial import Model, Tree, Trial
from sim.units import InputError, shown


def cells_of(study: Study, model: Model) -> tuple[Cell, ...]:
    """Every arm at every point that the constraints leave, in the order written.

    Raises
    ------
    InputError
        Where the base, an override or a reference is wrong, or no run has a metric that is asked for: before
        anything runs.
    """
    check_metrics(study, model.words.metrics)
    points = study.points()
    cells = tuple(
        _cell(study, model, arm, {**declared.set, **study.axes.overrides(point)}, point)
        for arm, declared in study.all_arms().items()
        for point in points
    )
    if any(is_reference(point) for point in points):  # else the study was checked when it was read
        study.check_names(cells)
    return cells


def plan(study: Study, model: Model) -> list[Trial]:
    """The trials that are certain: all of a fixed number, the first round where precision decides."""
    first = wanted(study.replications, {})
    return [cell.trial(replication) for cell in cells_of(study, model) for replication in range(first)]


def _cell(study: Study, model: Model, arm: str, values: Mapping[str, Any], point: Mapping[str, Any]) -> Cell:
    try:
        found, scenario = _resolved(study, model, values)
    except (InputError, ValueError) as error:
        place = "axes" if any(path in str(error) for path in point) else f"arms.{arm}"
        raise InputError(f"{study.name}: {place}: {_unset(str(error), values)}") from None
    return Cell(
        arm=arm, point=study.named({path: found.get(path, value) for path, value in point.items()}), scenario=scenario,
        identity=model.identify(scenario), seed=study.seed, version=model.version,
        worked_out={path: value for path, value in found.items() if path not in point and value != values[path]},
    )  # fmt: skip


def _unset(told: str, values: Mapping[str, Any]) -> str:
    """An error of an override as one of the study's: nobody wrote its ``--set``."""
    for path in values:
        if told.startswith(label := f"--set {path}={shown(values[path])}: "):
            rest = told.removeprefix(label)
            return rest if rest.startswith(path) else f"{path}: {rest}"
    return told


def _resolved(study: Study, model: Model, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], Tree]:
    """The values with their references worked out, and the scenario with them in it."""
    if not isinstance(study.base, dict):
        raise InputError(f"{study.name}: base: {study.base} has not been read; load the study with read_study")
    plain = {path: value for path, value in values.items() if not is_reference(value)}
    axes = {name: path for path, name in study.short_names().items()}
    scenario = model.resolve(study.base, plain)
    if len(plain) == len(values):
        return plain, scenario
    found = References(values, axes, scenario).values()
    scenario = model.resolve(study.base, found)
    # another spelling of a path is not seen as the same one; what is read there now has to be what was read before
    if (again := References(values, axes, scenario).values()) != found:
        path = next(path for path in found if found[path] != again[path])
        raise ValueError(f"{path}: refers to what other references change; spell paths as the scenario does")
    return found, scenario
