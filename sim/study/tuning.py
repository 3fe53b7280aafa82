"""What `sim tune` searches: settings and what they may be, the cost to minimise, the objectives to keep."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge

from sim.study.slo import Objective
from sim.study.span import Span, spans_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """A search for the cheapest settings that keep the objectives."""

    over: dict[str, Any]
    """Path to [low, high], in one unit, or to a list of choices; two numbers as choices are {choices: [0, 2]}."""
    minimise: str | dict[str, float]
    """The cost: a metric, or metrics times their weights, added up. A negative weight rewards."""
    subject_to: tuple[Objective, ...] = ()
    """Objectives that the settings have to keep; by default the study's `slo`."""
    log: tuple[str, ...] = ()
    """Paths whose range is covered evenly in the logarithm."""
    arm: str = ""
    """The arm whose settings are searched; by default the base."""
    trials: Annotated[int, Ge(1)] = 60
    """Settings that are tried."""
    replications: Annotated[int, Ge(1)] = 3
    """Of each setting that is tried; the search goes by their means."""
    batch: Annotated[int, Ge(1)] = 4
    """Settings tried at a time. It shapes the search, unlike the number of workers, which does not."""
    finalists: Annotated[int, Ge(1)] = 5
    """The best few, which are compared."""
    compare: Annotated[int, Ge(2)] = 10
    """Fresh replications of each finalist and of the base: the search's own flatter what it chose by them."""
    seed: Annotated[int, Ge(0)] = 1
    """Of the search; the root seed of the trials stays the study's."""

    def __post_init__(self) -> None:
        spans_of(self.over, self.log, "over")
        if not any(self.terms.values()):
            raise ValueError("minimise: names no cost; write metrics with weights, such as {lat_p99: 1}")

    @property
    def terms(self) -> dict[str, float]:
        """Metric to weight."""
        return {self.minimise: 1.0} if isinstance(self.minimise, str) else self.minimise

    @property
    def planned(self) -> int:
        """Trials at most: settings that meet again, and what the store has, cost nothing."""
        return self.trials * self.replications + (self.finalists + 1) * self.compare

    def spans(self) -> dict[str, Span]:
        """What each path may be."""
        return spans_of(self.over, self.log, "over")
