"""Claims: statements about metrics, typed so that replications can decide them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sim.quantity.magnitude import number, unit_of

Op = Literal["<", "<=", ">", ">=", "==", "!=", "in"]
"""How a metric is compared; ``in`` takes [low, high], both included."""

ClaimOp = Literal[Op, "within"]
"""``within`` asks for equivalence: the metric lies less than ``margin`` from the value."""

Word = Literal["SUPPORTED", "REFUTED", "HOLDS IF", "UNDECIDED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """What a claim's metric is compared with; what is left out is the claim's own."""

    arm: str = ""
    """Another arm."""
    at: dict[str, Any] = field(default_factory=dict)
    """Another point, axis to value."""
    metric: str = ""
    """Another key of the summary."""
    by: Literal["ratio", "difference"] = "ratio"
    """ratio: ours over theirs; difference: ours less theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Under what a claim that fails would hold: another arm or point of the same study."""

    text: str
    """The condition in words, printed beside HOLDS IF."""
    arm: str = ""
    """The arm where it holds."""
    at: dict[str, Any] = field(default_factory=dict)
    """The point where it holds, axis to value."""
    versus: Versus | None = None
    """What it is compared with there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement, the metric that decides it and the verdict that is known to be right."""

    id: str
    """Its name, by which `sim claims` finds it; several claims may share one."""
    statement: str
    """What is claimed, in a sentence."""
    metric: str
    """Key of the summary."""
    op: ClaimOp
    """How the metric is compared with `value`; in takes both bounds, within a `margin` around it."""
    value: Any
    """A number or a quantity (60s, 400/s, 5%); of ``in`` a list of two."""
    margin: Any = None
    """Of ``within``: how far from `value` still counts as equal; absolute (5ms, 0.5pp), or 5% of the value."""
    arm: str = ""
    """May be left out where the study has one arm."""
    at: dict[str, Any] = field(default_factory=dict)
    """Axis to value; has to single out one point."""
    versus: Versus | None = None
    """Compare not the metric with `value`, but its ratio or difference to another arm, point or metric."""
    condition: Condition | None = None
    """Where a claim that is refuted as stated would hold; then its verdict is HOLDS IF."""
    absent: Any = None
    """What a replication without the metric counts as; without it such a replication leaves the claim undecided."""
    expect: Word | None = None
    """The verdict known to be right; another one makes the exit code 1."""
    unit: str = ""
    """Of the printed value; by default that of ``value``."""

    def __post_init__(self) -> None:
        if self.op != "within":
            if self.margin is not None:
                raise ValueError(f"margin: only within has one, not {self.op}; leave it out")
            check_target(self.op, self.value, self.absent)
            return
        check_target("==", self.value, self.absent)
        if self.margin is None:
            raise ValueError("margin: is missing; say how far from the value still counts as equal, such as 5ms or 5%")
        if not reach_of(self.value, self.margin) > 0:
            raise ValueError(f"margin: {self.margin} leaves no room around {self.value}; write one above 0 such as 5ms")

    @property
    def bounds(self) -> tuple[float, float]:
        """The lower and upper bound that the comparison is with; equal but for ``in`` and ``within``."""
        if self.op != "within":
            return bounds_of(self.op, self.value)
        middle, reach = number(self.value), reach_of(self.value, self.margin)
        return middle - reach, middle + reach


def reach_of(value: Any, margin: Any) -> float:
    """How far ``within`` goes to either side; a percentage is one of the value, percentage points (pp) are not."""
    try:
        reach = number(margin)
    except ValueError as error:
        raise ValueError(f"margin: {error}") from None
    if isinstance(margin, str) and margin.endswith("%"):
        return abs(reach * number(value))
    units = unit_of(value), unit_of(margin)
    if all(units) and units[0] != units[1]:
        raise ValueError(f"margin: {margin} is in {units[1]} and {value} in {units[0]}; write both in one unit")
    return reach


def check_target(op: Op, value: Any, absent: Any) -> None:
    """Raise ValueError, naming the field, where a metric cannot be compared with this."""
    try:
        bounds = bounds_of(op, value)
    except ValueError as error:
        raise ValueError(f"value: {error}") from None
    if bounds[0] > bounds[1]:
        raise ValueError(f"value: {value[0]} lies above {value[1]}; write the lower bound first")
    try:
        _ = absent if absent is None else number(absent)
    except ValueError as error:
        raise ValueError(f"absent: {error}") from None


def bounds_of(op: Op, value: Any) -> tuple[float, float]:
    """The lower and upper bound that the comparison is with; equal but for ``in``."""
    if op != "in":
        return number(value), number(value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("in compares with a list of two; write [low, high]")
    return number(value[0]), number(value[1])
