"""What can be known to be wrong with a study before its first trial: names of what it does not have."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.study.cell import Cell
from sim.study.design import kind_of
from sim.study.metric_names import MetricNames
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


def check_metrics(study: "Study", names: MetricNames | None) -> None:
    """Raise InputError where the study asks about a metric that no run has; None knows nothing and refuses nothing."""
    if names is None:
        return
    for place, metric in _asked(study):
        names.check(f"{study.name}: {place}", metric)


def _asked(study: "Study") -> Iterator[tuple[str, str]]:
    for claim in study.claims:
        yield f"claims.{claim.id}.metric", claim.metric
        for side in (claim, under_condition(claim)):
            if side.versus is not None and side.versus.metric:
                yield f"claims.{claim.id}.versus.metric", side.versus.metric
    for i, objective in enumerate(study.slo):
        yield f"slo.{i}.metric", objective.metric
    for metric in study.replications.until:
        yield "replications.until", metric
    yield from _asked_of_samples(study)
    for i, picture in enumerate(study.pictures):
        if picture.chart != "timeline":  # its metric is a column of the samples
            yield f"pictures.{i}.metric", picture.metric


def _asked_of_samples(study: "Study") -> Iterator[tuple[str, str]]:
    if (design := study.axes.design()) is not None:
        for metric in design.metrics:
            yield f"axes.{kind_of(design)}.metrics", metric
    if study.tune is not None:
        for metric in study.tune.terms:
            yield "tune.minimise", metric
        for i, objective in enumerate(study.tune.subject_to):
            yield f"tune.subject_to.{i}.metric", objective.metric
