"""The pictures of one run: levels over time, the limit, percentiles, shares; their titles come from the data."""

from collections.abc import Callable, Mapping, Sequence
from math import nan
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from sim.analysis.quantile import quantile
from sim.report.chart_against_limit import chart_against_limit
from sim.report.chart_bars import chart_bars
from sim.report.chart_load import chart_load
from sim.report.chart_percentiles import chart_percentiles
from sim.report.chart_shares import chart_shares
from sim.report.chart_timeline import Beside, Event, chart_timeline
from sim.report.figure import SIZE, blank, house_style
from sim.report.number import percent, plain, seconds
from sim.report.picture import Picture
from sim.report.run_balance import load_map
from sim.report.run_digest import family, fullest
from sim.report.run_events import marks
from sim.report.run_record import RunRecord
from sim.report.words import Words
from sim.units import parse_duration

PANEL_INCHES = 1.6
_MOST_BARS = 16
"""Shares whose names and numbers have room below one another."""
_CAPTION = "One run, seed {seed}; no interval, since one run has none. `sim sweep` gives intervals over replications."


def run_pictures(record: RunRecord, words: Words) -> list[Picture]:
    """All pictures for which the run has the data."""
    makers = (_timeline, _windows, _against_limit, _percentiles, _shares, _load)
    return [picture for make in makers if (picture := make(record, words)) is not None]


def events_of(scenario: Mapping[str, Any]) -> list[Event]:
    """The scenario's timeline as events: what is at the same entry as ``at`` and has a ``for`` becomes a span."""
    found = []
    for entry in scenario.get("timeline") or ():
        for kind, told in entry.items():
            if kind != "at" and told is not None:  # a manifest states the kinds that an entry has not
                found.append(_event(kind, _seconds(entry.get("at", 0)), told))
    return found


def drawn(
    name: str,
    words: tuple[str, str, str],
    draw: Callable[[list[Axes], str], Any],
    *,
    rows: int = 1,
    height: float = SIZE[1],
) -> Picture:
    """Draw on an empty figure in the house's style; `words` are answer, question and caption."""
    answer, question, caption = words
    with house_style():
        figure, axes = blank(rows, height)
        draw(axes, f"{answer}\n{question}")
    told = f"{answer}. {question} {caption}"
    return Picture(name=name, answer=answer, question=question, caption=caption, alternative=told, figure=figure)


def _event(kind: str, at: float, told: Any) -> Event:
    if not isinstance(told, Mapping):
        return Event(kind, at)
    span = told.get("for")
    named = {key: value for key, value in told.items() if key != "for" and value not in ("", None)}
    who = [
        f"{key} {value}"
        for key, value in named.items()
        if not isinstance(value, Mapping | list | bool) or value is True
    ]
    return Event(" ".join([kind, *who]), at, at + _seconds(span) if span else None)


def _seconds(written: Any) -> float:
    return parse_duration(written) / 1e9 if isinstance(written, str) else float(written) / 1e9


def _caption(record: RunRecord) -> str:
    return _CAPTION.format(seed=record.manifest.get("seed", "unknown"))


def _timeline(record: RunRecord, words: Words) -> Picture | None:
    column, name = words.peak
    samples = record.samples
    if column not in samples.columns or samples.height < 2:
        return None
    known = {
        label: {line: samples[column].to_list() for line, column in lines.items() if column in samples.columns}
        for label, lines in words.panels.items()
    }
    panels = {label: lines for label, lines in known.items() if lines}
    at = int(samples[column].arg_max() or 0)
    answer = f"{name} peak at {plain(float(samples[column][at]))}, {plain(float(samples['t'][at]))} s after the start"
    words_told = (answer, f"How do the counts of {record.name} move over time?", _caption(record))
    height = 1.1 + PANEL_INCHES * len(panels)
    times = samples["t"].to_list()
    events = _events(record, words, times[-1])
    return drawn(
        "timeline", words_told,
        lambda axes, text: chart_timeline(axes, times, panels, beside=Beside(events), answer=text),
        rows=len(panels), height=height,
    )  # fmt: skip


def _events(record: RunRecord, words: Words, end: float) -> list[Event]:
    """What the timeline did, as it was recorded, or else as it was asked for."""
    told = marks(record.events, record.end, words.steps) if record.events.height else events_of(record.scenario)
    return [event for event in told if event.at <= end]


def _windows(record: RunRecord, words: Words) -> Picture | None:
    windows = record.windows
    panels = {
        label: {line: windows[column].fill_null(nan).to_list() for line, column in lines.items()}
        for label, lines in words.windows.items()
        if set(lines.values()) <= set(windows.columns)
    }
    if not panels or windows.height < 2:
        return None
    starts = windows["t"].to_list()
    width = starts[1] - starts[0]
    column, name = words.worst
    worst = windows[column].arg_max()
    answer = f"{name} is worst {plain(starts[worst or 0])} s after the start: {seconds(windows[column][worst or 0])}"
    told = (
        answer,
        f"What does {record.name} give its callers over time, in windows of {plain(width)} s?",
        _caption(record),
    )
    events = _events(record, words, starts[-1])
    return drawn(
        "windows", told, lambda axes, text: chart_timeline(axes, starts, panels, beside=Beside(events), answer=text),
        rows=len(panels), height=1.1 + PANEL_INCHES * len(panels),
    )  # fmt: skip


def _against_limit(record: RunRecord, words: Words) -> Picture | None:
    limit = words.limit and record.limit(words.limit)
    level = record.level(words.limit.columns) if words.limit else None
    if not words.limit or not limit or level is None or len(level) < 2 or fullest(record, words) is not None:
        return None  # over several ranges, the sum says nothing of the limit of one
    most, times = float(level.max() or 0), record.samples["t"].to_list()  # type: ignore[arg-type]
    noun, limit_name = words.limit.noun, words.limit.name
    answer = f"At most {most:,.0f} of {limit:,} {noun} are taken, {percent(most / limit)}"
    if most == limit:
        answer = (
            f"All {limit:,} {noun} are taken {plain(times[int((level >= limit).arg_max() or 0)])} s after the start"
        )
    told = (answer, f"Do the {noun} of {record.name} run out?", _caption(record))
    levels = {"taken": level.to_list()}
    return drawn(
        "limit", told,
        lambda axes, text: chart_against_limit(axes[0], times, levels, limit=(limit_name, limit), answer=text),
    )  # fmt: skip


def _percentiles(record: RunRecord, words: Words) -> Picture | None:
    groups = _latencies(record)
    if not groups:
        return None
    curves = {
        name: [(p, 1000 * quantile(values, p)) for p in _shares_below(len(values))] for name, values in groups.items()
    }
    together = pl.concat(list(groups.values()))
    answer = f"One in a hundred takes longer than {seconds(quantile(together, 0.99))}"
    told = (answer, f"How long do {words.noun} that succeed take, from their arrival?", _caption(record))
    return drawn(
        "percentiles",
        told,
        lambda axes, text: chart_percentiles(axes[0], curves, ylabel="time taken (ms)", answer=text),
    )


def _latencies(record: RunRecord) -> dict[str, pl.Series]:
    """Workload to seconds from the arrival to the end of those that succeeded after the warm-up."""
    table = record.requests
    if not {"t_arrival", "t_done", "err", "workload"} <= set(table.columns):
        return {}
    warm = _seconds(record.scenario.get("warmup") or 0)
    ok = table.filter((pl.col("err") == "") & (pl.col("t_arrival") >= warm) & pl.col("t_done").is_not_null())
    taken = ok.select("workload", taken=pl.col("t_done") - pl.col("t_arrival"))
    parts = taken.partition_by("workload", as_dict=True, maintain_order=True)
    return {str(name[0]): part["taken"] for name, part in parts.items()}


def _shares_below(n: int) -> Sequence[float]:
    """Percentiles that n values can tell: at least ten lie above the last."""
    return [p for p in (0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999) if n * (1 - p) >= 10] or [0.5]


def _shares(record: RunRecord, words: Words) -> Picture | None:
    prefix, noun = words.share
    shares = family(record.summary, prefix) if prefix else {}
    if len(shares) < 2:
        return None
    most = max(shares, key=lambda key: shares[key])
    fair = f"{100 / len(shares):.3g} %"
    answer = f"{noun.capitalize()} {most} serves {100 * shares[most]:.3g} %; an even share would be {fair}"
    told = (answer, f"Which share of the {words.noun} does each {noun} serve?", _caption(record))
    if len(shares) > _MOST_BARS:
        values = list(shares.values())
        return drawn("shares", told, lambda axes, text: chart_shares(axes[0], values, f"{noun}s", answer=text))
    parts = [f"{noun} {key}" for key in shares]
    return drawn(
        "shares", told, lambda axes, text: chart_bars(axes[0], parts, {"": list(shares.values())}, answer=text)
    )


def _load(record: RunRecord, words: Words) -> Picture | None:
    found = load_map(record, words)
    if found is None:
        return None
    told = (found.answer, found.question, f"{found.caption} {_caption(record)}")
    warm = _seconds(record.scenario.get("warmup") or 0)
    events = [*([Event("warm-up ends", warm)] if warm else []), *_events(record, words, found.end)]
    return drawn(
        "load",
        told,
        lambda axes, text: chart_load(axes, found.panels, found.steps, events=events, answer=text),
        rows=len(found.panels),
        height=found.height,
    )
