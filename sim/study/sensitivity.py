"""How much each setting of a designed sample matters: indices from the means over replications, and what they lack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import polars as pl

from sim.analysis.sensitivity import Index, morris_indices, sobol_indices
from sim.study.arm import ONLY_ARM
from sim.study.axis import short_names
from sim.study.design import STEADY_POINTS, Design, Morris, Saltelli, Tornado, distinct, kind_of, written
from sim.study.estimate import difference, estimate
from sim.study.results import Replicated, Results

INTERACTS = 0.5
"""Of sigma to mu_star: above it an effect depends on where the other settings are, or is far from linear."""

_FEW = 0.01
"""Indices below it are none: their interval is wider than they are whatever the sample."""

COLUMNS = ("arm", "metric", "axis", "other", "index", "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What a study's designed sample tells."""

    rows: Sequence[Mapping[str, Any]] = ()
    """Keys as `COLUMNS`. ``index`` is mu_star, mu or sigma (Morris), S1, ST or S2 (Sobol), base or change (tornado).

    ``other`` is the second setting of S2, and of a change the value that the setting was given. ``low`` and ``high``
    are the bounds of the 95 % interval, None where there is none.
    """
    warnings: Sequence[str] = ()

    def frame(self) -> pl.DataFrame:
        """The rows, one index each."""
        words, numbers = COLUMNS[:5], COLUMNS[5:]
        kinds = dict.fromkeys(words, pl.String) | dict.fromkeys(numbers, pl.Float64)
        return pl.DataFrame([[row[name] for name in COLUMNS] for row in self.rows], schema=kinds, orient="row")


def sensitivity_of(design: Design, results: Results) -> Sensitivity:
    """The indices of each arm and metric.

    Raises
    ------
    InputError
        Where no trial has one of the metrics.
    """
    rows: list[Mapping[str, Any]] = []
    warnings: list[str] = []
    for metric in design.metrics:
        results.check_metric(f"axes.{kind_of(design)}.metrics", metric)
        for arm in dict.fromkeys(found.cell.arm for found in results.cells):
            cells = [found for found in results.cells if found.cell.arm == arm]
            told, doubts = _of_one(design, cells, metric)
            rows += [{"arm": arm, "metric": metric, **row} for row in told]
            warnings += [f"{metric}: {doubt}" if arm == ONLY_ARM else f"{metric} ({arm}): {doubt}" for doubt in doubts]
    return Sensitivity(rows, [*warnings, *_of_the_sample(design)])


def _of_one(design: Design, cells: Sequence[Replicated], metric: str) -> tuple[list[dict[str, Any]], list[str]]:
    if isinstance(design, Tornado):
        return _changes(design, cells, metric)
    names = list(short_names(design.ranges).values())
    found = dict(zip(map(written, distinct(design.rows())), cells, strict=True))
    means = [_mean(found[written(row)], metric) for row in design.rows()]
    known = [mean for mean in means if mean is not None]
    if len(known) < len(means):
        return [], [f"{len(means) - len(known):,} of {len(means):,} points of the sample have no value: no indices"]
    if len(set(known)) == 1:
        return [], [f"is {known[0]:.6g} at every point: none of these settings changes it"]
    indices = _indices(design, known)
    return [_row(index, names) for index in indices], list(_doubts(indices, names))


def _indices(design: Morris | Saltelli, means: Sequence[float]) -> list[Index]:
    if isinstance(design, Morris):
        return morris_indices(design.shares(), means, levels=design.levels, seed=design.seed)
    return sobol_indices(len(design.ranges), means, second_order=design.second_order, seed=design.seed)


def _mean(found: Replicated, metric: str) -> float | None:
    """Over the replications: the noise of single ones would count as variance that no setting explains, in ST."""
    known = [value for value in found.values(metric) if value is not None]
    return sum(known) / len(known) if known and len(known) == len(found.outcomes) else None


def _row(index: Index, names: Sequence[str]) -> dict[str, Any]:
    reach = index.half_width
    return {
        "axis": names[index.factor],
        "other": "" if index.other is None else names[index.other],
        "index": index.name,
        "value": index.value,
        "low": None if reach is None else max(index.value - reach, 0.0 if index.name == "mu_star" else -inf),
        "high": None if reach is None else index.value + reach,
    }


def _doubts(indices: Iterable[Index], names: Sequence[str]) -> Iterable[str]:
    """Settings that interact, and settings whose index is wider than itself; a line each."""
    by_name = {(index.name, index.factor): index for index in indices if index.other is None}
    mains = [index for (name, _), index in by_name.items() if name in {"mu_star", "ST"}]
    told = [index for index in mains if index.value > _FEW * max(main.value for main in mains)]
    spread = {names[i.factor]: by_name["sigma", i.factor].value / i.value for i in told if i.name == "mu_star"}
    if tangled := [f"{name} ({ratio:.2g})" for name, ratio in spread.items() if ratio > INTERACTS]:
        yield f"interacting or not linear, by sigma over mu_star: {', '.join(tangled)}"
    if unsteady := [names[i.factor] for i in told if i.half_width is not None and i.half_width > i.value]:
        yield f"{told[0].name} is less than its interval to either side: {', '.join(unsteady)}; take a larger sample"


def _of_the_sample(design: Design) -> list[str]:
    if isinstance(design, Saltelli) and design.points < STEADY_POINTS:
        return [f"axes.saltelli: indices from {design.points} points are unsteady; write points: {STEADY_POINTS}"]
    return []


def _changes(design: Tornado, cells: Sequence[Replicated], metric: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The base's mean and each point's difference to it, paired by replication."""
    base, *others = cells
    level = _known(base, metric)
    if level is None:
        return [], ["the base has no value: no changes"]
    names, doubts = short_names(design.ranges), []
    at_base = estimate(level)
    rows = [
        {"axis": "", "other": "", "index": "base", "value": at_base.estimate, "low": at_base.low, "high": at_base.high}
    ]
    places = [(path, value) for path, span in design.spans().items() for value in span.values]
    for (path, value), found in zip(places, others, strict=True):
        here = _known(found, metric)
        if here is None:
            doubts.append(f"{names[path]} at {value} has no value")
            continue
        change = difference(here, level)
        told = {"value": change.estimate, "low": change.low, "high": change.high}
        rows.append({"axis": names[path], "other": str(value), "index": "change", **told})
    return rows, doubts


def _known(found: Replicated, metric: str) -> list[float] | None:
    values = [value for value in found.values(metric) if value is not None]
    return values if values and len(values) == len(found.outcomes) else None
