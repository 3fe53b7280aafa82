"""Result: what a run gives a notebook."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from sim import wiring
from sim.cli.words import WORDS
from sim.report.cell import as_html
from sim.report.page import Table
from sim.report.run_digest import first_line, rows
from sim.report.run_plots import RunPlots
from sim.report.run_record import RunRecord
from sim.report.run_recovery import recovery


@dataclass(frozen=True)
class Result:
    """A run's results: the numbers, the tables as polars frames with times in seconds, and `plot`.

    Notes
    -----
    ``.to_pandas()`` of a frame needs pandas. ``plot("inflight")`` draws a column of the samples; see `RunPlots`.
    """

    of: wiring.Run = field(repr=False)

    @property
    def summary(self) -> dict[str, float | int]:
        """Every metric by name."""
        return self.of.summary

    @property
    def requests(self) -> pl.DataFrame:
        """One row per request, in order of completion."""
        return self.of.requests

    @property
    def connections(self) -> pl.DataFrame:
        """One row per dial."""
        return self.of.connections

    @property
    def samples(self) -> pl.DataFrame:
        """Levels every 100 ms."""
        return self.of.samples

    @property
    def events(self) -> pl.DataFrame:
        """One row per step of the timeline."""
        return self.of.events

    @property
    def manifest(self) -> dict[str, Any]:
        """Where the numbers come from: the resolved scenario, seed, versions, cost, fingerprint."""
        return self.of.manifest

    @property
    def is_partial(self) -> bool:
        """Whether the run was interrupted; then everything covers what was done."""
        return bool(self.manifest["partial"])

    @cached_property
    def plot(self) -> RunPlots:
        """Pictures: ``plot("inflight")``, ``plot.against_limit()``, ``plot.latency()``, ``plot.shares()``."""
        return RunPlots(self._record, WORDS)

    @cached_property
    def _record(self) -> RunRecord:
        done = self.of
        return RunRecord(
            summary=done.summary, manifest=done.manifest, requests=done.requests, samples=done.samples,
            windows=done.windows, events=done.events, warnings=done.warnings,
        )  # fmt: skip

    def __repr__(self) -> str:
        return first_line(self._record, WORDS)

    def _repr_html_(self) -> str:
        digest = Table(
            title="", columns=("quantity", "value"), rows=rows(self._record, WORDS), numeric=frozenset({1})
        )  # fmt: skip
        return as_html([repr(self), *recovery(self._record, WORDS), *self._record.warnings], digest)
