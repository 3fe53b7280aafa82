"""The page of a search: the settings found, how they compare with each other and the base, the way there."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.chart_arms import Bar, chart_arms
from sim.report.chart_search import chart_search
from sim.report.number import plain
from sim.report.page import Page, Table
from sim.report.picture import Picture
from sim.report.run_pictures import drawn
from sim.search.tuned import BASE, Finalist, Tuned, certainty


def tune_page(found: Tuned, command: str, origin: Mapping[str, str]) -> Page:
    """Lay out what a search found; `command` is the line that gives it again."""
    tuning = found.tuning
    tables = [settings_table(found), finalists_table(found), objectives_table(found)]
    return Page(
        title=f"{found.study.name}: tuning",
        answer=tune_line(found),
        setting=f"{found.study.question} {len(found.tried)} settings tried with {tuning.replications} replications"
        f" each; {len(found.finalists)} finalists and the base compared with {tuning.compare} fresh ones.".strip(),
        warnings=found.warnings,
        pictures=tune_pictures(found),
        tables=[table for table in tables if table.rows],
        assumptions=(
            f"Cost: {cost_in_words(found)}.",
            "Means of few replications flatter what is chosen by them: finalists are judged on others.",
            "All settings see the same random inputs (common random numbers): differences are paired.",
            "Finalists are judged together (Holm over all pairs): with 5 % at most, a difference called real is none.",
        ),
        command=command,
        origin=dict(origin),
    )


def tune_line(found: Tuned) -> str:
    """The answer in a line."""
    name = found.study.name
    if found.is_partial:
        return f"{name}: interrupted after {len(found.tried)} of {found.tuning.trials} settings"
    best = found.best
    if best is None or best.cost is None:
        return f"{name}: no setting keeps the objectives, of {len(found.tried)} tried"
    gain = "" if found.gain is None else f", {_gain(found)}"
    kept = {0: "", 1: "keeps the objective ", 2: "keeps both objectives "}.get(len(best.slo), "keeps all objectives ")
    return f"{name}: setting {best.name} {kept}at a cost of {plain(best.cost.estimate)}{gain}"


def _gain(found: Tuned) -> str:
    gap = found.gain
    assert gap is not None
    ends = f"{plain(gap.low)} to {plain(gap.high)}"
    if gap.high < 0:
        return f"{plain(-gap.estimate)} below the base's ({ends})"
    if gap.low > 0:
        return f"{plain(gap.estimate)} above the base's ({ends})"
    return f"no different from the base's ({ends})"


def cost_in_words(found: Tuned) -> str:
    """The cost as a sum."""
    return " + ".join(f"{weight:g} x {metric}" for metric, weight in found.tuning.terms.items())


def set_lines(settings: Mapping[str, Any]) -> list[str]:
    """The settings as options of `sim run` and `sim sweep`, one per line, to be pasted."""
    words = [f"--set {shlex.quote(f'{path}={_yaml(value)}')}" for path, value in settings.items()]
    return [word + (" \\" if i < len(words) - 1 else "") for i, word in enumerate(words)]


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def settings_table(found: Tuned) -> Table:
    """The best settings beside what the base has."""
    if not found.finalists:
        return Table(title="Settings", columns=(), rows=())
    return Table(
        title="The settings", columns=("setting", "value"),
        rows=[(path, _yaml(value)) for path, value in found.finalists[0].settings.items()], numeric=frozenset({1}),
    )  # fmt: skip


def finalists_table(found: Tuned) -> Table:
    """One row per finalist, then the base: settings, cost, difference to the best and whether it is real."""
    names = list(found.names.items())
    rows = [_row(one, names, found) for one in _all(found)]
    columns = ("setting", *(name for _, name in names), "cost", "95 % interval", "above the best", "objectives")
    numeric = frozenset(range(1, len(names) + 4))
    return Table(title="Finalists", columns=columns, rows=rows, numeric=numeric)


def _row(one: Finalist, names: Sequence[tuple[str, str]], found: Tuned) -> tuple[str, ...]:
    settings = [_yaml(one.settings[path]) if one.settings else "–" for path, _ in names]
    cost = ("–", "") if one.cost is None else (plain(one.cost.estimate), _ends(one.cost.low, one.cost.high))
    missed = [kept.objective.metric for kept in one.slo if not kept.is_met]
    kept = "met" if not missed else f"MISSED: {', '.join(missed)}"
    return (one.name, *settings, *cost, _above(one, found), kept if one.slo else "none stated")


def _above(one: Finalist, found: Tuned) -> str:
    if one is found.base:
        gap = found.gain
        if gap is None:
            return ""
        return _difference(0 - gap.estimate, 0 - gap.high, 0 - gap.low)
    if one.versus_best is None:
        return "the best" if found.finalists and one is found.finalists[0] else ""
    return _difference(one.versus_best.estimate, one.versus_best.low, one.versus_best.high)


def _difference(gap: float, low: float, high: float) -> str:
    if low == high == 0:
        return "the same"
    return f"{plain(gap)} ({_ends(low, high)}), {'real' if low > 0 or high < 0 else 'may be chance'}"


def objectives_table(found: Tuned) -> Table:
    """Each objective at each finalist and at the base."""
    rows = [
        (
            one.name,
            f"{kept.objective.metric} {kept.objective.op} {kept.objective.value}",
            "–" if kept.found is None else plain(kept.found.estimate),
            "" if kept.found is None else _ends(kept.found.low, kept.found.high),
            certainty(kept),
        )
        for one in _all(found)
        for kept in one.slo
    ]
    columns = ("setting", "objective", "found", "95 % interval", "result")
    return Table(title="Objectives", columns=columns, rows=rows, numeric=frozenset({2, 3}))


def _all(found: Tuned) -> list[Finalist]:
    return [*found.finalists, *([found.base] if found.base is not None else [])]


def _ends(low: float, high: float) -> str:
    return f"{plain(low)} to {plain(high)}"


def tune_pictures(found: Tuned) -> list[Picture]:
    """The finalists with their intervals, and the search."""
    return [picture for picture in (_finalists(found), _search(found)) if picture is not None]


def _finalists(found: Tuned) -> Picture | None:
    bars = {}
    for one in _all(found):
        if one.cost is not None:
            missed = "" if one.is_met else ", misses"
            bars[f"{one.name}{missed}"] = Bar(mean=one.cost.estimate, low=one.cost.low, high=one.cost.high)
    if not bars:
        return None
    real = sum(one.is_worse for one in found.finalists)
    others = max(len(found.finalists) - 1, 0)
    first = found.finalists[0].name if found.finalists else BASE
    answer = f"Setting {first} is the cheapest that keeps the objectives; {real} of {others} others really cost more"
    if found.best is None:
        answer = "No setting keeps the objectives"
    caption = f"Means of {found.tuning.compare} fresh replications with 95 % intervals. Cost: {cost_in_words(found)}."
    question = found.study.question or found.study.name
    return drawn(
        "tune-1-finalists", (answer, question, caption),
        lambda axes, text: chart_arms(axes[0], bars, xlabel="cost", answer=text),
        height=max(2.2, 1.3 + 0.42 * len(bars)),
    )  # fmt: skip


def _search(found: Tuned) -> Picture | None:
    known = [(one.cost, one.is_feasible) for one in found.tried if one.cost is not None]
    if not known:
        return None
    costs, kept = [cost for cost, _ in known], [is_kept for _, is_kept in known]
    base = found.base.cost.estimate if found.base is not None and found.base.cost is not None else None
    good = [cost for cost, is_kept in known if is_kept]
    answer = f"The search comes down to {plain(min(good))}" if good else "No setting tried keeps the objectives"
    caption = f"Each mark is the mean of {found.tuning.replications} replications. Cost: {cost_in_words(found)}."
    return drawn(
        "tune-2-search", (answer, found.study.question or found.study.name, caption),
        lambda axes, text: chart_search(axes[0], costs, kept, base=base, answer=text),
    )  # fmt: skip
