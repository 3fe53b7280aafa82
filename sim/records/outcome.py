"""The words in which it is declared what of a run an objective judges: frozen data. Not the objective."""

from dataclasses import dataclass

from sim.records.metric import Condition, Difference, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What ends well or badly, one row each."""

    rows: Selection
    """Those that have ended."""
    at: str
    """The column with the instant at which one counts."""
    well: Condition
    length: Difference
    """How long it took."""
    kind: str
    """The column with what it is one of."""
