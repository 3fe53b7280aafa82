"""Quantity: what was measured beside what the kernel model gives, and by which rule the two have to agree.

It does not judge: `sim/validation/tolerance.py` does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Rule(StrEnum):
    """How measured and simulated values are compared."""

    SAME = "same"
    """The same values occur; for counts, texts and orders."""
    MEAN = "mean"
    """The means differ by `allowed` at most; where repetitions scatter by more than 10 %, the ranges overlap by it."""
    WITHIN = "within"
    """The measured range lies within the simulated one, `allowed` added at both ends."""
    SERIES = "series"
    """Some simulated series is no farther than `allowed` from the measured one at every place."""
    NONE = "none"
    """Nothing is simulated, for a reason."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure of one measurement."""

    name: str
    """The set-up where a measurement has several, and the dotted path below it."""
    rule: Rule
    measured: tuple[Any, ...]
    """One value for each repetition; of a series its values."""
    simulated: tuple[Any, ...] = ()
    """One value for each replication."""
    allowed: float = 0.0
    """Largest difference, in the unit of the values."""
    reason: str = ""
    """Why nothing is simulated."""


def same(name: str, measured: Iterable[Any], simulated: Iterable[Any]) -> Quantity:
    """Counts, texts and orders, which have to be equal."""
    return Quantity(name, Rule.SAME, tuple(measured), tuple(simulated))


def near(name: str, measured: Iterable[float], simulated: Iterable[float], *, allowed: float) -> Quantity:
    """A figure whose mean may be off by `allowed`."""
    return Quantity(name, Rule.MEAN, tuple(measured), tuple(simulated), allowed)


def within(name: str, measured: Iterable[float], simulated: Iterable[float], *, allowed: float) -> Quantity:
    """A range that has to lie within the simulated one, give or take `allowed`."""
    found = tuple(measured)
    return Quantity(name, Rule.WITHIN, (min(found), max(found)), tuple(simulated), allowed)


def series(name: str, measured: Sequence[float], simulated: Iterable[Sequence[float]], *, allowed: float) -> Quantity:
    """Instants of one run, of which one replication has to give the like: the wheel's phase was not recorded."""
    return Quantity(name, Rule.SERIES, tuple(measured), tuple(map(tuple, simulated)), allowed)


def left_out(name: str, reason: str) -> Quantity:
    """What is not simulated."""
    return Quantity(name, Rule.NONE, (), reason=reason)


def shares(name: str, measured: dict[str, int], simulated: Iterable[float]) -> Quantity:
    """The mean of a distribution, from counts by value; it may be off by four standard errors of the counts."""
    n = sum(measured.values())
    mean = sum(int(value) * count for value, count in measured.items()) / n
    variance = sum(count * (int(value) - mean) ** 2 for value, count in measured.items()) / n
    return near(name, (mean,), simulated, allowed=4 * (variance / n) ** 0.5)
