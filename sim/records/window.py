"""The words in which figures over windows of time are declared: frozen data, as in `metric`. Not how they are computed.

A row falls into the window in which `at` lies, a column of instants.
"""

from dataclasses import dataclass

from sim.records.metric import Selection, Value


@dataclass(frozen=True, slots=True)
class Rate:
    """How many rows, per second of the window."""

    rows: Selection
    at: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the rows are among `those`; null in a window without rows."""

    those: Selection
    rows: Selection
    at: str


@dataclass(frozen=True, slots=True)
class Percentile:
    """Sorted value number floor(p n) of the window, as `metric.Quantile`; null in one without a value."""

    rows: Selection
    value: Value
    p: float
    at: str


@dataclass(frozen=True, slots=True)
class Held:
    """The mean of a value over the window; in a window without one that of the last that had any: of what is set."""

    rows: Selection
    value: Value
    at: str


Windowed = Rate | Share | Percentile | Held
