"""What `find` returns in a notebook: the brackets of a search, its looks as a frame, and its picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from sim.analysis.interval import Interval
from sim.report.cell import as_html, shown
from sim.report.find_page import find_picture, find_table, notes_of
from sim.report.find_record import headline, record_of
from sim.search.find import FindResult
from sim.units import InputError

Bracket = tuple[float | None, float | None]
"""The largest value known to be good and the smallest known to be bad, in s, /s or B; None where none is."""


@dataclass(frozen=True)
class Found:
    """Where a condition turns along a value of the scenario."""

    of: FindResult = field(repr=False)

    @property
    def is_partial(self) -> bool:
        """Whether it was interrupted; calling `find` again goes on."""
        return self.of.is_partial

    @property
    def bracket(self) -> Bracket:
        """That of a study with one arm; InputError where there are several, which `brackets` has."""
        found = list(self.brackets.values())
        if len(found) > 1:
            raise InputError(f"bracket: there are {len(found)}; take one of brackets: {', '.join(self.brackets)}")
        return found[0]

    @property
    def brackets(self) -> dict[str, Bracket]:
        """Arm, with its point where the study has other axes, to its bracket."""
        return {line.name: (line.good, line.bad) for line in self.of.lines}

    @property
    def estimates(self) -> dict[str, Interval | None]:
        """Where half of the runs are bad, with a 95 % interval; None where a step parts them."""
        return {line.name: line.estimate for line in self.of.lines}

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row per arm and value looked at: n replications, how many were bad, and their share."""
        rows = [
            {
                "arm": line.arm, **{axis: str(value) for axis, value in line.point.items()},
                self.of.axis: line.range.value(level), "n": len(looks), "bad": sum(looks),
                "share": sum(looks) / len(looks),
            }
            for line in self.of.lines
            for level, looks in line.cliff.looks.items()
        ]  # fmt: skip
        return pl.DataFrame(rows)

    @property
    def record(self) -> Mapping[str, Any]:
        """All of it as plain values, as in ``find.json``."""
        return record_of(self.of, {})

    def plot(self) -> Axes:
        """Draw the shares of bad runs, the brackets, the estimates and the closed forms."""
        return shown(find_picture(self.record).figure)[0]

    def __repr__(self) -> str:
        return f"{self.of.study.name}: {headline(self.record)}"

    def _repr_html_(self) -> str:
        return as_html([repr(self), *notes_of(self.record)], find_table(self.record))
