"""What a search found: the settings tried, the best few of them on fresh replications, the base beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from sim.analysis.interval import Interval
from sim.search.tried import Tried
from sim.study.axis import short_names
from sim.study.slo import Kept
from sim.study.study import Study
from sim.study.tuning import Tuning
from sim.study.verdict import word_of

BASE = "base"
"""The name of the scenario as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalist:
    """One of the best few, or the base, on its fresh replications."""

    name: str
    """base, or the number of the trial that found it."""
    settings: Mapping[str, Any]
    """Path to value; of the base none."""
    cost: Interval | None
    """None where a replication has no cost."""
    slo: Sequence[Kept]
    versus_best: Interval | None = None
    """Its cost less the best one's, at the confidence that Holm over all pairs leaves it; of the best none."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Mean of each metric that the cost or an objective names."""

    @property
    def is_met(self) -> bool:
        """Whether its means keep every objective."""
        return self.cost is not None and all(kept.is_met for kept in self.slo)

    @property
    def is_worse(self) -> bool:
        """Whether its cost is really higher than the best one's, and not by chance."""
        return self.versus_best is not None and self.versus_best.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What a search found."""

    study: Study
    tuning: Tuning
    tried: Sequence[Tried]
    """In the order of the search."""
    finalists: Sequence[Finalist] = ()
    """Those that keep the objectives first, each by its cost."""
    base: Finalist | None = None
    gain: Interval | None = None
    """The best one's cost less the base's, paired, 95 %."""
    warnings: Sequence[str] = ()
    is_partial: bool = False
    """Interrupted; then there are no finalists."""

    @property
    def best(self) -> Finalist | None:
        """The cheapest finalist that keeps the objectives; None where none does."""
        return self.finalists[0] if self.finalists and self.finalists[0].is_met else None

    @property
    def exit_code(self) -> int:
        """0 where some settings keep the objectives, else 1."""
        return 0 if self.best is not None else 1

    @property
    def names(self) -> Mapping[str, str]:
        """The searched paths by their short names."""
        return short_names(self.tuning.over)

    @property
    def history(self) -> pl.DataFrame:
        """One row per setting tried: trial, one column per setting, cost, feasible, best (the best cost so far)."""
        rows, best = [], None
        for one in self.tried:
            if one.is_feasible and one.cost is not None:
                best = one.cost if best is None else min(best, one.cost)
            values = {name: one.settings[path] for path, name in self.names.items()}
            rows.append({"trial": one.number, **values, "cost": one.cost, "feasible": one.is_feasible, "best": best})
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def certainty(kept: Kept) -> str:
    """Whether it is met or missed by the mean; with a question mark where the interval leaves it open."""
    word = "met" if kept.is_met else "missed"
    objective = kept.objective
    return word + ("?" if word_of(objective.op, objective.value, kept.found) == "UNDECIDED" else "")


def finalists_frame(found: Tuned) -> pl.DataFrame:
    """One row per finalist, the best first, then the base.

    Columns: name, one per setting (null for the base), cost, low, high (95 %), above, above_low, above_high (its cost
    less the best one's; finalists judged together), is_real, is_met, then the mean of each metric named.
    """
    base = [] if found.base is None else [replace(found.base, versus_best=_less(found.gain))]
    rows = [_frame_row(one, found.names) for one in (*found.finalists, *base)]
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def _frame_row(one: Finalist, names: Mapping[str, str]) -> dict[str, Any]:
    gap = one.versus_best
    cost, away = _bounds(one.cost), _bounds(gap)
    return {
        "name": one.name,
        **{name: one.settings.get(path) for path, name in names.items()},
        **dict(zip(("cost", "low", "high"), cost, strict=True)),
        **dict(zip(("above", "above_low", "above_high"), away, strict=True)),
        "is_real": gap is not None and (gap.low > 0 or gap.high < 0),
        "is_met": one.is_met,
        **one.metrics,
    }


def _bounds(found: Interval | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if found is None else (found.estimate, found.low, found.high)


def _less(found: Interval | None) -> Interval | None:
    """The interval of the difference the other way round."""
    return None if found is None else Interval(0 - found.estimate, 0 - found.high, 0 - found.low, found.confidence)
