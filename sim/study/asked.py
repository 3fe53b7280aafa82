"""The metrics that a study asks about, by place: so that one that no run has is refused before the first trial."""

from collections.abc import Iterator

from sim.study.design import kind_of
from sim.study.metric_names import MetricNames
from sim.study.study import Study
from sim.study.verdict import under_condition


def check_metrics(study: Study, names: MetricNames | None) -> None:
    """Raise InputError where the study asks about a metric that no run has; None knows nothing and refuses nothing."""
    if names is None:
        return
    for place, metric in _asked(study):
        names.check(f"{study.name}: {place}", metric)


def _asked(study: Study) -> Iterator[tuple[str, str]]:
    for claim in study.claims:
        yield f"claims.{claim.id}.metric", claim.metric
        for side in (claim, under_condition(claim)):
            if side.versus is not None and side.versus.metric:
                yield f"claims.{claim.id}.versus.metric", side.versus.metric
    for i, objective in enumerate(study.slo):
        yield f"slo.{i}.metric", objective.metric
    if study.stability is not None:
        yield "stability.metric", study.stability.metric
    for metric in study.replications.until:
        yield "replications.until", metric
    yield from _asked_of_samples(study)
    for i, picture in enumerate(study.pictures):
        if picture.chart != "timeline":  # its metric is a column of the samples
            yield f"pictures.{i}.metric", picture.metric


def _asked_of_samples(study: Study) -> Iterator[tuple[str, str]]:
    if (design := study.axes.design()) is not None:
        for metric in design.metrics:
            yield f"axes.{kind_of(design)}.metrics", metric
    if study.tune is not None:
        for metric in study.tune.terms:
            yield "tune.minimise", metric
        for i, objective in enumerate(study.tune.subject_to):
            yield f"tune.subject_to.{i}.metric", objective.metric
