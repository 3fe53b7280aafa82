"""Declared metrics computed from the tables of a run. Not which metrics there are: models declare those as data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch
from math import isnan
from typing import Any

import polars as pl

from sim.analysis import condition
from sim.analysis.batch_means import LongRun, batch_means
from sim.analysis.load import Loads, loads_of
from sim.analysis.quantile import rank
from sim.analysis.sections import Sectioned, section_interval
from sim.analysis.series import series_of, step_of
from sim.analysis.warmup import mser_of
from sim.records import metric as m
from sim.records.spread import Deviation

Figures = dict[str, float | int]


@dataclass
class Run:
    """What a run left behind, and what was already asked of it.

    Parameters
    ----------
    tables
        Data frames by name, times in seconds; one that was not recorded may be missing.
    counters
        Counts by name.
    numbers
        Numbers of the scenario by name (`duration`, `warmup`, ...), times in seconds.
    """

    tables: Mapping[str, pl.DataFrame]
    counters: Mapping[str, float | int] = field(default_factory=dict)
    numbers: Mapping[str, float | int] = field(default_factory=dict)
    # a bit a row: copies of the rows themselves would cost many times the table
    _masks: dict[m.Selection, pl.Series | None] = field(default_factory=dict)
    _sorted: dict[tuple[m.Selection, m.Value], pl.Series | None] = field(default_factory=dict)
    _in_order: dict[tuple[m.Selection, m.Value, str], pl.Series | None] = field(default_factory=dict)
    _certain: dict[m.Bound, LongRun | Sectioned | None] = field(default_factory=dict)
    _loads: dict[m.Load, Loads | None] = field(default_factory=dict)

    def mask(self, rows: m.Selection) -> pl.Series | None:
        """Which rows of the table are asked for; None where a table, a column or a bound is missing."""
        if rows not in self._masks:
            self._masks[rows] = self._select(rows)
        return self._masks[rows]

    def rows(self, rows: m.Selection, columns: Iterable[str]) -> pl.DataFrame | None:
        """Those columns of the rows asked for; None where something is missing."""
        mask, wanted = self.mask(rows), list(columns)
        if mask is None or not set(wanted) <= set(self.tables[rows.table].columns):
            return None
        return self.tables[rows.table].select(wanted).filter(mask)

    def sorted(self, rows: m.Selection, value: m.Value) -> pl.Series | None:
        """The known values among the rows, ascending; None where there is none."""
        key = (rows, value)
        if key not in self._sorted:
            series = self.values(rows, value)
            self._sorted[key] = None if series is None or series.is_empty() else series.sort()
        return self._sorted[key]

    def values(self, rows: m.Selection, value: m.Value, order: str | None = None) -> pl.Series | None:
        """The known values among the rows, by `order` and then ascending; None where a column is missing."""
        says = condition.value(value).alias("value")
        found = self.rows(rows, {*says.meta.root_names(), *([] if order is None else [order])})
        if found is None:
            return None
        if order is not None:
            found = found.drop_nulls(order).sort(pl.col(order), says)
        return found.select(says)["value"].drop_nulls()

    def certain(self, bound: m.Bound) -> LongRun | Sectioned | None:
        """How sure the run is of what one of its two bounds belongs to; None where there is nothing to be sure of."""
        both = replace(bound, end="low")
        if both not in self._certain:
            key = (bound.rows, bound.value, bound.order)
            if key not in self._in_order:
                self._in_order[key] = self.values(*key)
            values, found = self._in_order[key], None
            if values is not None and not values.is_empty():
                found = batch_means(values) if bound.p is None else section_interval(values, bound.p)
            self._certain[both] = found
        return self._certain[both]

    def loads(self, load: m.Load) -> Loads | None:
        """What fell on each place; None where a column or an instant is missing."""
        if load not in self._loads:
            wanted = [column for column in (load.place, load.at, load.of, load.until) if column is not None]
            rows = self.rows(load.rows, wanted)
            start, end, width = (self.amount(one) for one in (load.start, load.end, load.width))
            if rows is None or start is None or end is None or width is None:
                self._loads[load] = None
            else:
                self._loads[load] = loads_of(load, rows, (start, end, width))
        return self._loads[load]

    def series(self, series: m.Series) -> tuple[float | None, ...]:
        """The means of the steps, None in one without a value; empty where a column is missing."""
        duration = float(self.numbers.get("duration", 0))
        says = condition.value(series.value).alias("value")
        rows = self.rows(series.rows, {*says.meta.root_names(), series.order})
        if rows is None or duration <= 0:
            return ()
        known = rows.select(says, pl.col(series.order).alias("at")).drop_nulls()
        return series_of(known["at"].to_numpy(), known["value"].to_numpy(), duration)

    def amount(self, amount: m.Amount) -> float | int | None:
        """A figure, from wherever it comes; None where it has no value."""
        if isinstance(amount, (int, float)):
            return amount
        if isinstance(amount, m.Number):
            number = self.numbers.get(amount.name)
            return None if number is None else number * amount.times + amount.plus
        return measure(amount, self)

    def among(self, wanted: m.Amount | None, counted: Mapping[Any, int]) -> int:
        """How many values 0, 1, ... a column has: as told, but at least those seen."""
        told = None if wanted is None else self.amount(wanted)
        return max([int(told or 0), *(int(value) + 1 for value in counted)])

    def counts(self, rows: m.Selection, column: str) -> dict[Any, int] | None:
        """How many of the rows have each value of a column, by value in ascending order; absent ones left out."""
        found = self.rows(rows, [column])
        if found is None:
            return None
        counted = found.drop_nulls(column).group_by(column).len().sort(column)
        return dict(zip(counted[column].to_list(), counted["len"].to_list(), strict=True))

    def _select(self, rows: m.Selection) -> pl.Series | None:
        table = self.tables.get(rows.table)
        if table is None or not rows.where:
            return None if table is None else pl.repeat(True, table.height, dtype=pl.Boolean, eager=True)
        # one condition at a time from the left, so that those before it are shared with other metrics
        before = self.mask(m.Selection(rows.table, rows.where[:-1]))
        test = condition.test(rows.where[-1], self.amount)
        if before is None or test is None or not set(test.meta.root_names()) <= set(table.columns):
            return None
        return before & table.select(test.fill_null(False).alias("test"))["test"]


def evaluate(declared: Mapping[str, m.Metric | m.Family], run: Run) -> Figures:
    """Every declared metric that has a value, by name in the order of declaration; a family gives several.

    Examples
    --------
    >>> table = pl.DataFrame({"start": [0.0, 1.0], "end": [0.5, 3.0]})
    >>> jobs, lasts = m.Selection("jobs"), m.Difference("end", "start")
    >>> evaluate({"n": m.Count(jobs), "longest": m.Maximum(jobs, lasts)}, Run({"jobs": table}))
    {'n': 2, 'longest': 2.0}
    """
    figures: Figures = {}
    for name, declaration in declared.items():
        if isinstance(declaration, m.Family):
            figures.update((name.format(one), figure) for one, figure in members(declaration, run))
        elif (figure := measure(declaration, run)) is not None:
            figures[name] = figure
    return figures


def doubts(declared: Mapping[str, m.Metric | m.Family], run: Run) -> dict[str, str]:
    """Why the run has no interval of some figure, by the name of its lower bound."""
    lower = ((name, one) for name, one in declared.items() if isinstance(one, m.Bound) and one.end == "low")
    found = ((name, run.certain(bound)) for name, bound in lower)
    return {name: one.reason for name, one in found if one is not None and one.interval is None}


@singledispatch
def measure(metric: object, run: Run) -> float | int | None:
    """The figure of one metric, None where it has no value."""
    raise TypeError(f"{metric!r} is no metric")


@measure.register
def _(metric: m.Count, run: Run) -> int | None:
    mask = run.mask(metric.rows)
    return None if mask is None else int(mask.sum())


@measure.register
def _(metric: m.Distinct, run: Run) -> int | None:
    values = run.values(metric.rows, metric.value)
    return None if values is None else values.n_unique()


@measure.register
def _(metric: m.Total, run: Run) -> Any:
    values = run.values(metric.rows, metric.value)
    return None if values is None else values.sum()


@measure.register
def _(metric: m.Mean, run: Run) -> Any:
    values = run.sorted(metric.rows, metric.value)
    return None if values is None else values.mean()


@measure.register
def _(metric: Deviation, run: Run) -> Any:
    values = run.sorted(metric.rows, metric.value)
    return None if values is None else values.std()


@measure.register
def _(metric: m.Quantile, run: Run) -> Any:
    values = run.sorted(metric.rows, metric.value)
    return None if values is None else values[rank(metric.p, len(values))]


@measure.register
def _(metric: m.Maximum, run: Run) -> Any:
    values = run.sorted(metric.rows, metric.value)
    return metric.absent if values is None or len(values) < metric.rank else values[-metric.rank]


@measure.register
def _(metric: m.Minimum, run: Run) -> Any:
    values = run.sorted(metric.rows, metric.value)
    return metric.absent if values is None else values[0]


@measure.register(m.First)
@measure.register(m.Last)
def _(metric: m.First | m.Last, run: Run) -> Any:
    values = run.values(metric.rows, metric.value, metric.order)
    if values is None or values.is_empty():
        return None if values is None or metric.absent is None else run.amount(metric.absent)
    return values[0 if isinstance(metric, m.First) else -1]


@measure.register
def _(metric: m.Bound, run: Run) -> float | None:
    found = run.certain(metric)
    if found is None or found.interval is None:
        return None
    return found.interval.low if metric.end == "low" else found.interval.high


@measure.register
def _(metric: m.WarmUp, run: Run) -> float | None:
    series = run.series(metric.series)
    cut = mser_of([series])
    return cut.length * step_of(float(run.numbers["duration"])) if series and cut.settled else None


@measure.register
def _(metric: m.Overtaken, run: Run) -> int | None:
    values = run.values(metric.rows, metric.value, metric.order)
    return None if values is None else int((values.diff() < -metric.by).sum())


@measure.register
def _(metric: m.Imbalance, run: Run) -> float | None:
    counted = run.counts(metric.rows, metric.column)
    if not counted:
        return None
    number = run.among(metric.among, counted)
    counts = pl.Series([counted.get(value, 0) for value in range(number)])
    mean = sum(counted.values()) / number
    return float(counts.std(ddof=0) if metric.figure == "cv" else counts.max()) / mean  # type: ignore[arg-type]


@measure.register
def _(metric: m.Skew, run: Run) -> float | None:
    loads = run.loads(metric.load)
    figure = None if loads is None else loads.figure(metric)
    return None if figure is None or isnan(figure) else figure


@measure.register
def _(metric: m.LevelMean, run: Run) -> Any:
    samples = m.Selection(metric.table, (m.Between("t", metric.start, metric.end),))
    values = run.values(samples, metric.column)
    return None if values is None else values.mean()


@measure.register
def _(metric: m.LevelMax, run: Run) -> Any:
    samples = run.tables.get(metric.table)
    return None if samples is None or metric.column not in samples.columns else samples[metric.column].max()


@measure.register
def _(metric: m.WindowOf, run: Run) -> float | None:
    windows, start, end = run.tables.get("windows"), run.amount(metric.start), run.amount(metric.end)
    if windows is None or metric.column not in windows.columns or windows.height < 2 or start is None or end is None:
        return None
    width = windows["t"][1] - windows["t"][0]
    inside = (windows["t"] >= start - 1e-9) & (windows["t"] + width <= end + 1e-9)
    values = windows[metric.column].filter(inside).drop_nulls()
    if values.is_empty():
        return None
    found: Any = {"least": values.min(), "most": values.max(), "last": values[-1]}[metric.which]
    return float(found)


@measure.register
def _(metric: m.LevelAt, run: Run) -> Any:
    samples = run.tables.get(metric.table)
    if samples is None or metric.column not in samples.columns or samples.is_empty():
        return None
    t: Any = samples["t"].max() if metric.t is None else run.amount(metric.t)
    # a grid of 100 ms in binary: 1e-6 s decides that t lies in the middle, where the earlier sample is taken
    return None if t is None else samples[metric.column][((samples["t"] - t).abs() / 1e-6).round().arg_min()]


@measure.register
def _(metric: m.LevelTime, run: Run) -> Any:
    samples = run.tables.get(metric.table)
    if samples is None or metric.column not in samples.columns:
        return None
    times = samples.filter(pl.col(metric.column) > 0)["t"]
    if times.is_empty():
        return -1
    return times.min() if metric.which == "first" else times.max()


@measure.register
def _(metric: m.Counter, run: Run) -> float | int:
    return run.counters.get(metric.name, 0)


@measure.register
def _(metric: m.Ratio, run: Run) -> float | None:
    top, bottom = run.amount(metric.top), run.amount(metric.bottom)
    return top / bottom if top is not None and bottom else None


@measure.register
def _(metric: m.Minus, run: Run) -> float | int | None:
    left, right = run.amount(metric.left), run.amount(metric.right)
    return None if left is None or right is None else left - right


@measure.register
def _(metric: m.AtLeast, run: Run) -> int | None:
    left, right = run.amount(metric.left), run.amount(metric.right)
    return None if left is None or right is None else int(left >= right)


@measure.register
def _(metric: m.PerSecond, run: Run) -> float | None:
    seconds = run.amount(m.Minus(metric.end, metric.start))
    top = run.amount(metric.top)
    return top / seconds if top is not None and seconds is not None and seconds > 0 else None


def members(family: m.Family, run: Run) -> Iterator[tuple[Any, float | int]]:
    """The figures of a family, each with what stands for the braces of its name."""
    ways: dict[type, Callable[[Any, Run], Iterator[tuple[Any, float | int]]]] = {
        m.CountEach: _count_each,
        m.ShareEach: _share_each,
        m.LevelMeanEach: _level_mean_each,
        m.LevelMaxEach: _level_max_each,
        m.CounterEach: _counter_each,
    }
    return ways[type(family)](family, run)


def _count_each(family: m.CountEach, run: Run) -> Iterator[tuple[Any, int]]:
    yield from (run.counts(family.rows, family.column) or {}).items()


def _share_each(family: m.ShareEach, run: Run) -> Iterator[tuple[int, float]]:
    counted = run.counts(family.rows, family.column)
    if counted:
        total = sum(counted.values())
        yield from ((value, counted.get(value, 0) / total) for value in range(run.among(family.among, counted)))


def _counter_each(family: m.CounterEach, run: Run) -> Iterator[tuple[str, float | int]]:
    for name, count in sorted(run.counters.items()):
        if name.startswith(family.prefix):
            yield name.removeprefix(family.prefix), count


def _level_mean_each(family: m.LevelMeanEach, run: Run) -> Iterator[tuple[int, float]]:
    samples = run.tables.get(family.table)
    for column in () if samples is None else samples.columns:
        number = column.removeprefix(family.prefix)
        if number != column and number.isdecimal():
            mean = measure(m.LevelMean(column, family.start, family.end, family.table), run)
            if mean is not None:
                yield int(number), mean


def _level_max_each(family: m.LevelMaxEach, run: Run) -> Iterator[tuple[str, float]]:
    samples = run.tables.get(family.table)
    for column in () if samples is None else samples.columns:
        if column.startswith(family.prefix):
            peak = measure(m.LevelMax(column, family.table), run)
            if peak is not None:
                yield column.removeprefix(family.prefix), peak
