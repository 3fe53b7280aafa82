"""What can be known to be wrong with a study before its first trial: arms, axes and points that it does not have."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.study.cell import Cell
from sim.study.reference import is_reference
from sim.study.results import Replicated, Results
from sim.study.verdict import under_condition
from sim.study.weigh import other_side
from sim.units import InputError

if TYPE_CHECKING:
    from sim.study.study import Study


def check_names(study: "Study", cells: Sequence[Cell] = ()) -> None:
    """Raise InputError where claims, objectives or pictures name an arm, an axis or a point that is not there.

    Without cells they are those of the study as written; where a point refers to the scenario, `cells_of` brings them.
    """
    points = [study.named(point) for point in study.points()]
    if not cells and any(is_reference(point) for point in points):
        return
    cells = cells or [
        Cell(arm=arm, point=point, scenario={}, seed=0, version="") for arm in study.all_arms() for point in points
    ]
    empty = Results(study.name, [Replicated(cell, ()) for cell in cells])
    for i, claim in enumerate(study.claims):
        for side, place in ((claim, f"claims.{i}"), (under_condition(claim), f"claims.{i}.condition")):
            empty.one(place, side.arm, side.at)
            if side.versus is not None:
                arm, at, _ = other_side(side, side.versus)
                empty.one(f"{place}.versus", arm, at)
    for i, objective in enumerate(study.slo):
        empty.matching(f"slo.{i}", objective.arm, objective.at)
    for i, picture in enumerate(study.pictures):
        for arm in picture.arms or ("",):
            empty.matching(f"pictures.{i}", arm, picture.at)
        if picture.chart in {"heatmap", "surface"} and len(points[0]) < 2:
            raise InputError(f"pictures.{i}: a {picture.chart} needs two axes, and there are {len(points[0])}; add one")
        if picture.x:
            empty.axis(f"pictures.{i}.x", picture.x)
        if picture.y:
            empty.axis(f"pictures.{i}.y", picture.y)
