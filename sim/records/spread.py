"""Deviation: how far values lie apart, as a metric is declared. Not the other words of metrics (`metric`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.records.metric import Selection, Value  # which has this in its turn


@dataclass(frozen=True, slots=True)
class Deviation:
    """The standard deviation of a value, that of a sample; no value for fewer than two."""

    rows: "Selection"
    value: "Value"
