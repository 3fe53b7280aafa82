"""Metrics in words: a declaration of `sim.records.metric` said as a reader would say it. It computes nothing."""

from fractions import Fraction
from functools import singledispatch
from typing import Any

from models import metrics as declared
from models import recovery
from sim.records import metric as m
from sim.records.spread import Deviation
from tools.markdown import code, table

NAMES: dict[Any, str] = {
    declared.OK: "ok",
    m.Not(declared.OK): "failed",
    declared.WARM: "arrived since `warmup`",
    recovery.BEFORE: "arrived before the trigger",
    recovery.IN_THE_END: "arrived in the end",
    declared.DIALED: "got a local port",
    declared.LATENCY: "latency",
    declared.CONNECT: "connect time (`t_connected` - `t_dial`)",
    declared.CONN_WAIT: "wait for a connection (`t_gotconn` - `t_getconn`)",
    declared.HANDSHAKE: "TLS handshake (`t_tls_done` - `t_tls_start`)",
}
"""What the models name, by its name; the pages say what an ok request and a latency are."""


def metric_table(declarations: m.Declarations) -> str:
    """Name and definition of each metric; `{}` in a name stands for the value that it is counted by."""
    return table(("name", "what it is"), [(code(name), words(metric)) for name, metric in declarations.items()])


def words(of: Any) -> str:
    """Say a value, a condition, some rows or a metric."""
    name = NAMES.get(of) if getattr(of, "__hash__", None) else None
    return name or _say(of)


@singledispatch
def _say(of: Any) -> str:
    raise TypeError(f"{type(of).__name__}: no words for it; add them to {__file__}")


@_say.register
def _(of: str) -> str:
    return code(of)


@_say.register(int)
@_say.register(float)
def _(of: float) -> str:
    return f"{of:g}"


@_say.register
def _(of: m.Number) -> str:
    scaled = of.name if of.times == 1 else f"{Fraction(of.times).limit_denominator(100)} {of.name}"
    return code(f"{scaled} {'+' if of.plus > 0 else '-'} {abs(of.plus):g}" if of.plus else scaled)


@_say.register
def _(of: m.Difference) -> str:
    return f"{code(of.later)} - {code(of.earlier)}"


@_say.register
def _(of: m.Gap) -> str:
    return f"time from {code(of.end)} to the next {code(of.start)} with the same {', '.join(map(code, of.keys))}"


@_say.register
def _(of: m.Known) -> str:
    return f"{words(of.value)} is there"


@_say.register
def _(of: m.Is) -> str:
    if isinstance(of.equals, bool):
        return words(of.value) if of.equals else f"not {words(of.value)}"
    return f"{words(of.value)} is {of.equals if of.equals != '' else 'empty'}"


@_say.register
def _(of: m.Between) -> str:
    low = "" if of.low is None else f" ≥ {words(of.low)}"
    high = "" if of.high is None else f"{' and' if low else ''} < {words(of.high)}"
    return f"{words(of.value)}{low}{high}"


@_say.register
def _(of: m.Not) -> str:
    inner = of.condition
    if isinstance(inner, m.Is) and inner.equals == "":
        return f"{words(inner.value)} is not empty"
    return f"not ({words(inner)})"


@_say.register
def _(of: m.All) -> str:
    return " and ".join(map(words, of.conditions))


@_say.register
def _(of: m.Selection) -> str:
    return of.table + (f" ({', '.join(map(words, of.where))})" if of.where else "")


@_say.register
def _(of: m.Count) -> str:
    return f"number of {words(of.rows)}"


@_say.register
def _(of: m.Distinct) -> str:
    return f"different values of {words(of.value)} among {words(of.rows)}"


@_say.register
def _(of: m.Total) -> str:
    return f"sum of {words(of.value)} over {words(of.rows)}"


@_say.register
def _(of: m.Mean) -> str:
    return f"mean {words(of.value)} of {words(of.rows)}"


@_say.register
def _(of: Deviation) -> str:
    return f"standard deviation of {words(of.value)} of {words(of.rows)}"


@_say.register
def _(of: m.Quantile) -> str:
    return f"{words(of.value)} that {100 * of.p:g} % of {words(of.rows)} do not exceed"


@_say.register
def _(of: m.Bound) -> str:
    end = "lower" if of.end == "low" else "upper"
    what = (
        f"the mean {words(of.value)}" if of.p is None else f"the {words(of.value)} that {100 * of.p:g} % do not exceed"
    )
    return f"{end} bound of the 95 % interval of {what}, from one run of {words(of.rows)}, in order of {code(of.order)}"


@_say.register
def _(of: m.Series) -> str:
    return f"mean {words(of.value)} of {words(of.rows)} in equal steps of {code(of.order)}"


@_say.register
def _(of: m.WarmUp) -> str:
    return f"seconds that MSER-5 would cut of the {words(of.series)}"


@_say.register
def _(of: m.Maximum) -> str:
    return f"largest {words(of.value)}{f', rank {of.rank},' if of.rank > 1 else ''} of {words(of.rows)}"


@_say.register
def _(of: m.Minimum) -> str:
    return f"smallest {words(of.value)} of {words(of.rows)}{_absent(of.absent)}"


@_say.register
def _(of: m.First) -> str:
    return f"{words(of.value)} of the first, by {code(of.order)}, of {words(of.rows)}{_absent(of.absent)}"


@_say.register
def _(of: m.Last) -> str:
    return f"{words(of.value)} of the last, by {code(of.order)}, of {words(of.rows)}{_absent(of.absent)}"


def _absent(value: m.Amount | None) -> str:
    return "" if value is None else f"; {words(value)} if there is none"


@_say.register
def _(of: m.Overtaken) -> str:
    return (
        f"{words(of.rows)} whose {words(of.value)} lies more than {of.by:g} s before that of the row before them,"
        f" by {code(of.order)}"
    )


@_say.register
def _(of: m.Imbalance) -> str:
    figure = "standard deviation over mean" if of.figure == "cv" else "largest over mean"
    return f"{figure} of the numbers of {words(of.rows)} per {code(of.column)}"


@_say.register
def _(of: m.Load) -> str:
    what = "requests" if of.of is None else f"sums of {code(of.of)}"
    if of.until is not None:
        return f"time-means of requests between {code(of.at)} and {code(of.until)}, per {code(of.place)} of a service"
    return f"{what}, by {code(of.at)}, per {code(of.place)} of a service"


_SKEWS = {
    "cv": "coefficient of variation (standard deviation over mean)",
    "max_over_mean": "largest over mean",
    "extra_capacity": "largest over mean, less 1: the capacity beyond an even spread that the fullest one costs,",
    "jain": "Jain's index",
    "sd": "standard deviation (population)",
    "sample_sd": "standard deviation (sample)",
    "cv_by_chance": "root mean square of the coefficient of variation if each request drew its backend by lot,",
}
_OVERS = {"run": "from `warmup` to `duration`", "mean": "mean", "min": "least", "max": "most"}


@_say.register
def _(of: m.Skew) -> str:
    if of.over == "run":
        return f"{_SKEWS[of.figure]} of {words(of.load)}, {_OVERS['run']}"
    return f"{_OVERS[of.over]} over the whole windows of `skew_window` of the {_SKEWS[of.figure]} of {words(of.load)}"


@_say.register
def _(of: m.LevelMean) -> str:
    return f"mean of {code(of.column)}{_from(of.start)}{_to(of.end)}"


def _from(start: m.Amount | None) -> str:
    return "" if start is None else f" from {words(start)}"


def _to(end: m.Amount | None) -> str:
    return "" if end is None else f" to {words(end)}"


@_say.register
def _(of: m.LevelMax) -> str:
    return f"largest sample of {code(of.column)}"


@_say.register
def _(of: m.WindowOf) -> str:
    which = {"least": "smallest", "most": "largest", "last": "last"}[of.which]
    return f"{which} {code(of.column)} of the windows that lie whole{_from(of.start)}{_to(of.end)}"


@_say.register
def _(of: m.LevelAt) -> str:
    return f"{code(of.column)} at {'the end of the run' if of.t is None else words(of.t)}"


@_say.register
def _(of: m.LevelTime) -> str:
    return f"instant of the {of.which} sample of {code(of.column)} above 0; -1 if there is none"


@_say.register
def _(of: m.Counter) -> str:
    return f"counter {code(of.name)}"


@_say.register
def _(of: m.Ratio) -> str:
    return f"{words(of.top)}, over {words(of.bottom)}"


@_say.register
def _(of: m.Minus) -> str:
    return f"{words(of.left)}, less {words(of.right)}"


@_say.register
def _(of: m.AtLeast) -> str:
    return f"1 if {words(of.left)} is at least {words(of.right)}, otherwise 0"


@_say.register
def _(of: m.PerSecond) -> str:
    return f"{words(of.top)}, per second{_from(of.start)}{_to(of.end)}"


@_say.register
def _(of: m.CountEach) -> str:
    return f"number of {words(of.rows)}, for each {code(of.column)}"


@_say.register
def _(of: m.ShareEach) -> str:
    return f"share of {words(of.rows)} that each {code(of.column)} has"


@_say.register
def _(of: m.LevelMeanEach) -> str:
    return f"mean of each {code(of.prefix + 'N')}{_from(of.start)}{_to(of.end)}"


@_say.register
def _(of: m.LevelMaxEach) -> str:
    return f"largest sample of each column that begins with {code(of.prefix)}, by the rest of its name"


@_say.register
def _(of: m.CounterEach) -> str:
    return "every counter of the kernels, by side and its own name"
