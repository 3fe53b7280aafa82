"""What can be known to be wrong with a study before its first trial: arms, axes and points that it does not have."""

from typing import TYPE_CHECKING

from sim.study.cell import Cell
from sim.study.results import Replicated, Results
from sim.study.verdict import under_condition
from sim.study.weigh import other_side

if TYPE_CHECKING:
    from sim.study.study import Study


def check_names(study: "Study") -> None:
    """Raise InputError where claims, objectives or pictures name an arm, an axis or a point that is not there."""
    points = [study.named(point) for point in study.points()]
    cells = [
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
        if picture.x:
            empty.axis(f"pictures.{i}.x", picture.x)
