"""The balance of a run: how evenly places of a group share what arrives, in a sentence and as a picture over time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.report.chart_load import Steps, height_of
from sim.report.figure import SIZE
from sim.report.number import plain, seconds
from sim.report.run_record import RunRecord
from sim.report.words import Places, Words
from sim.units import parse_duration

_MOST_STEPS, _FEWEST_STEPS = 120, 30
_ENOUGH = 10
"""What falls on a place in a step, in the mean, for its colour to say more than chance; where steps are left for it."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Places `first`, `first` + 1, ... of a name, and what the summary says of their skew."""

    name: str
    first: int
    number: int
    skew: Mapping[str, float]


def balance(record: RunRecord, words: Words) -> list[str]:
    """A sentence for each group with several places: the fullest one, what it costs, and what is chance in it."""
    if words.places is None:
        return []
    groups = list(_groups(record, words.places))
    return [_sentence(group, words, words.places) for group in groups if "cv" in group.skew]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMap:
    """What fell on each place over time: its groups by name, and what their picture says."""

    panels: Mapping[str, NDArray[np.float64]]
    """Per second, (places, steps); a group that stands alone has no name."""
    steps: Steps
    answer: str
    question: str
    caption: str

    @property
    def end(self) -> float:
        """Seconds from the start to the end of the last step."""
        return float(max(grid.shape[1] for grid in self.panels.values()) * self.steps.seconds)

    @property
    def height(self) -> float:
        """Inches of the picture."""
        return max(SIZE[1], 1.3 + sum(height_of(len(grid)) for grid in self.panels.values()))


def load_map(record: RunRecord, words: Words) -> LoadMap | None:
    """Of all groups with several places; None where there is none, or nothing came."""
    places = words.places
    if places is None or places.column not in record.requests.columns:
        return None
    groups = [group for group in _groups(record, places) if "cv" in group.skew]
    arrived = record.requests.select("t_arrival", place=places.column).drop_nulls()
    if not groups or arrived.is_empty():
        return None
    span = float(arrived["t_arrival"].max())  # type: ignore[arg-type]  # a numeric column
    step = step_of(span, len(arrived) / sum(group.number for group in groups))
    worst = max(groups, key=lambda group: group.skew["max_over_mean"])
    told = [*balance(record, words), *(_by_window(group, record, places) for group in groups)]
    of = f" of {worst.name}" if len(groups) > 1 else ""
    return LoadMap(
        panels={group.name if len(groups) > 1 else "": _grid(group, arrived, span, step) for group in groups},
        steps=Steps(
            seconds=step,
            place=places.one,
            label=f"{words.noun} per second, in steps of {seconds(step)}",
            # as events and shares number them: over all groups
            first={group.name if len(groups) > 1 else "": group.first for group in groups},
        ),
        answer=f"The fullest {places.one}{of} carries {plain(worst.skew['max_over_mean'])} times the mean",
        question=f"Which {places.one} of {record.name} gets how many {words.noun}, and when?",
        caption=" ".join(f"{said}." for said in told if said),
    )


def step_of(span: float, number: float) -> float:
    """Seconds of a step, a round number: short enough to see a change, long enough for what falls on one place.

    Examples
    --------
    >>> step_of(60, 1200), step_of(60, 120)
    (0.5, 2.0)
    """
    wanted = max(span / _MOST_STEPS, min(span / _FEWEST_STEPS, span * _ENOUGH / number), 1e-3)
    size = 10 ** floor(log10(wanted) + 1e-9)
    return float(next(size * times for times in (1, 2, 5, 10) if size * times >= wanted * (1 - 1e-9)))


def _groups(record: RunRecord, places: Places) -> Iterator[_Group]:
    groups: Mapping[str, Any] = record.scenario.get(places.groups) or {}
    first = 0
    for name, group in groups.items():
        number = int(group.get(places.number, 1))
        suffix = f":{name}" if len(groups) > 1 else ""
        yield _Group(name, first, number, _skew(record.summary, places.skew, suffix))
        first += number


def _skew(summary: Mapping[str, Any], prefix: str, suffix: str) -> dict[str, float]:
    found = ((key.removeprefix(prefix), value) for key, value in summary.items() if key.startswith(prefix))
    return {rest.removesuffix(suffix): value for rest, value in found if rest.endswith(suffix)}


def _sentence(group: _Group, words: Words, places: Places) -> str:
    skew = group.skew
    over = skew["max_over_mean"]
    return (
        f"{group.name}: the fullest of {group.number} {places.many} has {plain(100 * over / group.number)} %"
        f" of the {words.noun}, {over:.2f} times an even share: the skew costs {_short(100 * (over - 1))} % more"
        f" capacity (CV {_short(skew['cv'])}, by chance alone {_short(skew['cv_by_chance'])})"
    )


def _by_window(group: _Group, record: RunRecord, places: Places) -> str:
    """Whether the skew stays or moves; empty where there are no two windows to compare."""
    least, most = (group.skew.get(f"cv_window_{which}") for which in ("min", "max"))
    if least is None or most is None or least == most:
        return ""
    window = seconds(_seconds(record.scenario[places.window]))
    return f"{group.name}: in windows of {window} CV {_short(least)} to {_short(most)}"


def _short(value: float) -> str:
    return plain(value if value >= 100 else float(f"{value:.2g}"))


def _grid(group: _Group, arrived: pl.DataFrame, span: float, step: float) -> NDArray[np.float64]:
    """What came per second: (places, steps)."""
    shape = (group.number, max(1, ceil((span + 1e-9) / step)))
    mine = arrived.filter(pl.col("place").is_between(group.first, group.first + group.number - 1))
    which = np.minimum((mine["t_arrival"].to_numpy() / step).astype(np.int64), shape[1] - 1)
    cell = (mine["place"].to_numpy().astype(np.int64) - group.first) * shape[1] + which
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape) / step


def _seconds(written: Any) -> float:
    return (parse_duration(written) if isinstance(written, str) else float(written)) / 1e9
