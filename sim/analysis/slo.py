"""Objectives: error budgets, burn rates, alerts on them; how many outcomes a target takes. It reads nothing.

Source: Google SRE workbook, chapter Alerting on SLOs; windows and factors as sloth has them (google-30d).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, log, log1p, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.interval import Interval

HOUR, DAY = 3600.0, 86_400.0
PERIOD = 30 * DAY
"""The period that a budget is for, s."""
CONFIDENCE = 0.95

Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert: both windows burn faster than the factor."""

    severity: str
    share: float
    """Of the period's budget that the long window may use up."""
    long: float
    """s, of a period of 30 days."""
    short: float

    @property
    def factor(self) -> float:
        """How many times faster than the budget lasts for the period."""
        return self.share * PERIOD / self.long


RULES = (
    Rule("page", 0.02, HOUR, 300.0),
    Rule("page", 0.05, 6 * HOUR, 1800.0),
    Rule("ticket", 0.10, DAY, 2 * HOUR),
    Rule("ticket", 0.10, 3 * DAY, 6 * HOUR),
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How what was asked for ended in a run: instants in ascending order, and which were bad."""

    ends: Floats
    """s from the start, ``(n,)`` with n > 0."""
    bad: Floats
    """Truth values, ``(n,)``."""
    duration: float
    """s."""

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.ends)

    @property
    def n_bad(self) -> int:
        """How many were bad."""
        return int(np.count_nonzero(self.bad))

    @property
    def rate(self) -> float:
        """How many a second, over the whole run."""
        return self.n / self.duration

    def error_ratio(self, window: float, at: Floats) -> Floats:
        """The share of bad ones among those of the last `window` (s) at each instant.

        Notes
        -----
        Where a window begins before the run, what lay there is taken to have been as frequent as in the run, and good.
        """
        before = max(window, 0.0) - np.minimum(at, window)
        all_ = self._within(self.ends, window, at) + self.rate * before
        bad = self._within(self.ends[self.bad.astype(bool)], window, at)
        found: Floats = np.divide(bad, all_, out=np.zeros_like(at), where=all_ > 0)
        return found

    def bad_within(self, window: float, at: Floats) -> Floats:
        """How many were bad in the last `window` (s) at each instant."""
        return self._within(self.ends[self.bad.astype(bool)], window, at)

    @staticmethod
    def _within(ends: Floats, window: float, at: Floats) -> Floats:
        upto = np.searchsorted(ends, at, side="right")
        found: Floats = (upto - np.searchsorted(ends, at - window, side="right")).astype(np.float64)
        return found


@dataclass(frozen=True, slots=True)
class Alert:
    """What one rule did in a run."""

    rule: Rule
    long: float
    """The windows as they were evaluated, s."""
    short: float
    at: Floats
    burn_long: Floats
    burn_short: Floats
    fired: tuple[tuple[float, float], ...]
    """Begin and end of each time that it fired, s; the end of the run where it still does."""


@dataclass(frozen=True, slots=True)
class Needs:
    """How many outcomes it takes to say something of a budget."""

    none: int
    """To show with 95 % confidence that the share of bad ones is below it, if none is."""
    ten: int
    """For ten bad ones to be expected: their interval is a factor of four wide."""
    fifty: int
    """For fifty: the interval is about 28 % to each side."""
    double: int
    """To tell it from twice as many, one-sided 5 %, with a power of 80 %."""
    tenth: int
    """For an interval of 10 % to each side."""


def alerts(
    outcomes: Outcomes, budget: float, *, period: float = PERIOD, at_least: int = 1, rules: Sequence[Rule] = RULES
) -> list[Alert]:
    """What each rule would have done, evaluated every second, or more often where a window is short.

    Parameters
    ----------
    budget : the share that may be bad, as 0.001.
    period : what the budget is for, s; windows shrink with it.
    at_least : bad ones that have to lie in the short window: where traffic is low a single one would do otherwise.
    """
    scale = period / PERIOD
    step = min(1.0, min(rule.short for rule in rules) * scale / 5)
    step = max(step, outcomes.duration / _MOST_STEPS)
    at = np.append(np.arange(step, outcomes.duration, step), outcomes.duration)
    return [_alert(outcomes, budget, rule, scale=scale, at=at, at_least=at_least) for rule in rules]


def _alert(  # parameters: what a rule is evaluated with
    outcomes: Outcomes, budget: float, rule: Rule, *, scale: float, at: Floats, at_least: int
) -> Alert:
    long, short = rule.long * scale, rule.short * scale
    burn_long, burn_short = (outcomes.error_ratio(window, at) / budget for window in (long, short))
    enough = outcomes.bad_within(short, at) >= at_least
    fires = (burn_long > rule.factor) & (burn_short > rule.factor) & enough
    edges = np.flatnonzero(np.diff(np.concatenate([[False], fires, [False]]).astype(np.int8)))
    ends = at[np.minimum(edges, len(at) - 1)].tolist()
    return Alert(rule, long, short, at, burn_long, burn_short, tuple(zip(ends[::2], ends[1::2], strict=True)))


_MOST_STEPS = 100_000


def share_interval(bad: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's interval of a share: it holds where few or none are bad, too.

    Examples
    --------
    >>> found = share_interval(10, 200_000)
    >>> f"{found.low:.1e} {found.high:.1e}"
    '2.7e-05 9.2e-05'
    """
    found = stats.binomtest(bad, n).proportion_ci(confidence, method="wilson")
    return Interval(bad / n, float(found.low), float(found.high), confidence)


def needs(budget: float) -> Needs:
    """How many outcomes it takes for a share as small as the budget.

    Examples
    --------
    >>> needs(5e-5)
    Needs(none=59914, ten=200000, fifty=1000000, double=160770, tenth=7682920)
    """
    z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    one_sided, power = float(stats.norm.ppf(0.95)), float(stats.norm.ppf(0.8))
    twice = min(2 * budget, 1.0)
    spread = one_sided * sqrt(budget * (1 - budget)) + power * sqrt(twice * (1 - twice))
    return Needs(
        none=ceil(log(1 - CONFIDENCE) / log1p(-budget)),
        ten=ceil(_whole(10 / budget)),
        fifty=ceil(_whole(50 / budget)),
        double=ceil((spread / (twice - budget)) ** 2) if twice > budget else 0,
        tenth=ceil((z / 0.1) ** 2 * (1 - budget) / budget),
    )


def _whole(value: float) -> float:
    """Without the last digits, which 1 - 0.999 leaves over."""
    return float(f"{value:.9g}")


def dispersion(outcomes: Outcomes, batches: int = 50) -> float:
    """Variance over mean of the bad ones in equal pieces of the run: 1 where they come by chance, more in bursts.

    NaN where there is none.
    """
    ends = outcomes.ends[outcomes.bad.astype(bool)]
    counts = np.histogram(ends, bins=batches, range=(0.0, outcomes.duration))[0]
    return float(counts.var(ddof=1) / counts.mean()) if len(ends) else float("nan")


def lasts(outcomes: Outcomes, budget: float, period: float = PERIOD) -> float:
    """How long the period's budget would last if it went on like this, s; infinite where nothing was bad."""
    ratio = outcomes.n_bad / outcomes.n
    return budget / ratio * period if ratio else inf
