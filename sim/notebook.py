"""What `from sim import load, run, sweep` gives: scenarios, runs and studies as a notebook uses them. Not commands."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import polars as pl
from matplotlib.axes import Axes

from sim import wiring
from sim.cli.console import progress
from sim.cli.sweep import load_study, model
from sim.cli.words import WORDS
from sim.found import Found
from sim.report.cell import as_html, shown
from sim.report.page import Table
from sim.report.run_digest import first_line, rows
from sim.report.run_plots import RunPlots
from sim.report.run_record import RunRecord
from sim.report.study_page import study_line, verdict_of
from sim.report.study_pictures import fitting_chart, study_pictures
from sim.report.study_record import StudyRecord, claim_row, record_of
from sim.report.tune_page import finalists_table, tune_line, tune_pictures
from sim.scenario import Loader, resolve
from sim.scenario.resolve import to_yaml
from sim.study.execute import workers_of
from sim.study.find import find as find_along
from sim.study.partial import is_partial, kept
from sim.study.picture import Picture
from sim.study.plan import plan
from sim.study.question import Question, kept_objectives
from sim.study.store import Store
from sim.study.study import Study
from sim.study.sweep import SweepResult
from sim.study.sweep import sweep as run_missing
from sim.study.trial import Model
from sim.study.tune import check_tuning
from sim.study.tune import tune as search
from sim.study.tuned import Tuned, finalists_frame
from sim.units import InputError
from sim.wiring import Scenario

Values = Mapping[str, Any]
"""Dotted path to value as one would write it in YAML, such as ``{"clients.gateway.kernel.tcp_tw_reuse": 1}``."""
__all__ = [
    "Found", "Result", "Sweep", "Tuning", "change", "find", "load", "recall", "run", "sweep", "tune",
]  # fmt: skip
_CLAIM = ("id", "statement", "verdict", "condition", "value", "low", "high", "unit", "expect", "is_expected", "seconds",
          "p", "more", "rho")  # fmt: skip


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
            warnings=done.warnings,
        )  # fmt: skip

    def __repr__(self) -> str:
        return first_line(self._record, WORDS)

    def _repr_html_(self) -> str:
        digest = Table(
            title="", columns=("quantity", "value"), rows=rows(self._record, WORDS), numeric=frozenset({1})
        )  # fmt: skip
        return as_html([repr(self), *self._record.warnings], digest)


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
    def warmup(self) -> pl.DataFrame:
        """One row per arm and point: the warm-up that is stated and what MSER-5 would cut (s), and if it is enough."""
        told = [one.row() for one in self.of.warmups]
        rows = [{"arm": row.pop("arm"), **row.pop("at"), **row} for row in told]
        return pl.DataFrame(rows, infer_schema_length=None)

    def plot(
        self,
        metric: str,
        *,
        chart: Literal["", "line", "bars", "timeline", "heatmap", "surface", "distribution"] = "",
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
            percentile, or over the replications. Left out, what fits the study's axes.
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


def _nothing_to_draw(asked: Picture) -> str:
    if asked.chart in {"heatmap", "surface"}:
        return f"a {asked.chart} of {asked.metric} needs two numeric axes that vary; take chart='line', or another `at`"
    return f"no trial at {asked.at} has {asked.metric}; leave out `at`"


def load(source: Path | str, *, set: Values | None = None, **overrides: Any) -> Scenario:
    """Read a scenario: a file, a folder with a ``scenario.yaml``, or a text with a line break in it.

    Parameters
    ----------
    set
        Changes by dotted path.
    overrides
        Changes of the scenario's own keys, such as ``duration="5s"``.

    Raises
    ------
    InputError
        One line that names the place, the offender and the way out.
    """
    return wiring.load(source, {**overrides, **(set or {})})


def change(scenario: Scenario, values: Values) -> Scenario:
    """Return the scenario with other values at some paths; the given one stays as it is.

    Raises
    ------
    InputError
        Where a path or a value is wrong; for a preset, too: it fills in what is omitted, and here nothing is.
    """
    for path in values:
        if path.rpartition(".")[2] == "preset":
            raise InputError(f"{path}: a loaded scenario has no gaps for a preset to fill; give it to load(…, set=…)")
    return wiring.load_tree(resolve(scenario), values)


def run(
    scenario: Scenario | Path | str, seed: int = 1, *, replication: int = 0, out: Path | str | None = None
) -> Result:
    """Run a scenario once; an interrupted run returns what was done and is marked partial.

    Parameters
    ----------
    scenario
        Loaded, or what `load` takes.
    seed, replication
        Equal ones give equal runs.
    out
        The folder to fill; None writes nothing.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    with progress(loaded.name) as show:
        return Result(wiring.run(loaded, seed, replication, out=out, progress=show))


def sweep(  # parameters: the options of a sweep
    study: Path | str | Values,
    *,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
    executor: Literal["processes", "dask"] | Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
) -> Sweep:
    """Run the trials of a study that its store lacks; an interrupted sweep returns those that were done.

    Parameters
    ----------
    study
        A study file, its folder, or a mapping like one, whose ``base`` may be a loaded scenario.
    set
        Changes by dotted path, of the study or of its base; of a study file only.
    seed
        Root seed instead of the study's.
    out
        The store's folder; ``out/NAME`` by default.
    workers
        Processes; None is one per CPU, 1 stays in this one.
    executor, scheduler
        Where trials run: ``scheduler="tcp://10.0.0.1:8786"`` on a Dask cluster, or an executor that stays open.
    retry_failed
        Run trials again that failed in earlier sweeps.
    """
    loaded, of = _study(study, set, seed), _model(study)
    plan(loaded, of)  # where the study is wrong, before the first byte of a store
    with workers_of(executor, scheduler, workers) as given, progress(loaded.name) as show:
        store = Store(Path("out") / loaded.name if out is None else out)
        try:
            return Sweep(run_missing(loaded, of, store, workers=given, progress=show, retry_failed=retry_failed))
        except KeyboardInterrupt:
            return Sweep(kept(loaded, of, store))


def tune(  # parameters: those of `sweep`
    study: Path | str | Values,
    *,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
) -> Tuning:
    """Search the cheapest settings that keep a study's objectives; parameters as of `sweep`.

    An interrupted search returns the settings that were tried; the same call goes on from there.
    """
    loaded, of = _study(study, set, seed), _model(study)
    check_tuning(loaded, of)  # where the study is wrong, before the first byte of a store
    store = Store(Path("out") / loaded.name if out is None else out)
    with progress(loaded.name) as show:
        return Tuning(search(loaded, of, store, workers=workers, progress=show))


def find(  # parameters: those of a sweep, and the question
    study: Path | str | Values,
    condition: str = "",
    *,
    along: str,
    between: tuple[str, str],
    capacity: str = "",
    within: str = "",
    confidence: float = 0.95,
    most: int = 24,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
) -> Found:
    """Find where a condition begins to hold along a value; an interrupted search returns what it knows.

    Parameters
    ----------
    condition
        What is looked for, such as ``error_rate > 0``.
    capacity
        What has to hold, instead: ``p99 < 300ms and error_rate < 0.1%``. With neither, the study's objectives.
    along, between, within, confidence, most
        The value's path, its ends, how near (``5/s`` or ``2%``), how sure, and the most replications at one value.
    study, set, seed, out, workers
        As of `sweep`; a scenario goes as ``{"base": scenario}``.
    """
    if condition and capacity:
        raise InputError("capacity: stands beside a condition; keep one")
    loaded = _study(study, set, seed)
    low, high = (str(end) for end in between)
    question = Question(
        condition=condition or capacity or kept_objectives(loaded), along=along, between=(low, high), within=within,
        is_capacity=not condition, confidence=confidence, most=most,
    )  # fmt: skip
    folder = Path("out") / loaded.name if out is None else out
    with progress(loaded.name) as show:
        return Found(find_along(loaded, question, _model(study), store=lambda: Store(folder), workers=workers,
                                progress=show))  # fmt: skip


def recall(
    study: Path | str | Values, *, set: Values | None = None, seed: int | None = None, out: Path | str | None = None
) -> Sweep:
    """What the store of a study has, as `sweep` would return it; nothing is run. Parameters as of `sweep`."""
    loaded = _study(study, set, seed)
    return Sweep(kept(loaded, _model(study), Store(Path("out") / loaded.name if out is None else out)))


def _model(study: Path | str | Values) -> Model:
    return model(None if isinstance(study, Mapping) else _file(study))


def _file(study: Path | str) -> Path:
    path = Path(study)
    return path / "study.yaml" if path.is_dir() else path


def _study(study: Path | str | Values, changes: Values | None, seed: int | None) -> Study:
    if isinstance(study, Mapping):
        loaded = _from_mapping(study, changes)
        return loaded if seed is None else replace(loaded, seed=seed)
    texts = [f"{path}={to_yaml(value, inline=True)}" for path, value in (changes or {}).items()]
    return load_study(_file(study), texts, seed)


def _from_mapping(tree: Values, changes: Values | None) -> Study:
    """A study written in Python; a base that is a path is relative to the working directory."""
    if changes:
        raise InputError("set: a mapping takes no overrides; write {**study, ...}")
    base = tree.get("base")
    scenario = load(base) if isinstance(base, Path | str) else base
    plain = {"name": "study", **tree}
    if isinstance(scenario, Scenario):
        plain["base"] = resolve(scenario)
    study: Study = Loader(Study).load_tree(plain, "study")
    return study
