"""What a picture of a study may say in its title: only that of which its replications are sure. It draws nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.analysis.student import Sample
from sim.report.number import plain
from sim.report.study_record import StudyRecord

ALPHA = 0.05
"""How often a title names a difference where there is none, at most, whichever of its points it picks."""


@dataclass(frozen=True, slots=True)
class Level:
    """A metric at one arm and point: its name there, its mean, and its value in each replication by number."""

    name: str
    at: Mapping[str, Any]
    """The arm, and axis to value."""
    mean: float
    values: Mapping[int, float]

    def differs(self, other: "Level", among: int) -> bool:
        """Whether the two differ by more than chance, as one of so many comparisons (paired t, Bonferroni).

        Replication i sees the same random inputs everywhere; the pairs are as good where it does not.
        """
        both = self.values.keys() & other.values.keys()
        if len(both) < 2:
            return False
        gap = Sample.of([self.values[i] - other.values[i] for i in sorted(both)])
        return 2 * min(gap.p_above(0.0), gap.p_below(0.0)) < ALPHA / among


def levels_of(record: StudyRecord, table: pl.DataFrame, names: Sequence[str]) -> list[Level]:
    """The rows of a table of one metric, by these names, with what the trials have of each."""
    keys = ["arm", *record.axes]
    metric = table["metric"][0]
    found: dict[tuple[Any, ...], dict[int, float]] = {}
    values = pl.col(metric).cast(pl.Float64, strict=False)
    for *key, replication, value in record.trials.select(*keys, "replication", values).drop_nulls(metric).iter_rows():
        found.setdefault(tuple(key), {})[replication] = value
    rows = list(table.select(*keys, "mean").iter_rows())
    return [
        Level(name, dict(zip(keys, row, strict=False)), row[-1], found.get(row[:-1], {}))
        for name, row in zip(names, rows, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Extremes:
    """The lowest and the highest of several levels, where they differ for sure."""

    low: Level
    high: Level
    ties: Sequence[Level]
    """The highest, and all that may be as high."""

    @property
    def shared(self) -> dict[str, Any]:
        """Of the highest's place what all ties share."""
        return {key: value for key, value in self.high.at.items() if all(tie.at[key] == value for tie in self.ties)}


def extremes(levels: Sequence[Level]) -> Extremes | None:
    """The ends of the levels; None where chance may have ordered them."""
    pairs = len(levels) * (len(levels) - 1) // 2
    low, high = min(levels, key=lambda level: level.mean), max(levels, key=lambda level: level.mean)
    if not pairs or not high.differs(low, pairs):
        return None
    return Extremes(low, high, [level for level in levels if level is high or not high.differs(level, pairs)])


def highest(levels: Sequence[Level], metric: str, record: StudyRecord) -> str:
    """Which of the levels is the highest."""
    if (found := extremes(levels)) is None:
        return unsure(levels, metric, record)
    if len(found.ties) == 1:
        return f"{metric} is highest with {found.high.name}: {plain(found.high.mean)}"
    ends = [f"{plain(end.mean)} with {end.name}" for end in (found.low, found.high)]
    return f"{metric} runs from {' to '.join(ends)}"


def stretch(levels: Sequence[Level], metric: str, record: StudyRecord, *, axes: Sequence[str]) -> str:
    """From where to where the metric runs, and at which values of the axes it is highest."""
    if (found := extremes(levels)) is None:
        return unsure(levels, metric, record)
    shared = found.shared
    told = f"{metric} runs from {plain(found.low.mean)} to {plain(found.high.mean)}"
    where = [f"{axis} {_written(shared[axis])}" for axis in axes if axis in shared]
    arm = f" ({shared['arm']})" if len({level.at["arm"] for level in levels}) > 1 and "arm" in shared else ""
    return f"{told}, at {', '.join(where)}{arm}" if where else f"{told}{arm}"


def trend(lines: Sequence[Sequence[Level]], metric: str, record: StudyRecord, *, x: str) -> str:
    """How the metric goes along an axis, from one end of a line to the other: of the line that changes most."""
    ends = [(line[0], line[-1]) for line in lines if len(line) > 1]
    sure = [(first, last) for first, last in ends if last.differs(first, len(ends))]
    if not sure:
        return stretch([level for line in lines for level in line], metric, record, axes=[x])
    first, last = max(sure, key=lambda end: abs(end[1].mean - end[0].mean))
    name = f" ({last.name})" if last.name else ""
    change = f"from {plain(first.mean)} to {plain(last.mean)}"
    return f"{metric} goes {change} as {x} goes from {_written(first.at[x])} to {_written(last.at[x])}{name}"


def unsure(levels: Sequence[Level], metric: str, record: StudyRecord) -> str:
    """What can be said where nothing is known to differ: with a single replication, the metric's name."""
    if min(len(level.values) for level in levels) < 2:
        return f"{metric} in {record.replications}"
    if len(levels) == 1:
        return f"{metric} is {plain(levels[0].mean)}"
    if len({plain(level.mean) for level in levels}) == 1:
        return f"{metric} is {plain(levels[0].mean)} everywhere"
    return f"{metric} shows no difference beyond chance in {record.replications}"


def _written(value: Any) -> str:
    return plain(float(value)) if isinstance(value, int | float) else str(value)
