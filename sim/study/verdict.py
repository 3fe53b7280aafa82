"""The verdicts of a study's claims: what every value of an interval says, what none says, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sim.analysis.holm import holm, holm_levels
from sim.analysis.interval import Interval
from sim.quantity.magnitude import unit_of
from sim.study.claim import Claim, Op, Word, bounds_of
from sim.study.decision import ALPHA, Decision, word_between
from sim.study.estimate import CONFIDENCE
from sim.study.results import Results
from sim.study.weigh import Weighed, weigh

Comparisons = Literal["holm", "none"]
"""How a study's several claims are judged: with one error rate for all together, or each for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
    p: float | None = None
    """The least error rate at which this is decided, adjusted for the study's other claims."""
    decides: Interval | None = None
    """The interval that decides: narrower for equivalence, wider beside other claims."""
    more: int | None = None
    """Of an undecided one: how many more replications would decide it, as things stand; None where none would."""
    rho: float | None = None
    """Of a comparison: the correlation of its pairs."""
    is_apart: bool = False
    """The pairs of a comparison move against each other."""

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


def judge(claims: Sequence[Claim], results: Results, comparisons: Comparisons = "holm") -> list[Verdict]:
    """The verdict of each claim from the replications, in their order.

    Notes
    -----
    With ``holm`` the probability that any of the verdicts is wrong is at most 5 %, whatever the claims have in common:
    the i-th clearest of m is decided at 5 % / (m - i + 1). Conditions are judged among them.

    Raises
    ------
    InputError
        Where a claim names an arm, a point or a metric that the study does not have.
    """
    asked = [*claims, *(under_condition(claim) for claim in claims if claim.condition is not None)]
    weighed = [weigh(claim, results) for claim in asked]
    found = _together(asked, weighed, comparisons)
    conditions = iter(zip(weighed[len(claims) :], found[len(claims) :], strict=True))
    return [
        _verdict(claim, one, decided, results.study) if claim.condition is None else
        _conditional(claim, _verdict(claim, one, decided, results.study), *next(conditions))
        for claim, one, decided in zip(claims, weighed, found, strict=False)
    ]  # fmt: skip


def word_of(op: Op, value: Any, found: Interval | None) -> Word:
    """SUPPORTED where the whole interval satisfies the comparison, REFUTED where none of it does."""
    return "UNDECIDED" if found is None else word_between(op, bounds_of(op, value), found)


def under_condition(claim: Claim) -> Claim:
    """The same claim at the arm and the point of its condition; what the condition leaves out stays."""
    there = claim.condition
    if there is None:
        return claim
    return replace(
        claim, arm=there.arm or claim.arm, at=there.at or claim.at, versus=there.versus or claim.versus, condition=None
    )  # fmt: skip


def apart(verdict: Verdict) -> str:
    """What to say of a comparison whose pairs move against each other."""
    return (
        f"claims.{verdict.claim.id}: the pairs are negatively correlated (rho {verdict.rho:.2f}): common random numbers"
        " do not help here, and more replications are needed than of independent runs"
    )


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision among others: its adjusted p, and the error rate that is left to it."""

    by: Decision
    p: float
    level: float

    @property
    def word(self) -> Word:
        return self.by.word() if self.p <= ALPHA else "UNDECIDED"


def _together(claims: Sequence[Claim], weighed: Sequence[Weighed], comparisons: Comparisons) -> list[_Decided | None]:
    """Each claim's decision beside the others; None where it has no sample."""
    decisions = [
        None if one.sample is None else Decision(claim.op, claim.bounds, one.sample)
        for claim, one in zip(claims, weighed, strict=True)
    ]
    raw = [decision.p for decision in decisions if decision is not None]
    shared = list(zip(holm(raw), holm_levels(raw, ALPHA), strict=True))
    adjusted = iter(shared if comparisons == "holm" else [(p, ALPHA) for p in raw])
    return [None if decision is None else _Decided(decision, *next(adjusted)) for decision in decisions]


def _verdict(claim: Claim, one: Weighed, decided: _Decided | None, study: str) -> Verdict:
    blank = Verdict(
        claim=claim, word="UNDECIDED", condition=None, found=None, study=study, seconds=one.seconds,
        rho=one.rho, is_apart=one.is_apart,
    )  # fmt: skip
    if decided is None:
        return blank
    by, word = decided.by, decided.word
    return replace(
        blank, word=word, found=by.sample.interval(CONFIDENCE), p=decided.p, decides=by.interval(decided.level),
        more=by.more(decided.level) if word == "UNDECIDED" else None,
    )  # fmt: skip


def _conditional(claim: Claim, verdict: Verdict, there: Weighed, decided: _Decided | None) -> Verdict:
    """The verdict of a claim with a condition: where it is refuted, and is supported under it, it holds if."""
    if verdict.word != "REFUTED" or claim.condition is None:
        return verdict
    verdict = replace(verdict, seconds=verdict.seconds + there.seconds)
    if decided is None or decided.word != "SUPPORTED":
        return verdict
    return replace(verdict, word="HOLDS IF", condition=claim.condition.text)


def _unit(claim: Claim) -> str:
    return unit_of(claim.value[0] if claim.op == "in" else claim.value)
