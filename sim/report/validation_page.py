"""The page of a validation: how close, experiment by experiment, and what is out of tolerance, and why."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from statistics import fmean

from sim.records.disk import write_whole
from sim.report.chart_deviations import chart_deviations
from sim.report.figure import blank, house_style
from sim.validation.differences import Difference, why
from sim.validation.reality import CaseVerdict
from sim.validation.tolerance import Verdict

PAGE, PICTURE = "validation.md", "validation.png"
_KEY = "A row is an experiment, a point one of its quantities; those out of tolerance are orange."


def write_validation(judged: Sequence[CaseVerdict], differences: Sequence[Difference], out: Path) -> Path:
    """Write the page and its picture below `out`; the page's path."""
    _draw(judged, out / PICTURE)
    page = out / PAGE
    write_whole(page, ("\n".join(_page(judged, differences)) + "\n").encode())
    return page


def _page(judged: Sequence[CaseVerdict], differences: Sequence[Difference]) -> Iterator[str]:
    yield "# Compared with recordings\n"
    yield f"{_within(judged)}. A real Go client and a real Go server did this on Linux;"
    yield "the arrivals and service times that they had were replayed.\n"
    yield f"![How far simulated figures lie from measured ones, in tolerances]({PICTURE})\n"
    yield "A row of points is an experiment with all its variants; a point is a quantity on which the repetitions agree"
    yield "within 10 %. The band is its tolerance. Where they agree less, ranges have to overlap, which is not drawn.\n"
    yield "## How close\n"
    yield from _per_case(judged)
    yield "\n## What is out of tolerance, and why\n"
    yield from _outside(judged, differences)


def _within(judged: Sequence[CaseVerdict]) -> str:
    rows = [row for one in judged for row in one.rows]
    n_ok = sum(row.ok for row in rows)
    share = f"{n_ok / len(rows):.1%}" if rows else "none"
    return f"{n_ok:,} of {len(rows):,} quantities ({share}) are within tolerance, in {len(judged)} recordings"


def _per_case(judged: Sequence[CaseVerdict]) -> Iterator[str]:
    yield "| case | within | of | not replayed because |"
    yield "|---|---:|---:|---|"
    for one in judged:
        yield f"| {one.case} | {sum(row.ok for row in one.rows)} | {len(one.rows)} | {_escaped(one.error)} |"


def _outside(judged: Sequence[CaseVerdict], differences: Sequence[Difference]) -> Iterator[str]:
    """A paragraph and a table for each reason, the unknown last."""
    out = [
        (why(differences, one.case, row.quantity), one.case, row) for one in judged for row in one.rows if not row.ok
    ]
    if not out:
        yield "Nothing is."
        return
    for reason, found in groupby(sorted(out, key=lambda each: (not each[0], each[0])), key=lambda each: each[0]):
        yield f"{reason or 'Not looked into yet:'}\n"
        yield "| case | quantity | measured | simulated | tolerance |"
        yield "|---|---|---|---|---|"
        yield from (_row(case, row) for _, case, row in found)
        yield ""


def _row(case: str, row: Verdict) -> str:
    _, measured, simulated, tolerance, _ = row.words()
    return f"| {case} | `{row.quantity}` | {measured} | {simulated} | {tolerance} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _draw(judged: Sequence[CaseVerdict], path: Path) -> None:
    experiments = sorted({one.experiment for one in judged if one.rows})
    groups = {
        name: [each for one in judged if one.experiment == name for each in _deviations(one)] for name in experiments
    }
    with house_style():
        figure, (ax,) = blank(height=0.26 * max(len(groups), 4) + 1.6)
        chart_deviations(ax, groups, answer=f"{_within(judged)}\n{_KEY}")
        drawn = BytesIO()
        figure.savefig(drawn, format="png")
    write_whole(path, drawn.getvalue())


def _deviations(one: CaseVerdict) -> Iterator[float]:
    """By how many tolerances each quantity with a tolerance lies off."""
    for row in one.rows:
        if row.tolerance > 0 and isinstance(row.simulated, int | float):
            yield (row.simulated - fmean(row.measured)) / row.tolerance
