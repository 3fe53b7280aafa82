"""Sweep: a study's results as a notebook has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args, get_type_hints

import polars as pl
from matplotlib.axes import Axes

from sim.execution.partial import is_partial
from sim.execution.sweep import SweepResult
from sim.report.cell import as_html, shown
from sim.report.page import Table
from sim.report.study_page import study_line, verdict_of
from sim.report.study_pictures import fitting_chart, study_pictures
from sim.report.study_record import StudyRecord, claim_row, record_of
from sim.study.picture import Picture
from sim.units import InputError

Values = Mapping[str, Any]
"""Dotted path to value as one would write it in YAML, such as ``{"clients.gateway.kernel.tcp_tw_reuse": 1}``."""
_CLAIM = ("id", "statement", "verdict", "condition", "value", "low", "high", "unit", "expect", "is_expected", "seconds",
          "p", "more", "rho")  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """A study's results, from its store."""

    of: SweepResult = field(repr=False)

    @property
    def is_partial(self) -> bool:
        """Whether trials are missing, as after an interruption; then everything covers those that were done."""
        return is_partial(self.of)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row per trial: arm, one column per axis, replication, seconds, error, then every metric."""
        return self.of.frame

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row per arm, point and metric: n, mean, and the bounds of its 95 % interval."""
        return self.of.table()

    @cached_property
    def indices(self) -> pl.DataFrame:
        """How much each setting of a `morris`, `saltelli` or `tornado` sample matters: one row per index.

        Columns arm, metric, axis, other, index, value, low, high; see `sim.study.sensitivity.Sensitivity`.
        """
        return self.of.sensitivity.frame()

    @cached_property
    def claims(self) -> pl.DataFrame:
        """One row per claim: verdict, condition, value with its interval, and the verdict that was expected."""
        judged = [claim_row(verdict) for verdict in self.of.claims]
        rows = [[row[name] for name in _CLAIM] for row in judged]
        return pl.DataFrame(rows, schema=list(_CLAIM), orient="row", infer_schema_length=None)

    @cached_property
    def stability(self) -> pl.DataFrame:
        """One row per arm and point of the other axes: whether it is stable along the size of what happens.

        Columns arm, the axes, verdict, sticks_from, back, replications, never_from; see `sim.study.stability.Judged`.
        """
        told = [one.row() for one in self.of.stability]
        rows = [{"arm": row.pop("arm"), **row.pop("at"), **row} for row in told]
        return pl.DataFrame(rows, infer_schema_length=None)

    @cached_property
    def warmup(self) -> pl.DataFrame:
        """One row per arm and point: the warm-up that is stated and what MSER-5 would cut (s), and if it is enough."""
        told = [one.row() for one in self.of.warmups]
        rows = [{"arm": row.pop("arm"), **row.pop("at"), **row} for row in told]
        return pl.DataFrame(rows, infer_schema_length=None)

    def plot(
        self,
        metric: str,
        *,
        chart: Literal["", "line", "bars", "timeline", "heatmap", "surface", "distribution", "scatter", "matrix"] = "",
        x: str | tuple[str, str] = "",
        at: Values | None = None,
        title: str = "",
    ) -> Axes:
        """Draw a metric; returns the axes, of several panels those of the first.

        Parameters
        ----------
        metric
            Key of the summary; of a timeline a column of the samples.
        chart
            line: along an axis; bars: per arm; timeline: over time; heatmap, surface: over two axes; distribution: by
            percentile, or over the replications; scatter: over each axis of a sample; matrix: arms by an axis of
            words. Left out, what fits the study's axes.
        x
            The axis, or both of a heatmap or surface; left out, the first that are numeric.
        at
            Axis to value: the points that are drawn.
        title
            Instead of the answer that the picture finds.

        Raises
        ------
        InputError
            Where the study has no such metric, axis or point, or too few axes for the chart.
        """
        across, up = (x, "") if isinstance(x, str) else x
        if chart and chart not in (known := get_args(get_type_hints(Picture)["chart"])):
            raise InputError(f"{self.of.study.name}: there is no chart {chart}; known here: {', '.join(known)}")
        fitting = chart or fitting_chart(self._record(), metric) or "bars"
        asked = Picture(chart=fitting, metric=metric, x=across, y=up, at=dict(at or {}), title=title)
        if chart != "timeline":
            self.of.results.check_metric("plot", metric)
        pictures = study_pictures(self._record((asked,)))
        if not pictures:
            raise InputError(f"{self.of.study.name}: {_nothing_to_draw(asked)}")
        return shown(pictures[0].figure)[0]

    def _record(self, pictures: tuple[Picture, ...] = ()) -> StudyRecord:
        try:
            study = replace(self.of.study, pictures=pictures)
        except ValueError as error:
            raise InputError(f"{self.of.study.name}: {error}") from None
        return record_of(replace(self.of, study=study), {})

    def __repr__(self) -> str:
        if self.is_partial:
            done = self.frame["error"].eq("").sum()
            return (
                f"{self.of.study.name}: {done:,} of {self.frame.height:,} trials are done; `sweep` goes on from there"
            )
        return study_line(self._record())

    def _repr_html_(self) -> str:
        found = [verdict_of(row) for row in map(claim_row, self.of.claims)]
        columns = ("claim", "verdict", "value", "95 % interval", "condition", "statement")
        cells = [(v.id, v.verdict, v.value, v.interval, v.condition, v.statement) for v in found]
        table = Table(title="", columns=columns, rows=cells, numeric=frozenset({2, 3}))
        return as_html([repr(self), *([] if self.is_partial else self.of.failed)], table)


def _nothing_to_draw(asked: Picture) -> str:
    if asked.chart in {"heatmap", "surface"}:
        return f"a {asked.chart} of {asked.metric} needs two numeric axes that vary; take chart='line', or another `at`"
    return f"no trial at {asked.at} has {asked.metric}; leave out `at`"
