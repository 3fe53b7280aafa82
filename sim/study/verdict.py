"""From an interval to a verdict: what every value of it says, what none says, or neither."""

from dataclasses import dataclass, replace
from typing import Any

from sim.analysis.interval import Interval
from sim.study.claim import Claim, Op, Versus, Word, bounds_of
from sim.study.estimate import difference, estimate, ratio
from sim.study.magnitude import number, unit_of
from sim.study.results import Replicated, Results


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim and what came out; `row` is its printed form."""

    claim: Claim
    word: Word
    condition: str | None
    """When the claim would hold; only beside HOLDS IF."""
    found: Interval | None
    """At the claim's own point, beside HOLDS IF as well; None where a replication has no value."""
    study: str
    seconds: float
    """What the trials that decided it cost."""

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the one known to be right; true where the claim names none."""
        return self.claim.expect in {None, self.word}

    def row(self) -> dict[str, Any]:
        """The claim as one row of JSON."""
        value, low, high = (
            (self.found.estimate, self.found.low, self.found.high) if self.found else (None, None, None)
        )  # fmt: skip
        return {
            "id": self.claim.id,
            "statement": self.claim.statement,
            "verdict": self.word,
            "condition": self.condition,
            "value": value,
            "low": low,
            "high": high,
            "unit": self.claim.unit or _unit(self.claim),
            "study": self.study,
            "seconds": self.seconds,
        }


def judge(claim: Claim, results: Results) -> Verdict:
    """The claim's verdict from the replications.

    Raises
    ------
    InputError
        Where the claim names an arm, a point or a metric that the study does not have.
    """
    found, seconds = _weigh(claim, results)
    word, condition = word_of(claim.op, claim.value, found), None
    if word == "REFUTED" and claim.condition is not None:
        there, more = _weigh(under_condition(claim), results)
        seconds += more
        if word_of(claim.op, claim.value, there) == "SUPPORTED":
            word, condition = "HOLDS IF", claim.condition.text
    return Verdict(claim, word, condition, found, results.study, seconds)


def word_of(op: Op, value: Any, found: Interval | None) -> Word:
    """SUPPORTED where the whole interval satisfies the comparison, REFUTED where none of it does."""
    if found is None:
        return "UNDECIDED"
    lower, upper = bounds_of(op, value)
    is_inside = lower <= found.low and found.high <= upper
    is_outside = found.high < lower or found.low > upper
    holds, fails = {
        "<": (found.high < upper, found.low >= upper),
        "<=": (found.high <= upper, found.low > upper),
        ">": (found.low > lower, found.high <= lower),
        ">=": (found.low >= lower, found.high < lower),
        "==": (is_inside, is_outside),
        "in": (is_inside, is_outside),
        "!=": (is_outside, is_inside),
    }[op]
    return "SUPPORTED" if holds else "REFUTED" if fails else "UNDECIDED"


def under_condition(claim: Claim) -> Claim:
    """The same claim at the arm and the point of its condition; what the condition leaves out stays."""
    there = claim.condition
    if there is None:
        return claim
    return replace(
        claim, arm=there.arm or claim.arm, at=there.at or claim.at, versus=there.versus or claim.versus, condition=None
    )  # fmt: skip


def other_side(claim: Claim, versus: Versus) -> tuple[str, dict[str, Any], str]:
    """Arm, point and metric that the claim's own are compared with."""
    return versus.arm or claim.arm, versus.at or claim.at, versus.metric or claim.metric


def _weigh(claim: Claim, results: Results) -> tuple[Interval | None, float]:
    absent = None if claim.absent is None else number(claim.absent)
    place = f"claims.{claim.id}"
    ours = results.one(place, claim.arm, claim.at)
    mine = results.values(place, ours, claim.metric, absent=absent)
    if claim.versus is None:
        return (None if None in mine else estimate(_known(mine))), _cost(ours)
    arm, at, metric = other_side(claim, claim.versus)
    theirs = results.one(place, arm, at)
    # the cells may have stopped at different numbers of replications: those that both have are pairs
    pairs = list(zip(mine, results.values(place, theirs, metric, absent=absent), strict=False))
    seconds = _cost(ours) + (0.0 if theirs is ours else _cost(theirs))
    if any(None in pair for pair in pairs):
        return None, seconds
    compare = ratio if claim.versus.by == "ratio" else difference
    return compare(_known([one for one, _ in pairs]), _known([other for _, other in pairs])), seconds


def _known(values: list[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _cost(replicated: Replicated) -> float:
    return sum(outcome.seconds for outcome in replicated.outcomes)


def _unit(claim: Claim) -> str:
    return unit_of(claim.value[0] if claim.op == "in" else claim.value)
