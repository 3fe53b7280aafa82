"""Explanation: in a few sentences, what limited a run and where the time of its slow ways went."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.decomposition import Share
from sim.report.figure import blank, house_style
from sim.report.number import percent, seconds
from sim.report.picture import Picture
from sim.report.run_digest import family, first_line, fullest
from sim.report.run_record import RunRecord
from sim.report.words import Words

_FIGURE = re.compile(r"\{([^{}:]+):?([^{}]*)\}")
WORTH_SAYING = 0.05
"""Share of the whole from which on a phase is named in the sentence."""
_MOST_ERRORS = 3
NEARLY = 0.8
"""Share of a range from which on it is said to be nearly used up."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said about a run."""

    shares: Sequence[Share]
    sentences: Sequence[str]

    def document(self) -> dict[str, Any]:
        """The same for programs; times in s."""
        return {
            "sentences": list(self.sentences),
            "shares": [
                {"quantile": share.p, "n": share.n, "seconds": share.whole, "phases": share.phases}
                for share in self.shares
            ],
        }


def explain(record: RunRecord, words: Words, shares: Sequence[Share]) -> Explanation:
    """Sentences from the run's figures: its line, its slow tail, what was used up, what else stands out."""
    said = [first_line(record, words) + "."]
    tail = [share for share in shares if share.p is not None and share.p >= 0.99]
    if tail:
        said.append(_where(tail[0], words))
    said += _errors(record, words)
    said += _range(record, words)
    said += [_filled(finding.text, record.summary) for finding in words.findings if _holds(finding, record)]
    return Explanation(tuple(shares), tuple(said))


def picture_of(shares: Sequence[Share], words: Words) -> Picture:
    """A bar for the mean and each quantile, cut into phases."""
    scale, unit = (1.0, "s") if shares[-1].whole >= 1 else (1e3, "ms")
    bars = {_name(share): {name: value * scale for name, value in share.phases.items()} for share in shares}
    tail = shares[-1]
    answer = f"{_name(tail)}: {seconds(tail.phases[tail.largest])} of {seconds(tail.whole)}: {tail.largest}"
    from sim.report.chart_stack import chart_stack

    with house_style():
        figure, (ax,) = blank(height=4.6)
        chart_stack(ax, bars, unit=f"time ({unit})", ends=[seconds(share.whole) for share in shares],
                    answer=f"{answer}\nMeans of the {words.noun} around each quantile of the latency.")  # fmt: skip
    return Picture(
        name="where-the-time-went", answer=answer, question=f"Means of the {words.noun} around each quantile.",
        caption="Phases follow one another from left to right and sum up to the whole.",
        alternative="; ".join(f"{_name(share)} {seconds(share.whole)}, mostly {share.largest}" for share in shares),
        figure=figure,
    )  # fmt: skip


def rows_of(shares: Sequence[Share]) -> tuple[list[str], list[list[str]]]:
    """A table: a row for each phase that anything went into, a column for the mean and each quantile."""
    names = [name for name in shares[0].phases if any(share.phases[name] > 0 for share in shares)]
    body = [[name, *(seconds(share.phases[name]) for share in shares)] for name in names]
    return ["phase", *map(_name, shares)], [*body, ["all", *(seconds(share.whole) for share in shares)]]


def _filled(text: str, summary: Mapping[str, Any]) -> str:
    """The sentence with its figures; names have dots, which str.format would take for attributes."""
    return _FIGURE.sub(lambda found: format(summary.get(found[1], 0), found[2]), text)


def _range(record: RunRecord, words: Words) -> list[str]:
    """What was nearly or wholly used up, of those that have a range of their own, or of the only one."""
    if words.limit is None:
        return []
    worst = fullest(record, words)
    if worst is None:
        size, level = record.limit(words.limit), record.level(words.limit.columns)
        if not size or level is None:
            return []
        worst = ("", int(level.max() or 0), size)  # type: ignore[arg-type]  # a column of whole numbers
    name, most, size = worst
    if most < NEARLY * size:
        return []
    how = "were all taken" if most >= size else f"were taken up to {percent(most / size)}"
    return [f"The {size:,} {words.limit.noun}{f' of {name}' if name else ''} {how}."]


def _errors(record: RunRecord, words: Words) -> list[str]:
    """How those that failed did, the most frequent first."""
    row = next((row for row in words.rows if row.named and row.family), None)
    found = sorted(family(record.summary, row.family).items(), key=lambda item: -item[1]) if row else []
    if not found:
        return []
    more = f", {len(found) - _MOST_ERRORS} kinds more" if len(found) > _MOST_ERRORS else ""
    return [f"Errors: {', '.join(f'{n:,.0f} {name}' for name, n in found[:_MOST_ERRORS])}{more}."]


def _where(share: Share, words: Words) -> str:
    """Such as "The request at p99 took 127 ms: is served 125 ms (98.20 %)"."""
    named = sorted(share.phases.items(), key=lambda item: -item[1])
    worth = [(name, value) for name, value in named if value >= WORTH_SAYING * share.whole and value > 0]
    told = ", ".join(f"{name} {seconds(value)} ({percent(value / share.whole)})" for name, value in worth)
    return f"The {words.one} at {_name(share)} took {seconds(share.whole)}: {told}."


def _holds(finding: Any, record: RunRecord) -> bool:
    value = record.summary.get(finding.metric)
    if value is None and finding.metric.endswith(":"):
        value = sum(family(record.summary, finding.metric).values())
    of = record.summary.get(finding.of, 0) if finding.of else 1
    return bool(value is not None and of and value / of > finding.above)


def _name(share: Share) -> str:
    return "mean" if share.p is None else f"p{100 * share.p:g}"
