"""From a sample to a decision about bounds: which one, from which error rate on, and how many values it would take."""

from dataclasses import dataclass
from typing import Literal

from sim.analysis.equivalence import equivalence_interval, equivalence_p
from sim.analysis.interval import Interval
from sim.analysis.student import Sample
from sim.study.claim import ClaimOp

Answer = Literal["SUPPORTED", "REFUTED", "UNDECIDED"]

ALPHA = 0.05
"""The probability that one decision of a study is wrong."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A comparison with bounds, and the sample that decides it."""

    op: ClaimOp
    bounds: tuple[float, float]
    sample: Sample

    @property
    def p(self) -> float:
        """The least alpha at which the sample decides, one way or the other; 0 for a certain one."""
        if not self.sample.error:
            return 0.0
        low, high = self.bounds
        if self.op == "within" and low < self.sample.mean < high:
            return equivalence_p(self.sample, low, high)
        nearest = min(self.bounds, key=lambda bound: abs(bound - self.sample.mean))
        return min(1.0, 2 * min(self.sample.p_above(nearest), self.sample.p_below(nearest)))

    def interval(self, alpha: float = ALPHA) -> Interval:
        """The interval that decides: that of two one-sided tests where equality is asked for and the mean is near."""
        low, high = self.bounds
        if self.op == "within" and low < self.sample.mean < high:
            return equivalence_interval(self.sample, alpha)
        return self.sample.interval(1 - alpha)

    def word(self, alpha: float = ALPHA) -> Answer:
        """The decision at that error rate."""
        return word_between(self.op, self.bounds, self.interval(alpha))

    def more(self, alpha: float = ALPHA) -> int | None:
        """How many more values would decide, if mean and scatter stay as they are; None where none would."""
        gap = min(abs(bound - self.sample.mean) for bound in self.bounds)
        return self.sample.more_for(gap, self.interval(alpha).confidence)


def word_between(op: ClaimOp, bounds: tuple[float, float], found: Interval) -> Answer:
    """SUPPORTED where the whole interval satisfies the comparison, REFUTED where none of it does."""
    lower, upper = bounds
    is_inside = lower <= found.low and found.high <= upper
    is_outside = found.high < lower or found.low > upper
    holds, fails = {
        "<": (found.high < upper, found.low >= upper),
        "<=": (found.high <= upper, found.low > upper),
        ">": (found.low > lower, found.high <= lower),
        ">=": (found.low >= lower, found.high < lower),
        "==": (is_inside, is_outside),
        "in": (is_inside, is_outside),
        "within": (lower < found.low and found.high < upper, is_outside),
        "!=": (is_outside, is_inside),
    }[op]
    return "SUPPORTED" if holds else "REFUTED" if fails else "UNDECIDED"
