"""The words in which a run's time series are declared for monitoring systems: frozen data. Not how they are written.

A declaration names tables and columns as text, as metrics do (`sim.records.metric`), so that models can say what their
runs would have shown to a scraper without touching a data frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sim.records.metric import Selection, Value

Spelling = Literal["ours", "article", "semconv"]
"""Whose names the metrics have: ours, the article's, or those of OpenTelemetry's semantic conventions."""

Labels = tuple[tuple[str, str], ...]
"""Name and value of each label, in order; a label with an empty value is the same as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """What goes up and down: sums of sampled columns with weights, or constants."""

    name: str
    help: str
    series: Mapping[Labels, Mapping[str, int]]
    constants: Mapping[Labels, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What only grows: rows of a table, counted at an instant of theirs."""

    name: str
    """Without the `_total` that its samples carry."""
    help: str
    rows: Selection
    at: str
    """The column with the instant at which a row counts."""
    labels: Labels = ()
    by: Mapping[str, str] = field(default_factory=dict)
    """Label to the column whose values part the series."""
    weight: str = ""
    """The column that is added up, less `less`; empty adds one for each row."""
    less: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How amounts are spread: of each row one, at an instant of its own."""

    name: str
    """With its unit at the end."""
    help: str
    unit: str
    rows: Selection
    at: str
    value: Value
    bounds: tuple[float, ...]
    """Upper ends of the buckets, ascending; that of the last, without end, is added."""
    labels: Labels = ()
    by: Mapping[str, str] = field(default_factory=dict)


Exposed = Gauge | Counter | Histogram
"""One metric; several of one name and kind are one family."""
