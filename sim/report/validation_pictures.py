"""A picture for each experiment of the recordings: measured and simulated levels over time, variant by variant."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path

from sim.records.disk import write_whole
from sim.report.chart_bands import chart_bands, grid_of_axes
from sim.report.figure import house_style
from sim.validation.reality import CaseVerdict


def draw_experiments(judged: Sequence[CaseVerdict], out: Path) -> list[Path]:
    """Write the pictures below `out`; the paths, in the order of the experiments."""
    by_experiment = groupby(sorted(judged, key=lambda one: (one.experiment, one.case)), key=lambda one: one.experiment)
    return [_draw(name, list(cases), out) for name, cases in by_experiment]


def _draw(experiment: str, cases: Sequence[CaseVerdict], out: Path) -> Path:
    levels = list(dict.fromkeys(level for one in cases for level in _moving(one)))
    path = out / f"{experiment}.png"
    with house_style():
        figure, axes = grid_of_axes(len(cases), max(len(levels), 1))
        chart_bands(axes, {one.case: (one.measured, one.simulated) for one in cases}, levels or [""])
        within = sum(row.ok for one in cases for row in one.rows)
        figure.suptitle(
            f"{experiment}: {within} of {sum(len(one.rows) for one in cases)} quantities within tolerance\n"
            "black: measured, band of the repetitions; blue, dashed: simulated, band of the replays",
            fontsize=9, x=0.01, ha="left",
        )  # fmt: skip
        drawn = BytesIO()
        figure.savefig(drawn, format="png")
    write_whole(path, drawn.getvalue())
    return path


def _moving(one: CaseVerdict) -> Iterator[str]:
    """Levels that are not zero all the time."""
    for level, band in (*one.measured.items(), *one.simulated.items()):
        if band.high.max() > 0:
            yield level
