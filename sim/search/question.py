"""What a search is asked: a condition, a value of the scenario to vary, and how well to know where it turns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.quantity.expression import Expression, read_expression
from sim.search.range import Range, read_range
from sim.study.axis import short_names
from sim.study.metric_names import MetricNames
from sim.study.study import Study
from sim.study.vocabulary import Vocabulary
from sim.units import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where along a value a condition begins to hold, or ceases to."""

    condition: str
    along: str
    """Dotted path of the scenario."""
    between: tuple[str, str]
    """The lower and the upper end, in one unit."""
    within: str = ""
    """How near to find it: a step in the unit, or a share of the value such as 2%; empty is a 200th of the stretch."""
    is_capacity: bool = False
    """The condition is what must hold; without it, what is looked for."""
    confidence: float = 0.95
    most: int = 24
    """Replications at one value."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence <= 0.999:
            raise InputError(f"--confidence: {self.confidence:g} is not between 50% and 99.9%; write one such as 95%")
        if not 2 <= self.most <= 10_000:
            raise InputError(f"--most: {self.most} is not between 2 and 10,000 replications; write one such as 24")
        _ = self.range, self.expression

    @property
    def option(self) -> str:
        """The option that states the condition."""
        return "--capacity" if self.is_capacity else "--find"

    @property
    def range(self) -> Range:
        """The levels to look at."""
        try:
            return read_range(*self.between, self.within)
        except ValueError as error:
            raise InputError(str(error)) from None

    @property
    def expression(self) -> Expression:
        """The condition, read."""
        try:
            found = read_expression(self.condition)
        except ValueError as error:
            raise InputError(f"{self.option}: {error}") from None
        if not found.compares:
            raise InputError(f"{self.option}: {self.condition!r} compares nothing; write one such as error_rate > 0")
        return found

    def is_bad(self, summary: Mapping[str, Any], point: Mapping[str, Any], words: Vocabulary) -> bool:
        """Whether a trial shows what is looked for, or fails to hold what must hold.

        A metric that a trial lacks, such as the latency of no request, compares as false.
        """
        nan = float("nan")
        names = self.expression.names.values()
        found = {name: point[name] if name in point else summary.get(words.key(name)) for name in names}
        known = {name: nan if value is None else value for name, value in found.items()}
        try:
            return self.expression.holds(known) is not self.is_capacity
        except ValueError as error:
            raise InputError(f"{self.option}: {error}") from None

    def check_names(self, axes: Iterable[str], metrics: MetricNames) -> None:
        """Raise InputError where the condition names what is neither an axis nor a metric that anybody records."""
        known = metrics.beside(axes)
        names = list(self.expression.names.values())
        for name in names:
            known.check(f"{self.option} {self.condition}", name)
        if all(name in axes for name in names):
            raise InputError(
                f"{self.option} {self.condition}: asks nothing of a run; name a metric, as in error_rate > 0"
            )


def kept_objectives(study: Study) -> str:
    """The study's objectives as one condition: what a capacity has to hold where nothing else is said."""
    parts = [f"{one.metric} {one.op} {_told(one.value)}" for one in study.slo if not one.arm and not one.at]
    if not parts:
        raise InputError(
            f"{study.name}: --along says where to look and not what for;"
            " write --find 'error_rate > 0' or --capacity 'p99 < 300ms'"
        )
    return " and ".join(parts)


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        raise InputError("slo: an objective with op: in cannot be searched by; write --capacity 'CONDITION'")
    return str(value)


def name_of(study: Study, along: str) -> str:
    """The short name of the searched axis beside the study's own."""
    return short_names(dict.fromkeys([*study.axes.paths(), along]))[along]
