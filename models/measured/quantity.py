"""Quantity: what was measured beside what the kernel model gives, and by which rule the two have to agree.

It does not judge: `sim/validation/measurements.py` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from scipy.special import chdtri

BY_CHANCE = 0.001
"""How seldom two samples of one distribution may be called different."""


class Rule(StrEnum):
    """How measured and simulated values are compared."""

    SAME = "same"
    """The same values occur; for counts, texts and orders."""
    MEAN = "mean"
    """The means differ by `allowed` at most; where repetitions scatter by more than 10 %, the ranges overlap by it."""
    WITHIN = "within"
    """The measured range lies within the simulated one, `allowed` added at both ends, and that one is wider by `wider`
    at most: what scatters without bound contains everything."""
    SERIES = "series"
    """Some simulated series is no farther than `allowed` from the measured one at every place."""
    CHI_SQUARE = "chi-square"
    """How often each value came: chi-square of the two samples is `allowed` at most."""
    NONE = "none"
    """Nothing is simulated, for a reason."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure of one measurement."""

    name: str
    """The set-up where a measurement has several, and the dotted path below it."""
    rule: Rule
    measured: tuple[Any, ...]
    """One value for each repetition; of a series its values; for chi-square how often each value came."""
    simulated: tuple[Any, ...] = ()
    """One value for each replication; for chi-square as measured."""
    allowed: float = 0.0
    """Largest difference, in the unit of the values."""
    wider: float = 0.0
    """By how much the simulated range may be wider than the measured one."""
    reason: str = ""
    """Why nothing is simulated."""
    unstated: str = ""
    """Why `allowed` is not what the measurement states; empty where it is."""


def same(name: str, measured: Iterable[Any], simulated: Iterable[Any]) -> Quantity:
    """Counts, texts and orders, which have to be equal."""
    return Quantity(name, Rule.SAME, tuple(measured), tuple(simulated))


def near(name: str, measured: Iterable[float], simulated: Iterable[float], *, allowed: float) -> Quantity:
    """A figure whose mean may be off by `allowed`."""
    return Quantity(name, Rule.MEAN, tuple(measured), tuple(simulated), allowed)


def within(
    name: str, measured: Iterable[float], simulated: Iterable[float], *, allowed: float, wider: float
) -> Quantity:
    """A range that has to lie within the simulated one, give or take `allowed`; `wider`: a granule of the wheel."""
    found = tuple(measured)
    ends = (min(found), max(found)) if found else ()
    return Quantity(name, Rule.WITHIN, ends, tuple(simulated), allowed, wider)


def series(name: str, measured: Sequence[float], simulated: Iterable[Sequence[float]], *, allowed: float) -> Quantity:
    """Instants of one run, of which one replication has to give the like: the wheel's phase was not recorded."""
    return Quantity(name, Rule.SERIES, tuple(measured), tuple(map(tuple, simulated)), allowed)


def left_out(name: str, reason: str) -> Quantity:
    """What is not simulated."""
    return Quantity(name, Rule.NONE, (), reason=reason)


def unstated(quantity: Quantity, because: str) -> Quantity:
    """A quantity whose tolerance is not what its measurement states, and why."""
    return replace(quantity, unstated=because)


def frequencies(name: str, measured: Mapping[Any, int], simulated: Sequence[Any]) -> Quantity:
    """How often each value came, in two samples that may be of one distribution."""
    values = sorted({*measured, *simulated})
    counted = [simulated.count(value) for value in values]
    allowed = float(chdtri(len(values) - 1, BY_CHANCE)) if len(values) > 1 else 0.0
    return Quantity(name, Rule.CHI_SQUARE, tuple(measured.get(value, 0) for value in values), tuple(counted), allowed)


def shares(name: str, measured: Mapping[int | None, int], simulated: Iterable[float]) -> Quantity:
    """The mean of a distribution, from counts by value; it may be off by four standard errors of the counts."""
    n = sum(measured.values())
    mean = sum((value or 0) * count for value, count in measured.items()) / n
    variance = sum(count * ((value or 0) - mean) ** 2 for value, count in measured.items()) / n
    return near(name, (mean,), simulated, allowed=4 * (variance / n) ** 0.5)
