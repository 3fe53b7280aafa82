"""What a run did to a service-level objective, in sentences, a table, a picture of burn rates. Nothing is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from sim.analysis.interval import Interval
from sim.analysis.objective import Objective
from sim.analysis.slo import Alert, Needs, Outcomes
from sim.report.chart_timeline import Beside, Event, chart_timeline
from sim.report.number import plain
from sim.report.palette import ALARM
from sim.report.picture import Picture
from sim.report.run_pictures import drawn

PANEL_INCHES = 1.7
IN_BURSTS = 2.0
"""Variance over mean from which on bad ones are said to come in bursts."""
COLUMNS = ("alert", "windows", "factor", "fastest burn, long", "short", "fires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An objective, and all that was found."""

    objective: Objective
    noun: str
    outcomes: Outcomes
    share: Interval
    """Of bad ones."""
    alerts: Sequence[Alert]
    needs: Needs
    dispersion: float
    lasts: float
    """How long the period's budget would last, s."""
    period: float

    @property
    def is_met(self) -> bool:
        """Whether no more were bad than the budget lets."""
        return self.share.estimate <= self.objective.budget

    @property
    def is_sure(self) -> bool:
        """Whether the interval lies on one side of the budget."""
        return not self.share.low <= self.objective.budget <= self.share.high


def first_line(judged: Judgement) -> str:
    """The answer."""
    outcomes = judged.outcomes
    verdict = ("MET" if judged.is_met else "MISSED") + ("" if judged.is_sure else ", but by chance it may be otherwise")
    share = _share(1 - judged.share.estimate, judged.objective.budget)
    return f"{judged.objective.text}: {verdict}: {share} of {outcomes.n:,} {judged.noun}; {outcomes.n_bad:,} were bad"


def sentences(judged: Judgement) -> list[str]:
    """What follows: the budget, the interval, what it takes to measure such a target."""
    budget, share, need = judged.objective.budget, judged.share, judged.needs
    times, low, high = (plain(value / budget) for value in (share.estimate, share.low, share.high))
    said = [f"The budget is {_share(budget, budget)}; the run burnt {times} times that, 95 % interval {low} to {high}."]
    if share.estimate > budget:
        said.append(f"Like this the budget of {_time(judged.period)} lasts for {_time(judged.lasts)}.")
    if judged.dispersion > IN_BURSTS:
        said.append(
            f"Bad ones come in bursts (variance over mean {plain(judged.dispersion)}): the interval is too narrow, and "
            "only replications tell how much."
        )
    enough = "enough" if judged.outcomes.n >= need.ten else "too few"
    as_long = _time(need.ten / judged.outcomes.rate)
    said.append(
        f"{judged.outcomes.n:,} {judged.noun} are {enough} to measure such a target. With {need.ten:,} ({as_long} of "
        f"this traffic) its budget is ten bad ones; {need.none:,} without a bad one show that it is kept; "
        f"{need.double:,} tell it from twice the budget; {need.tenth:,} measure it to 10 %."
    )
    return said


def rows_of(judged: Judgement) -> list[list[str]]:
    """A row for each alert."""
    return [
        [
            alert.rule.severity,
            f"{_time(alert.long)} and {_time(alert.short)}",
            plain(alert.rule.factor),
            plain(float(alert.burn_long.max())),
            plain(float(alert.burn_short.max())),
            _fires(alert),
        ]
        for alert in judged.alerts
    ]


def document(judged: Judgement) -> dict[str, Any]:
    """The same for programs; times in s."""
    need, share = judged.needs, judged.share
    return {
        "objective": judged.objective.text,
        "target": judged.objective.target,
        "met": judged.is_met,
        "sure": judged.is_sure,
        "n": judged.outcomes.n,
        "bad": judged.outcomes.n_bad,
        "burn": share.estimate / judged.objective.budget,
        "bad_share": {"value": share.estimate, "low": share.low, "high": share.high},
        "dispersion": judged.dispersion,
        "budget_lasts": judged.lasts,
        "needs": {name: getattr(need, name) for name in ("none", "ten", "fifty", "double", "tenth")},
        "alerts": [
            {
                "severity": alert.rule.severity, "long": alert.long, "short": alert.short,
                "factor": alert.rule.factor, "burn_long_max": float(alert.burn_long.max()),
                "burn_short_max": float(alert.burn_short.max()), "fired": [list(one) for one in alert.fired],
            }
            for alert in judged.alerts
        ],
    }  # fmt: skip


def picture_of(judged: Judgement, name: str, events: Sequence[Event] = ()) -> Picture:
    """A panel for each alert: both burn rates, the factor, and when it fires."""
    fired = [(alert, alert.fired[0][0]) for alert in judged.alerts if alert.fired]
    first = min(fired, key=lambda one: one[1]) if fired else None
    answer = (
        f"{judged.objective.text}: no alert fires" if first is None
        else f"{judged.objective.text}: a {first[0].rule.severity} fires at {first[1]:.3g} s"
    )  # fmt: skip

    def draw(axes: list[Axes], title: str) -> None:
        at = judged.alerts[0].at.tolist()
        panels: dict[str, Mapping[str, Sequence[float]]] = {
            f"{alert.rule.severity} {i}": {
                _time(alert.long): alert.burn_long.tolist(),
                _time(alert.short): alert.burn_short.tolist(),
            }
            for i, alert in enumerate(judged.alerts, 1)
        }
        limits = {
            label: (f"fires above {plain(alert.rule.factor)}", alert.rule.factor)
            for label, alert in zip(panels, judged.alerts, strict=True)
        }
        chart_timeline(axes, at, panels, beside=Beside(events=events, limits=limits), answer=title)
        for ax, alert in zip(axes, judged.alerts, strict=True):
            for begin, end in alert.fired:
                ax.axvspan(begin, end, ymax=0.04, color=ALARM, lw=0)

    question = "Burn rate: the share of bad ones in a window over the budget. What lay before the run counts as good."
    caption = "Bars at the foot: the alert fires, since both of its windows burn faster than its factor."
    rows = len(judged.alerts)
    return drawn(name, (answer, question, caption), draw, rows=rows, height=PANEL_INCHES * rows + 0.8)


def _fires(alert: Alert) -> str:
    if not alert.fired:
        return "no"
    begin, end = alert.fired[0]
    more = f", {len(alert.fired) - 1} times more" if len(alert.fired) > 1 else ""
    return f"at {begin:.4g} s until {'the end' if end >= alert.at[-1] else f'{end:.4g} s'}{more}"


def _share(value: float, budget: float) -> str:
    """In per cent, with as many digits as the budget has places."""
    digits = max(2, len(f"{budget * 100:.10f}".rstrip("0").partition(".")[2]) + 1)
    return f"{100 * value:.{digits}f} %"


def _time(seconds: float) -> str:
    """In the largest unit of which there is one, three digits at most."""
    for unit, size in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{1e3 * seconds:.3g} ms"
