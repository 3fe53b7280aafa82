"""RunPlots: the pictures of one run on demand, as axes that a notebook shows. What is in them: run_pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from sim.report.cell import shown
from sim.report.chart_against_limit import chart_against_limit
from sim.report.number import percent, plain
from sim.report.run_digest import fullest
from sim.report.run_pictures import drawn, run_pictures
from sim.report.run_record import RunRecord
from sim.report.words import Words
from sim.spelling import way_out
from sim.units import InputError


@dataclass(frozen=True, slots=True)
class RunPlots:
    """Draws one run in the house's style; each verb returns the axes, on a figure that pyplot knows."""

    _record: RunRecord
    _words: Words

    def __call__(self, *columns: str) -> list[Axes]:
        """Short for `timeline`."""
        return self.timeline(*columns)

    def timeline(self, *columns: str) -> list[Axes]:
        """Columns of the samples over time in one panel; without any, the panels of the report."""
        words = self._words
        if columns:
            self._check(columns)
            panels = {"count": {column: column for column in columns}}
            words = replace(words, panels=panels, peak=(columns[0], f"{columns[0]} has its"))
        return self._of_report("timeline", words)

    def against_limit(self, *columns: str, limit: float | None = None, name: str = "limit") -> Axes:
        """Columns of the samples over time, one line each, against a limit.

        Parameters
        ----------
        columns : without any, those that count against the scenario's own limit, if it has only one range.
        limit : in the columns' unit; without one, the scenario's own limit.
        name : what is written on the line of a `limit` that is given.
        """
        known = self._words.limit
        if limit is None and known is not None:
            limit, name = self._record.limit(known), known.name
        if limit is None:
            raise InputError(f"{self._record.name}: the scenario has no single limit; say limit=NUMBER")
        if not columns and known is not None and fullest(self._record, self._words) is not None:
            raise InputError(
                f"{self._record.name}: each client and destination has {limit:,} {known.noun} of its own; name columns,"
                ' as in against_limit("c_time_wait", limit=NUMBER)'
            )
        if not columns:
            return self._of_report("limit", self._words)[0]
        self._check(columns)
        samples, line = self._record.samples, (name, float(limit))
        peaks = {column: float(samples[column].max()) for column in columns}  # type: ignore[arg-type]  # numeric columns
        most = max(peaks, key=lambda column: peaks[column])
        answer = f"{most} reaches {plain(peaks[most])}, {percent(peaks[most] / limit)} of {plain(limit)}"
        told = (answer, f"How near does {self._record.name} come to {name}?", "")
        levels = {column: samples[column].to_list() for column in columns}
        times = samples["t"].to_list()
        picture = drawn(
            "limit", told, lambda axes, text: chart_against_limit(axes[0], times, levels, limit=line, answer=text)
        )
        return shown(picture.figure)[0]

    def latency(self) -> Axes:
        """Time taken by percentile, one curve per workload, warm-up left out."""
        return self._of_report("percentiles", self._words)[0]

    def shares(self) -> Axes:
        """Who serves which share."""
        return self._of_report("shares", self._words)[0]

    def _of_report(self, name: str, words: Words) -> list[Axes]:
        for picture in run_pictures(self._record, words):
            if picture.name == name:
                return shown(picture.figure)
        raise InputError(f"{self._record.name}: has no data for the picture {name}; make the run longer")

    def _check(self, columns: Sequence[str]) -> None:
        known = self._record.samples.columns
        for column in columns:
            if column not in known:
                instead = way_out(column, known)
                raise InputError(f"{self._record.name}: the samples have no column {column}; {instead}")
