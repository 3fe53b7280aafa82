"""The stretch of an axis that a search looks at, as a grid of levels that read well: 100/s, 105/s, ... 1200/s."""

from dataclasses import dataclass
from math import ceil, floor, log, log10
from typing import Any

from sim.quantity.ends import number_and_unit
from sim.quantity.magnitude import magnitude

_STEPS = 200
"""What is stated in no other way is found to a two-hundredth of the stretch."""
MOST_LEVELS = 1_000_000


@dataclass(frozen=True, slots=True)
class Range:
    """From one written value to another of the same unit, in steps of one size or of one ratio."""

    low: float
    high: float
    unit: str
    step: float
    """In the unit, or a ratio above 1 where `is_log`."""
    is_log: bool
    is_whole: bool
    """Whole numbers without a unit stay whole: a number of connections."""

    @property
    def n(self) -> int:
        """The number of the last level."""
        steps = log(self.high / self.low) / log(self.step) if self.is_log else (self.high - self.low) / self.step
        return ceil(steps - 1e-9)

    def written(self, level: int) -> Any:
        """The value at a level as a scenario says it."""
        value = self._in_unit(level)
        return round(value) if self.is_whole else f"{value:.12g}{self.unit}" if self.unit else value

    def value(self, level: int) -> float:
        """The same in the units of results."""
        found = magnitude(self.written(level))
        assert found is not None, "a range is made of quantities"
        return found[0]

    def _in_unit(self, level: int) -> float:
        if level <= 0 or level >= self.n:
            return self.low if level <= 0 else self.high
        if self.is_log:
            return float(f"{self.low * self.step**level:.6g}")
        return float(f"{self.low + self.step * level:.12g}")


def read_range(low: str, high: str, within: str = "") -> Range:
    """Read ``100/s``, ``1200/s`` and ``5/s``; a percentage as the last one makes steps of one ratio.

    Raises
    ------
    ValueError
        Where they are no quantities of one unit, stand the wrong way round, or leave nothing between.
    """
    (first, unit), (last, other) = _end(low), _end(high)
    if unit != other:
        raise ValueError(f"--between: {low} and {high} differ in unit; write both in one")
    if not first < last:
        raise ValueError(f"--between: {low} is not below {high}; write the lower bound first")
    is_whole = not unit and all(text.isdecimal() for text in (low, high))
    if within.endswith("%"):
        return _with_ratio(first, last, unit, within=within, is_whole=is_whole)
    step = _nice((last - first) / _STEPS, is_whole) if not within else _step(within, unit, low)
    if not 0 < step <= last - first:
        raise ValueError(f"--within: {within} is not a part of {low} to {high}; write a smaller step above 0")
    if is_whole and step != int(step):
        raise ValueError(f"--within: {within} is no whole number, but {low} and {high} are; write one such as 1")
    if (last - first) / step > MOST_LEVELS:
        raise ValueError(f"--within: {within} makes more than {MOST_LEVELS:,} steps; write a larger one")
    return Range(first, last, unit, step, is_log=False, is_whole=is_whole)


def _with_ratio(first: float, last: float, unit: str, *, within: str, is_whole: bool) -> Range:
    share = magnitude(within)
    if share is None or not 0.0001 <= share[0] <= 1:
        raise ValueError(f"--within: {within} is no share of 0.01% to 100%; write one such as 2%")
    if first <= 0 or is_whole:
        raise ValueError(f"--within: {within} makes equal ratios, which need quantities above 0; write a step instead")
    return Range(first, last, unit, 1 + share[0], is_log=True, is_whole=False)


def _end(written: str) -> tuple[float, str]:
    parts = _parts(written)
    if parts is None or magnitude(written) is None:
        raise ValueError(f"--between: {written} is not a quantity; write two such as 100/s 1200/s")
    return parts


def _step(within: str, unit: str, low: str) -> float:
    parts = _parts(within)
    if parts is None or parts[1] != unit:
        raise ValueError(f"--within: {within} is not in the unit of {low}; write a step in it, or a share such as 2%")
    return parts[0]


def _parts(written: str) -> tuple[float, str] | None:
    """Number and unit; None for what has none or lies below 0, where no axis that is searched begins."""
    try:
        number, unit = number_and_unit(written)
    except ValueError:
        return None
    return None if number < 0 else (number, unit)


def _nice(step: float, is_whole: bool) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above it."""
    power = 10.0 ** floor(log10(step))
    nice = max(times * power for times in (1, 2, 5) if times * power <= step * (1 + 1e-9))
    return max(1.0, nice) if is_whole else nice
