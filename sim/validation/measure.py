"""One number of one run: what is held against a formula. Not a run's summary: nothing here is quantiles or pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt
from numpy.typing import NDArray

from sim.units import SECOND, Duration, InputError, OneOf

_ABSENT = -1


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run recorded, in whole nanoseconds.

    Attributes
    ----------
    customers : one packed row each, in order of arrival, shape (n,); -1 is what did not happen.
    instants : the grid of the levels.
    levels : how many were in a state at those instants, by name.
    """

    customers: NDArray[Any]
    instants: NDArray[np.int64]
    levels: Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Customers by number: a fixed choice is as good as the steady state, one by time favours busy stretches."""

    skip: Annotated[int, Ge(0)] = 500
    """Customers at the beginning that are left out, since the system starts empty."""
    take: Annotated[int, Gt(0)] = 2000
    """Customers after them that are measured."""

    def of(self, customers: NDArray[Any]) -> NDArray[Any]:
        """The rows of those customers."""
        last = self.skip + self.take
        if len(customers) < last:
            raise InputError(f"a run has {len(customers)} customers and {last} are asked for; lengthen its duration")
        return customers[self.skip : last]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Mean of a time over those customers who have it, in seconds."""

    column: str
    """The column, a time."""
    minus: str = ""
    """Another that is subtracted."""

    def of(self, seen: Observed, window: Window) -> float:
        """The mean over the window."""
        rows = window.of(seen.customers)
        values = _column(rows, self.column)
        known = values != _ABSENT
        if self.minus:
            values = values - _column(rows, self.minus)
        return float(values[known].mean()) / SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share of the customers in whose column a value stands."""

    column: str
    """The column."""
    equals: int
    """The value."""

    def of(self, seen: Observed, window: Window) -> float:
        """The share in the window."""
        return float((_column(window.of(seen.customers), self.column) == self.equals).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Instants of a column between two others, per second."""

    column: str
    """The column, an instant."""
    start: Duration
    """From here on."""
    end: Duration
    """Up to here, not included."""

    def of(self, seen: Observed, _: Window) -> float:
        """The rate between the instants; `window` does not matter."""
        at = _column(seen.customers, self.column)
        return int(((at >= self.start) & (at < self.end)).sum()) * SECOND / (self.end - self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Mean of a level over the instants of the grid between two others."""

    name: str
    """The level."""
    start: Duration
    """From here on."""
    end: Duration
    """Up to here, not included."""

    def of(self, seen: Observed, _: Window) -> float:
        """The mean between the instants; `window` does not matter."""
        inside = (seen.instants >= self.start) & (seen.instants < self.end)
        if self.name not in seen.levels:
            raise _unknown("level", self.name, seen.levels)
        return float(seen.levels[self.name][inside].mean())


Measure = Annotated[Mean | Share | Rate | Level, OneOf(mean=Mean, share=Share, rate=Rate, level=Level)]
"""What a comparison may measure."""


def _column(rows: NDArray[Any], name: str) -> NDArray[Any]:
    names = rows.dtype.names or ()
    if name not in names:
        raise _unknown("column", name, names)
    return rows[name]


def _unknown(noun: str, name: str, known: Iterable[str]) -> InputError:
    near = get_close_matches(name, known, 1) or [", ".join(known)]
    return InputError(f"no {noun} is called {name}; did you mean {near[0]}?")
