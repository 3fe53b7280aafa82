"""The words in which a metric is declared: frozen, comparable data. Not how one is computed (`sim.analysis.metric`).

A declaration names tables and columns as text, so that models can say what their runs are measured by without
touching a data frame. Times are float64 seconds here, as in the stored tables. An amount that cannot be known (a
quantile of nothing, a ratio over nothing, a column that was not recorded) has no value at all, never a made-up 0.
"""

from dataclasses import dataclass
from typing import Literal

from sim.records.each import CounterEach as CounterEach  # noqa: PLC0414 (declarations name all kinds by this module)
from sim.records.each import LevelMaxEach as LevelMaxEach  # noqa: PLC0414
from sim.records.spread import Deviation


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the scenario by name, scaled and shifted: ``Number("duration", times=2 / 3)``."""

    name: str
    times: float = 1.0
    plus: float = 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One column minus another, row by row; null where either is."""

    later: str
    earlier: str


@dataclass(frozen=True, slots=True)
class Gap:
    """From the `end` of a row to the next `start` among the rows with the same `keys`; null for the last of each."""

    keys: tuple[str, ...]
    end: str
    start: str


Value = str | Difference | Gap
"""A column by its name, or something computed from columns."""


@dataclass(frozen=True, slots=True)
class Known:
    """The value is not absent."""

    value: Value


@dataclass(frozen=True, slots=True)
class Is:
    """The value equals `equals`; an absent one equals nothing."""

    value: Value
    equals: str | int | bool


@dataclass(frozen=True, slots=True)
class Between:
    """``low <= value < high``; None does not bind, and a bound without a value leaves the metric without one."""

    value: Value
    low: "Amount | None" = None
    high: "Amount | None" = None


@dataclass(frozen=True, slots=True)
class Not:
    """The condition is false or cannot be told."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """Every condition is true."""

    conditions: "tuple[Condition, ...]"


Condition = Known | Is | Between | Not | All


@dataclass(frozen=True, slots=True)
class Selection:
    """Those rows of a table for which every one of the conditions is true."""

    table: str
    where: tuple[Condition, ...] = ()

    def having(self, *more: Condition) -> "Selection":
        """Fewer rows: the same, and `more` true as well."""
        return Selection(self.table, (*self.where, *more))


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows."""

    rows: Selection


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values."""

    rows: Selection
    value: Value


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a value; 0 over no rows."""

    rows: Selection
    value: Value


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a value."""

    rows: Selection
    value: Value


@dataclass(frozen=True, slots=True)
class Quantile:
    """Sorted value number floor(p n), counted from 0 and at most the last."""

    rows: Selection
    value: Value
    p: float


@dataclass(frozen=True, slots=True)
class Maximum:
    """The largest value; `rank` 2 is the second largest; `absent` stands for that of fewer rows."""

    rows: Selection
    value: Value
    rank: int = 1
    absent: float | None = None


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest value; `absent` stands for that of no rows."""

    rows: Selection
    value: Value
    absent: float | None = None


@dataclass(frozen=True, slots=True)
class First:
    """The value in the row that comes first by `order`; `absent` stands for that of no rows."""

    rows: Selection
    order: str
    value: Value
    absent: "Amount | None" = None


@dataclass(frozen=True, slots=True)
class Last:
    """The value in the row that comes last by `order`; `absent` stands for that of no rows."""

    rows: Selection
    order: str
    value: Value
    absent: "Amount | None" = None


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of the 95 % interval that one run gives of a mean, or of the quantile `p`; rows are taken by `order`.

    It respects that neighbours lean on one another. A run that is too short to say has none.
    """

    rows: Selection
    order: str
    value: Value
    end: Literal["low", "high"]
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The mean of a value in equal steps of the time `order`, from the start of the run to its end."""

    rows: Selection
    order: str
    value: Value


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Seconds that MSER-5 would cut off a series; no value where the run has not settled or is too short to say."""

    series: Series


@dataclass(frozen=True, slots=True)
class Overtaken:
    """How many rows, in the order of `order`, have a value more than `by` below that of the row before them.

    Rows with one and the same `order` overtake nobody: among them the smaller value counts as the earlier row.
    """

    rows: Selection
    order: str
    value: Value
    by: float = 0.0


@dataclass(frozen=True, slots=True)
class Imbalance:
    """How unevenly the rows fall on the values 0, 1, ... of a column; `among` says how many values there are.

    ``cv`` is the standard deviation of the counts over their mean (0 is even), ``max_over_mean`` the largest count
    over the mean (1 is even). Values that no row has count as 0, which is the very thing to be seen.
    """

    rows: Selection
    column: str
    figure: Literal["cv", "max_over_mean"]
    among: "Amount | None" = None


@dataclass(frozen=True, slots=True)
class Load:
    """What the rows put on the places `first`, `first` + 1, ..., so many as `places`, that a column numbers.

    A row counts 1, with `of` what that column says (absent: 0). With `until`, it is on its place from `at` to then, and
    a load is how many are there at a time, in the mean. Counted is from `start` to `end`, by the instant `at`; windows
    of `width` follow one another from `start`, and only whole ones count.
    """

    rows: Selection
    place: str
    first: int
    places: int
    at: str
    start: "Amount"
    end: "Amount"
    width: "Amount"
    of: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Skew:
    """A measure of how uneven a load is, over the run or as mean, least or most of its windows."""

    load: Load
    figure: Literal["cv", "max_over_mean", "extra_capacity", "jain", "sd", "sample_sd", "cv_by_chance"]
    over: Literal["run", "mean", "min", "max"] = "run"


@dataclass(frozen=True, slots=True)
class LevelMean:
    """Mean of a column over the samples with ``start <= t < end``."""

    column: str
    start: "Amount | None" = None
    end: "Amount | None" = None
    table: str = "samples"


@dataclass(frozen=True, slots=True)
class LevelMax:
    """Largest sample of a column."""

    column: str
    table: str = "samples"


@dataclass(frozen=True, slots=True)
class WindowOf:
    """One value of a column of the windows, of those that lie whole from `start` to `end`."""

    column: str
    which: Literal["least", "most", "last"]
    start: "Amount"
    end: "Amount"
    table: str = "windows"


@dataclass(frozen=True, slots=True)
class LevelAt:
    """The sample nearest to `t`, the earlier of two; None asks for the last sample."""

    column: str
    t: "Amount | None" = None
    table: str = "samples"


@dataclass(frozen=True, slots=True)
class LevelTime:
    """The instant of the first or last sample above 0; -1 where there is none."""

    column: str
    which: Literal["first", "last"]
    table: str = "samples"


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter by its name; 0 if it never counted."""

    name: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """One amount over another; no value over 0."""

    top: "Amount"
    bottom: "Amount"


@dataclass(frozen=True, slots=True)
class Minus:
    """One amount less another."""

    left: "Amount"
    right: "Amount"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """1 where one amount is at least another, 0 where it is less."""

    left: "Amount"
    right: "Amount"


@dataclass(frozen=True, slots=True)
class PerSecond:
    """An amount over the seconds from `start` to `end`; no value where they are none."""

    top: "Amount"
    start: "Amount"
    end: "Amount"


# levels are a table of counts over time, with the instants in its column t
Metric = (
    Count | Distinct | Total | Mean | Deviation | Quantile | Maximum | Minimum | First | Last | Bound | WarmUp
    | Overtaken | Imbalance | Skew | LevelMean | LevelMax | LevelAt | LevelTime | WindowOf | Counter | Ratio | Minus
    | AtLeast | PerSecond
)  # fmt: skip
"""What gives one figure."""

Amount = float | Number | Metric
"""A figure wherever one is needed: written out, from the scenario, or measured."""


@dataclass(frozen=True, slots=True)
class CountEach:
    """For each value that a column takes, how many rows have it."""

    rows: Selection
    column: str


@dataclass(frozen=True, slots=True)
class ShareEach:
    """For each of the values 0, 1, ... of a column, the share of the rows that have it; `among` as for Imbalance."""

    rows: Selection
    column: str
    among: Amount | None = None


@dataclass(frozen=True, slots=True)
class LevelMeanEach:
    """LevelMean for every column whose name is `prefix` and a number."""

    prefix: str
    start: Amount | None = None
    end: Amount | None = None
    table: str = "samples"


Family = CountEach | ShareEach | LevelMeanEach | LevelMaxEach | CounterEach
"""What gives figures by name, as many as there are."""

Declarations = dict[str, Metric | Family]
"""Metrics by name; a family's name is a pattern such as ``share_b{}``."""
