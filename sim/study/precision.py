"""How many replications are enough: half-widths of t intervals against what the study asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge, Le

from sim.analysis.interval import Interval
from sim.quantity.magnitude import number
from sim.study.estimate import estimate

FIRST_ROUND = 10
"""Fewer may look alike by chance and end a sequence too early, so that its interval is too narrow, see `wanted`."""

MOST_REPLICATIONS = 100_000
"""More are planned for minutes and tell no more: an interval is 300 times narrower than of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replications:
    """A fixed number, or as many as the wanted precision takes."""

    number: Annotated[int, Ge(1), Le(MOST_REPLICATIONS)] = 1
    """How many, where ``until`` is empty."""
    until: dict[str, Any] = field(default_factory=dict)
    """Metric to the half-width of its 95 % interval: 5% of the mean, or absolute (2ms, 0.1pp).

    ``min`` and ``max`` may stand here too.
    """
    min: Annotated[int, Ge(2), Le(MOST_REPLICATIONS)] | None = None
    """The least for one arm at one point, before the first look; by default 10, or ``max`` where that is less."""
    max: Annotated[int, Ge(1), Le(MOST_REPLICATIONS)] = 64
    """The most for one arm at one point, reached or not."""

    @classmethod
    def __fill__(cls, tree: dict[str, Any]) -> dict[str, Any]:
        """Read ``{until: {lat: 5%, max: 64}}`` as ``{until: {lat: 5%}, max: 64}``."""
        until = tree.get("until")
        if not isinstance(until, dict):
            return tree
        ends = {name: until[name] for name in ("min", "max") if name in until}
        for name in ends:
            if name in tree:
                raise ValueError(f"{name}: stands in until as well; keep one")
        return tree | {"until": {metric: until[metric] for metric in until if metric not in ends}} | ends

    @property
    def first(self) -> int:
        """How many are run before the first look at what they say."""
        return min(FIRST_ROUND, self.max) if self.min is None else self.min

    def __post_init__(self) -> None:
        if self.min is not None and not self.until:
            raise ValueError("min: has no effect without until; leave it out, or write the precision that is wanted")
        if self.min is not None and self.min > self.max:
            raise ValueError(f"min: {self.min} lies above max: {self.max}; write the lesser first")
        for metric, target in self.until.items():
            try:
                enough = number(target) > 0
            except ValueError as error:
                raise ValueError(f"until: {metric}: {error}") from None
            if not enough:
                raise ValueError(f"until: {metric}: {target} is never reached; write a half-width above 0 such as 5%")


def wanted(replications: Replications, values: Mapping[str, Sequence[float | None]]) -> int:
    """How many replications there should be, given each metric's values so far.

    Notes
    -----
    The next round follows from the half-width falling as one over the root of n, at most doubling,
    since a half-width from few replications is itself uncertain. A metric that never occurred asks for no more.

    A relative precision g is compared with the mean that was found, which may lie g above the true one: the half-width
    has to be below g / (1 + g) of it. That a sequence ends where the interval happens to be narrow costs coverage; with
    ten replications before the first look, 93 to 95 % of intervals hold the truth (exponential and normal metrics).

    References
    ----------
    Chow and Robbins, On the Asymptotic Theory of Fixed-Width Sequential Confidence Intervals for the Mean, Annals of
    Mathematical Statistics 36 (1965); Law, Simulation Modeling and Analysis, 5th edition, 9.4.1.
    """
    if not replications.until:
        return replications.number
    done = max((len(column) for column in values.values()), default=0)
    if done == 0:
        return replications.first
    needs = [_needed(values[metric], target, done) for metric, target in replications.until.items()]
    return max(done, min(replications.max, max(needs)))


def _needed(column: Sequence[float | None], target: Any, done: int) -> int:
    known = [value for value in column if value is not None]
    if not known:
        return done
    if len(known) < 2:
        return 2 * done
    found = estimate(known)
    excess = found.half_width / goal_of(found, target)
    return done if excess <= 1 else min(2 * done, max(done + 1, math.ceil(done * excess**2)))


def goal_of(found: Interval, target: Any) -> float:
    """The half-width that a target means; never 0, so that a metric that is always 0 is precise enough."""
    wide = number(target)
    if isinstance(target, str) and target.endswith("%"):
        wide *= abs(found.estimate) / (1 + wide)
    return wide or math.ulp(0.0)
