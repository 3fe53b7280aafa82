"""Judging detectors: episodes that were found against faults that were put in. Not how they are found.

Source: formats_lint_reports.md, 12.3: episodes are counted, not records; a label is matched once; there are no
countable negatives, so false alarms are told per hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from models.detect.finding import Finding

Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A fault that was put in: where, and from when to when."""

    detector: str
    start: float
    end: float
    key: str = ""
    """Part of the finding's key; empty: anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a detector does."""

    detector: str
    hits: int
    false_alarms: int
    missed: int
    delays: tuple[float, ...]
    """From the start of each label that was found to the first alarm, s."""

    @property
    def precision(self) -> tuple[float, float, float]:
        """Share of the alarms that were right, with its Wilson interval."""
        return wilson(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> tuple[float, float, float]:
        """Share of the faults that were found, with its Wilson interval."""
        return wilson(self.hits, self.hits + self.missed)


def wilson(hits: int, n: int) -> tuple[float, float, float]:
    """A share with its 95 % interval; of nothing, it can be anything.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(9, 10)]
    [0.9, 0.596, 0.982]
    """
    if not n:
        return float("nan"), 0.0, 1.0
    share = hits / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return share, max(centre - half, 0.0), min(centre + half, 1.0)


def judge(findings: Sequence[Finding], labels: Sequence[Label]) -> list[Score]:
    """The score of each detector that found something or should have, of one run.

    An episode that overlaps a label counts once for it; a second episode in the same label is neither right nor wrong.
    """
    scores = []
    for detector in sorted({one.detector for one in findings} | {one.detector for one in labels}):
        found = [one for one in findings if one.detector == detector]
        asked = [one for one in labels if one.detector == detector]
        hit: dict[int, Finding] = {}
        wrong = 0
        for one in found:
            of = [i for i, label in enumerate(asked) if _is_of(one, label)]
            free = [i for i in of if i not in hit]
            if free:
                hit[free[0]] = one
            elif not of:
                wrong += 1
        delays = tuple(max(one.start - asked[i].start, 0.0) for i, one in hit.items())
        scores.append(
            Score(detector=detector, hits=len(hit), false_alarms=wrong, missed=len(asked) - len(hit), delays=delays)
        )
    return scores


def together(scores: Sequence[Score]) -> list[Score]:
    """The scores of several runs, by detector."""
    return [
        Score(
            detector=detector,
            hits=sum(one.hits for one in scores if one.detector == detector),
            false_alarms=sum(one.false_alarms for one in scores if one.detector == detector),
            missed=sum(one.missed for one in scores if one.detector == detector),
            delays=tuple(delay for one in scores if one.detector == detector for delay in one.delays),
        )
        for detector in sorted({one.detector for one in scores})
    ]


def _is_of(finding: Finding, label: Label) -> bool:
    return label.key in finding.key and finding.start <= label.end and finding.end >= label.start
