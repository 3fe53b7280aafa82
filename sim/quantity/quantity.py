"""Arithmetic that keeps units: 300/s times 20ms is 6. Not the comparison of a result, which knows magnitudes alone."""

import math
from dataclasses import dataclass
from typing import Any

from sim.quantity.magnitude import magnitude
from sim.units import SECOND, format_duration, format_rate, format_size

_POWERS = {"": (0, 0), "s": (1, 0), "/s": (-1, 0), "B": (0, 1)}
_NAMES = {(0, 0): "a plain number", (1, 0): "a duration", (-1, 0): "a rate", (0, 1): "a size"}
_NEARLY = 1e-9
"""Relative: what lies nearer to a whole number than this is one, as 0.1 x 30 is 3."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the powers of seconds and of bytes that it has; operators raise TypeError where units differ."""

    amount: float
    powers: tuple[int, int] = (0, 0)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount + self._alike(other, "added to"), self.powers)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount - self._alike(other, "taken with"), self.powers)

    def __mul__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount * other.amount, self._plus(other, 1))

    def __truediv__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount / other.amount, self._plus(other, -1))

    def __floordiv__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount // other.amount, self._plus(other, -1))

    def __mod__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount % self._alike(other, "divided by"), self.powers)

    def __neg__(self) -> "Quantity":
        return Quantity(-self.amount, self.powers)

    def __lt__(self, other: "Quantity") -> bool:
        return self.amount < self._alike(other, "compared with")

    def __round__(self) -> "Quantity":
        return Quantity(round(self.amount), self.powers)

    def __ceil__(self) -> "Quantity":
        return Quantity(math.ceil(self.amount - _NEARLY * abs(self.amount)), self.powers)

    def __floor__(self) -> "Quantity":
        return Quantity(math.floor(self.amount + _NEARLY * abs(self.amount)), self.powers)

    @property
    def noun(self) -> str:
        """What it is, in words."""
        return _NAMES.get(self.powers, f"in s^{self.powers[0]} B^{self.powers[1]}")

    def _alike(self, other: "Quantity", verb: str) -> float:
        if self.powers != other.powers:
            raise TypeError(f"{self.noun} cannot be {verb} {other.noun}")
        return other.amount

    def _plus(self, other: "Quantity", sign: int) -> tuple[int, int]:
        return self.powers[0] + sign * other.powers[0], self.powers[1] + sign * other.powers[1]


def parse_quantity(written: Any) -> Quantity:
    """The quantity of a written value; raises TypeError for a word, a truth value or a structure."""
    found = magnitude(written)
    if found is None:
        raise TypeError(f"{written} is not a quantity")
    return Quantity(found[0], _POWERS[found[1]])


def format_quantity(quantity: Quantity) -> Any:
    """The quantity as a scenario has it: ``20ms``, ``6/s``, ``4KiB``, a whole number where it is one, or a fraction.

    Raises
    ------
    ValueError
        Where no value has such a unit, or nothing can be written: infinite, or negative with a unit.
    """
    amount, noun = quantity.amount, quantity.noun
    if not math.isfinite(amount) or quantity.powers not in _NAMES:
        raise ValueError(f"comes out as {amount:g} {noun}, which is no value")
    if quantity.powers == (0, 0):
        whole = round(amount)
        return whole if math.isclose(amount, whole, rel_tol=_NEARLY) else amount
    if amount < 0:
        raise ValueError(f"comes out as {noun} below 0")
    if quantity.powers == (1, 0):
        return format_duration(round(amount * SECOND))
    return format_rate(amount) if quantity.powers == (-1, 0) else format_size(round(amount))
