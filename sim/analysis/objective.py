"""Objective: a promise as somebody writes it, and which rows of a run keep it. Not what follows of it (`slo`)."""

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.analysis import condition
from sim.analysis.slo import Outcomes
from sim.records.folder import StoredRun
from sim.records.outcome import Judged
from sim.units import SECOND, InputError, parse_duration

_FORM = re.compile(r"\s*(availability|latency)\s+(\d+(?:\.\d+)?)\s*%\s*(?:<\s*(\S+)\s*)?", re.ASCII)
WAY_OUT = "write availability 99.9%, or latency 99% < 300ms"


@dataclass(frozen=True, slots=True)
class Objective:
    """A share that has to end well, and within a time, where one is said."""

    text: str
    target: float
    """As 0.999."""
    within: float | None
    """s; None where any end will do."""

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return float(f"{1 - self.target:.12g}")


def parse_objective(text: str) -> Objective:
    """Read an objective.

    Raises
    ------
    ValueError
        It is none.

    Examples
    --------
    >>> parse_objective("latency 99% < 300ms")
    Objective(text='latency 99% < 300ms', target=0.99, within=0.3)
    >>> parse_objective("availability 99.995 %").budget
    5e-05
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"is no objective; {WAY_OUT}")
    kind, share, limit = found.groups()
    target = float(f"{float(share) / 100:.12g}")
    if not 0 < target < 1:
        raise ValueError(f"{share} % leaves no budget, or asks for nothing; write a share between 0 and 100 %")
    if (limit is None) != (kind == "availability"):
        raise ValueError(f"{kind} {'needs a' if limit is None else 'has no'} time; {WAY_OUT}")
    return Objective(" ".join(text.split()), target, None if limit is None else parse_duration(limit) / SECOND)


def outcomes_of(run: StoredRun, judged: Judged, objective: Objective, *, kind: str = "") -> Outcomes:
    """How what is judged ended in a run, all kinds or one; a failure keeps no promise about time either.

    Raises
    ------
    InputError
        Nothing ended, or there is no such kind.
    """
    lazy = run.scan(judged.rows.table)
    for each in judged.rows.where:
        lazy = lazy.filter(_test(each))
    if kind:
        lazy = lazy.filter(pl.col(judged.kind) == kind)
    good = _test(judged.well)
    if objective.within is not None:
        good = good & (condition.value(judged.length) <= objective.within)
    rows = lazy.select(pl.col(judged.at).alias("at"), good.not_().alias("bad")).sort("at").collect()
    if not rows.height:
        which = f" of {kind}" if kind else ""
        raise InputError(f"{run.path}: none of its {judged.rows.table}{which} has ended; there is nothing to judge")
    # up to the last end: in the tail nobody asks any more
    return Outcomes(rows["at"].to_numpy(), rows["bad"].to_numpy(), float(rows["at"][-1]))


def _test(declared: Any) -> pl.Expr:
    """A condition; what is judged knows no numbers of the scenario, so that none is undecided."""
    found = condition.test(declared, lambda amount: amount if isinstance(amount, int | float) else None)
    assert found is not None, declared
    return found
