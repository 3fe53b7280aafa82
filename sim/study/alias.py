"""Short names of metrics in a study, replaced by the keys of the summary: once, before anything is asked of results."""

from dataclasses import replace

from sim.study.claim import Claim
from sim.study.study import Study
from sim.study.vocabulary import Vocabulary


def with_keys(study: Study, words: Vocabulary) -> Study:
    """The study with every metric under its key: ``p99`` is ``lat_p99``."""
    if not words.aliases:
        return study
    until = {words.key(metric): target for metric, target in study.replications.until.items()}
    return replace(
        study,
        replications=replace(study.replications, until=until),
        claims=tuple(_claim(claim, words) for claim in study.claims),
        slo=tuple(replace(objective, metric=words.key(objective.metric)) for objective in study.slo),
        pictures=tuple(replace(picture, metric=words.key(picture.metric)) for picture in study.pictures),
    )


def _claim(claim: Claim, words: Vocabulary) -> Claim:
    versus, condition = claim.versus, claim.condition
    if versus is not None and versus.metric:
        versus = replace(versus, metric=words.key(versus.metric))
    if condition is not None and condition.versus is not None and condition.versus.metric:
        condition = replace(condition, versus=replace(condition.versus, metric=words.key(condition.versus.metric)))
    return replace(claim, metric=words.key(claim.metric), versus=versus, condition=condition)
