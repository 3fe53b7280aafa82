"""What the replications say of the metric of a claim: its mean or how it compares, before any verdict."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

from scipy import stats

from sim.analysis.student import Sample
from sim.quantity.magnitude import number
from sim.study.claim import Claim, Versus
from sim.study.estimate import CONFIDENCE, correlation, differences, ratios
from sim.study.results import Replicated, Results, complete


@dataclass(frozen=True, slots=True)
class Weighed:
    """The evidence of one claim at one point."""

    sample: Sample | None
    """None where a replication has no value, or the ratio is over zero."""
    seconds: float
    """What the trials that it comes from cost."""
    rho: float | None = None
    """Of a claim with `versus`: the correlation of the pairs."""
    is_apart: bool = False
    """The pairs move against each other, more than chance would: common random numbers do not help."""


def weigh(claim: Claim, results: Results) -> Weighed:
    """The claim's metric over the replications, compared as it asks.

    Raises
    ------
    InputError
        Where the claim names an arm, a point or a metric that the study does not have.
    """
    absent = None if claim.absent is None else number(claim.absent)
    place = f"claims.{claim.id}"
    ours = results.one(place, claim.arm, claim.at)
    mine = results.values(place, ours, claim.metric, absent=absent)
    if claim.versus is None:
        known = complete(mine)
        return Weighed(None if known is None else Sample.of(known), _cost(ours))
    arm, at, metric = other_side(claim, claim.versus)
    theirs = results.one(place, arm, at)
    # the cells may have stopped at different numbers of replications: those that both have are pairs
    pairs = list(zip(mine, results.values(place, theirs, metric, absent=absent), strict=False))
    seconds = _cost(ours) + (0.0 if theirs is ours else _cost(theirs))
    left, right = complete([one for one, _ in pairs]), complete([other for _, other in pairs])
    if left is None or right is None:
        return Weighed(None, seconds)
    compared = ratios(left, right) if claim.versus.by == "ratio" else differences(left, right)
    rho = correlation(left, right)
    is_apart = rho is not None and metric == claim.metric and _is_negative(rho, len(pairs))
    return Weighed(None if compared is None else Sample.of(compared), seconds, rho, is_apart)


def other_side(claim: Claim, versus: Versus) -> tuple[str, dict[str, Any], str]:
    """Arm, point and metric that the claim's own are compared with."""
    return versus.arm or claim.arm, versus.at or claim.at, versus.metric or claim.metric


def _is_negative(rho: float, n: int) -> bool:
    """Whether a correlation of n pairs is below zero by more than chance: of five, rho scatters by a half."""
    if rho >= 0:
        return False
    bound = float(stats.t.ppf(CONFIDENCE, n - 2))
    return rho <= -bound / sqrt(n - 2 + bound**2)


def _cost(replicated: Replicated) -> float:
    return sum(outcome.seconds for outcome in replicated.outcomes)
