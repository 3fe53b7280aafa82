"""The digest of a run: the line that answers, and a table of at most ten rows."""

import re
from collections.abc import Mapping
from typing import Any

from sim.report.number import NONE, percent, plain, seconds
from sim.report.run_record import RunRecord
from sim.report.words import Row, Words
from sim.units import parse_duration

_MOST_NAMED = 3
_MOST_VALUES = 10
"""Figures that stand one by one in a row; of more, only the least and the most."""


def first_line(record: RunRecord, words: Words) -> str:
    """Such as "order-gateway: 72,034 requests in 60 s, 0.00 % failed, p99 121 ms"."""
    summary = record.summary
    total = int(summary.get(words.total) or 0)
    failed = int(summary.get(words.failed) or 0)
    share = percent(failed / total if total else 0.0)
    tail = summary.get(words.tail)
    partial = " (interrupted, so partial)" if record.manifest.get("partial") else ""
    noun = words.one if total == 1 else words.noun
    head = f"{record.name}: {total:,} {noun} in {_duration(record)}, {share} failed"
    return f"{head}, {words.tail.rpartition('_')[2]} {seconds(tail)}{partial}"


def rows(record: RunRecord, words: Words) -> list[tuple[str, str]]:
    """Label and figures; rows of which the run has nothing are left out."""
    found = [(row.label, _figures(row, record, words)) for row in words.rows]
    return [(label, text) for label, text in found if text]


def states(record: RunRecord, words: Words) -> list[tuple[str, str, str]]:
    """What a level is made of, when it was highest and at the end: each state that is not zero at both."""
    total, prefix = words.states
    samples = record.samples
    names = [column for column in samples.columns if prefix and column.startswith(prefix)]
    if total not in samples.columns or not names or samples.is_empty():
        return []
    peak = samples[total].arg_max() or 0
    found = [(name, int(samples[name][peak]), int(samples[name][-1])) for name in (total, *names)]
    return [
        (name.removeprefix(prefix).replace("_", " "), plain(at_peak), plain(at_end))
        for name, at_peak, at_end in found
        if at_peak or at_end
    ]


def family(summary: Mapping[str, Any], prefix: str) -> dict[str, float]:
    """What the summary has under a prefix, the rest of the key to the value, numbers in their order."""
    found = {key.removeprefix(prefix): value for key, value in summary.items() if key.startswith(prefix)}
    plain_ones = {rest: float(value) for rest, value in found.items() if isinstance(value, int | float)}
    return dict(sorted(plain_ones.items(), key=lambda item: [int(n) for n in re.findall(r"\d+", item[0])]))


def fullest(record: RunRecord, words: Words) -> tuple[str, int, int] | None:
    """Of those that have a range of their own, the one that used most of it: its name, its largest level, its range."""
    if words.limit is None or not words.limit.most:
        return None
    ranges = family(record.summary, words.limit.range)
    most = [(name, int(n), int(ranges[name])) for name, n in family(record.summary, words.limit.most).items()]
    return max(most, key=lambda one: one[1] / one[2], default=None)


def _figures(row: Row, record: RunRecord, words: Words) -> str:
    if row.limited and (worst := fullest(record, words)):
        name, most, size = worst
        return f"{plain(most)} of {size:,} ({name})"
    if row.columns:
        level = record.level(row.columns)
        text = "" if level is None else plain(float(level.max() or 0))  # type: ignore[arg-type]
    elif row.named:
        text = _named(record.summary, row)
    else:
        values = (
            list(family(record.summary, row.family).values())
            if row.family
            else [record.summary.get(name) for name in row.metrics]
        )
        texts = [plain(None if value is None else value * row.scale) for value in values]
        if len(values) > _MOST_VALUES:
            known = [value * row.scale for value in values if value is not None]
            return f"{plain(min(known))} to {plain(max(known))} ({len(values)} of them)"
        text = " / ".join(texts) if any(text != NONE for text in texts) else ""
    limit = record.limit(words.limit) if words.limit and row.limited else None
    return f"{text} of {limit:,}" if limit and text else text


def _named(summary: Mapping[str, Any], row: Row) -> str:
    also = {f"{row.also.rstrip(':')} {name}": n for name, n in family(summary, row.also).items()} if row.also else {}
    counts = sorted((family(summary, row.family) | also).items(), key=lambda item: -item[1])
    named = [f"{name} {plain(count)}" for name, count in counts[:_MOST_NAMED] if count]
    more = len([count for _, count in counts[_MOST_NAMED:] if count])
    return ", ".join(named) + (f" and {more} more" if more else "") or ("" if row.if_any else "none")


def _duration(record: RunRecord) -> str:
    """How long requests arrived: of an interrupted run "240 s of 1,200 s"."""
    written = record.scenario.get("duration")
    planned = parse_duration(written) if isinstance(written, str) else written
    if not isinstance(planned, int | float):
        return NONE
    whole, reached = planned / 1e9, record.partial_until
    return seconds(whole) if reached is None or reached >= whole else f"{seconds(reached)} of {seconds(whole)}"
