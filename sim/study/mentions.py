"""What claims, objectives and pictures mention: arms, axes and points that have to be there. Metrics: `asked`."""

from collections.abc import Sequence

from sim.study.claim import Claim
from sim.study.picture import Picture
from sim.study.results import Results
from sim.study.slo import Objective
from sim.study.verdict import under_condition
from sim.study.weigh import other_side
from sim.units import InputError


def check_mentions(
    empty: Results, *, claims: Sequence[Claim], slo: Sequence[Objective], pictures: Sequence[Picture]
) -> None:
    """Raise InputError where they name an arm, an axis or a point that the cells of the results do not have."""
    axes = len(empty.cells[0].cell.point)
    for i, claim in enumerate(claims):
        for side, place in ((claim, f"claims.{i}"), (under_condition(claim), f"claims.{i}.condition")):
            empty.one(place, side.arm, side.at)
            if side.versus is not None:
                arm, at, _ = other_side(side, side.versus)
                empty.one(f"{place}.versus", arm, at)
    for i, objective in enumerate(slo):
        empty.matching(f"slo.{i}", objective.arm, objective.at)
    for i, picture in enumerate(pictures):
        for arm in picture.arms or ("",):
            empty.matching(f"pictures.{i}", arm, picture.at)
        if picture.chart in {"heatmap", "surface"} and axes < 2:
            raise InputError(f"pictures.{i}: a {picture.chart} needs two axes, and there are {axes}; add one")
        if picture.x:
            empty.axis(f"pictures.{i}.x", picture.x)
        if picture.y:
            empty.axis(f"pictures.{i}.y", picture.y)
