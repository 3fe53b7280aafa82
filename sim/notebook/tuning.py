"""Tuning: what a search of settings gives a notebook."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import polars as pl
from matplotlib.axes import Axes

from sim.report.cell import as_html, shown
from sim.report.tune_page import finalists_table, tune_line, tune_pictures
from sim.search.tuned import Tuned, finalists_frame
from sim.units import InputError


@dataclass(frozen=True)
class Tuning:
    """What a search found: the best settings, the finalists that they were compared with, the way there."""

    of: Tuned = field(repr=False)

    @property
    def is_partial(self) -> bool:
        """Whether the search was interrupted; then there is a `history`, and no finalists."""
        return self.of.is_partial

    @property
    def best(self) -> dict[str, Any] | None:
        """The settings by path, as `load(…, set=…)` takes them; None where none keeps the objectives."""
        return None if self.of.best is None else dict(self.of.best.settings)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row per finalist, the best first, the base last: settings, cost with interval, difference to the best."""
        return finalists_frame(self.of)

    @cached_property
    def history(self) -> pl.DataFrame:
        """One row per setting tried: trial, settings, cost, feasible, best (the best cost so far)."""
        return self.of.history

    def plot(self, what: Literal["finalists", "search"] = "finalists") -> Axes:
        """Draw the finalists' costs with their intervals, or what each setting tried cost."""
        pictures = {picture.name.rpartition("-")[2]: picture for picture in tune_pictures(self.of)}
        if what not in pictures:
            raise InputError(
                f"{self.of.study.name}: there is no picture {what}; known here: {', '.join(pictures) or 'none'}"
            )
        return shown(pictures[what].figure)[0]

    def __repr__(self) -> str:
        return tune_line(self.of)

    def _repr_html_(self) -> str:
        return as_html([repr(self), *self.of.warnings], finalists_table(self.of))
