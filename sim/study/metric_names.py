"""What a model's runs may measure, by name: so that a metric that no run has is refused before the first trial."""

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from sim.study.design import kind_of
from sim.study.verdict import under_condition
from sim.units import InputError

if TYPE_CHECKING:
    from sim.study.study import Study


class MetricNames:
    """Names of metrics, and of families of them: ``share_b{}`` stands for share_b0, share_b1 ..."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(names))

    def __contains__(self, metric: str) -> bool:
        return metric in self._names or self._pattern.fullmatch(metric) is not None

    def check(self, place: str, metric: str) -> None:
        """Raise InputError where no run has this metric."""
        if metric in self:
            return
        plain = [name.replace("{}", "") for name in self._names]
        near = difflib.get_close_matches(metric, plain, 1)
        way_out = f"did you mean {near[0]}?" if near else f"known here: {', '.join(plain[:12])} ..."
        raise InputError(f"{place}: no run measures {metric}; {way_out}")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        families = (map(re.escape, name.split("{}")) for name in self._names if "{}" in name)
        return re.compile("|".join(".+".join(parts) for parts in families) or r"(?!)")


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
