"""Stability: whether a system is back after something temporary of every size, of small sizes alone, or of none.

Not whether it is back in one trial, which a metric of the trial says. The words are those of Bronson et al., Metastable
Failures in Distributed Systems, HotOS (2021), and Huang et al., Metastable Failures in the Wild, OSDI (2022).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sim.quantity.magnitude import magnitude, number
from sim.study.results import Replicated, Results
from sim.units import InputError

Word = Literal["stable", "vulnerable", "metastable", "overloaded", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What says whether a trial's system is back, and along which axis what happened to it grows."""

    metric: str
    """Key of the summary that is 1 where it is back and 0 where it is not."""
    along: str
    """The axis of the size of what happens, by its short name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One arm at one point of the other axes."""

    arm: str
    at: dict[str, Any]
    """Axis to value, of all but the axis of the size."""
    verdict: Word
    """stable: back at all sizes; vulnerable: at the smallest, not at all; metastable: not even at the smallest;
    overloaded: not even where that size is 0; unknown: a replication has no value. Back means in every replication.
    """
    sticks_from: Any = None
    """The smallest size after which some replication is not back, as written; None where there is none."""
    back: int = 0
    """Replications that are back there, all the same."""
    replications: int = 0
    never_from: Any = None
    """The smallest size from which on no replication is back, as written; None where there is none."""

    def row(self) -> dict[str, Any]:
        """As printed by --json."""
        return asdict(self)


def check_stability(asked: Stability, results: Results) -> None:
    """Raise InputError where there is no such axis, or where its values have no order."""
    axis = results.axis("stability.along", asked.along)
    for found in results.cells:
        try:
            number(found.cell.point[axis])
        except ValueError as error:
            raise InputError(f"{results.study}: stability.along: {error}") from None


def judge_stability(asked: Stability, results: Results) -> list[Judged]:
    """The verdict of each arm at each point of the other axes, in the study's order."""
    results.check_metric("stability", asked.metric)
    axis = results.axis("stability.along", asked.along)
    lines: dict[str, list[Replicated]] = {}
    for found in results.cells:
        rest = {name: value for name, value in found.cell.point.items() if name != axis}
        lines.setdefault(json.dumps([found.cell.arm, rest], default=str), []).append(found)
    return [_judge(asked.metric, axis, line) for line in lines.values()]


def _judge(metric: str, axis: str, line: Sequence[Replicated]) -> Judged:
    by_size = sorted(line, key=lambda found: magnitude(found.cell.point[axis]) or (0.0, ""))
    values = [found.values(metric) for found in by_size]
    sizes = [found.cell.point[axis] for found in by_size]
    first = by_size[0].cell
    at = {name: value for name, value in first.point.items() if name != axis}
    if any(value is None for each in values for value in each):
        return Judged(arm=first.arm, at=at, verdict="unknown")
    back = [sum(value == 1 for value in each) for each in values]
    sticks = [i for i, n in enumerate(back) if n < len(values[i])]
    if not sticks:
        return Judged(arm=first.arm, at=at, verdict="stable")
    lowest = sticks[0]
    nothing_happened = not number(sizes[0])
    at_the_smallest: Word = "overloaded" if nothing_happened else "metastable"
    never = len(back) - next((i for i, n in enumerate(reversed(back)) if n), len(back))
    return Judged(
        arm=first.arm, at=at, verdict="vulnerable" if lowest else at_the_smallest, sticks_from=sizes[lowest],
        back=back[lowest], replications=len(values[lowest]), never_from=sizes[never] if never < len(back) else None,
    )  # fmt: skip
