"""What happened in a run, from the table of its events: short enough to be read, and to be written into a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.report.chart_timeline import Event
from sim.report.number import plain

_ENDS = " ends"
_MOST_ROWS, _MOST_NAMES, _MOST_LISTED = 10, 9, 3
_TOGETHER = 1 / 15
"""Instants of one name that are closer than this share of the run are told as one."""
COLUMNS = ("when", "what", "where")


@dataclass(slots=True)
class Happening:
    """Something that began, and perhaps ended, at one or several places; times in seconds from the start."""

    name: str
    at: float
    last: float
    """When the last of what is told together began."""
    until: float | None
    places: list[str]

    @property
    def where(self) -> str:
        """Its places, or how many they are."""
        places = list(dict.fromkeys(self.places))
        kinds = {place.rpartition(" ")[0] for place in places}
        if len(places) > 1 and len(kinds) == 1:
            few = len(places) <= _MOST_LISTED
            names = ", ".join(sorted(place.rpartition(" ")[2] for place in places))
            return f"{kinds.pop()}s {names}" if few else f"{len(places)} {kinds.pop()}s"
        return ", ".join(places) if len(places) <= _MOST_LISTED else f"{len(places)} places"

    @property
    def when(self) -> str:
        """Its span, or its instant."""
        end = self.until if self.until is not None else self.last
        return f"{plain(self.at)} s" if end == self.at else f"{plain(self.at)} to {plain(end)} s"


def happenings(events: pl.DataFrame, end: float) -> list[Happening]:
    """The rows of the table in the order of their beginnings, ends joined to them, equal ones told together.

    Parameters
    ----------
    events : columns t (s), event, and one for each kind of place.
    end : the end of the run, s.
    """
    found: list[Happening] = []
    running: dict[tuple[str, str], Happening] = {}
    for row in events.iter_rows(named=True):
        at, place, name = float(row["t"]), _place(row), str(row["event"])
        begun = running.pop((name.removesuffix(_ENDS), place), None) if name.endswith(_ENDS) else None
        if begun is not None:
            begun.until = at
        else:
            running[name, place] = one = Happening(name, at, at, None, [place] if place else [])
            found.append(one)
    return _together(found, end * _TOGETHER)


def rows(events: pl.DataFrame, end: float, steps: Sequence[str] = ()) -> list[tuple[str, str, str]]:
    """When, what and where, in at most ten rows: what begins like one of `steps` is left out first."""
    told = happenings(events, end)
    if len(told) > _MOST_ROWS:
        told = _without(told, steps)
    if len(told) > _MOST_ROWS:
        told = _by_name(told)
    more = len(told) - _MOST_ROWS + 1 if len(told) > _MOST_ROWS else 0
    listed = [(one.when, one.name, one.where) for one in (told[: _MOST_ROWS - 1] if more else told)]
    return [*listed, ("", f"and {more} more", "")] if more else listed


def marks(events: pl.DataFrame, end: float, steps: Sequence[str] = ()) -> list[Event]:
    """What a picture marks. Where there are too many names, `steps` go without, and then each is written once."""
    told = happenings(events, end)
    if len(told) <= _MOST_NAMES:
        return [Event(_label(one), one.at, one.until) for one in told]
    larger = _without(told, steps)
    if len(larger) <= _MOST_NAMES:
        return [Event(_label(one), one.at, one.until) for one in larger]
    named = {one.name: one for one in reversed(larger)}
    return [Event(_counted(one, larger) if named[one.name] is one else "", one.at, one.until) for one in larger]


def _without(told: list[Happening], steps: Sequence[str]) -> list[Happening]:
    """Without the steps in which something larger happens."""
    return [one for one in told if not one.name.startswith(tuple(steps))] or told


def _place(row: dict[str, Any]) -> str:
    """Where: "backend 3", or the name of who did it; empty where it is nowhere in particular."""
    for column, value in row.items():
        if column not in ("t", "event") and value not in ("", None) and not (isinstance(value, int) and value < 0):
            return f"{column} {value}"
    return ""


def _together(found: Sequence[Happening], gap: float) -> list[Happening]:
    """Equal spans of several places, and instants of one name that follow soon."""
    told: list[Happening] = []
    spans: dict[tuple[str, float, float], Happening] = {}
    instants: dict[str, Happening] = {}
    for one in found:
        if one.until is not None:
            other = spans.setdefault((one.name, one.at, one.until), one)
        else:
            other = instants.get(one.name, one)
            other = instants[one.name] = other if one.at - other.last <= gap and one.places else one
        if other is one:
            told.append(one)
        else:
            other.places += one.places
            other.last = one.at
    return told


def _by_name(told: Sequence[Happening]) -> list[Happening]:
    """One row for each name, over all its places."""
    found: dict[str, Happening] = {}
    for one in told:
        if one.name not in found:
            found[one.name] = Happening(_counted(one, told), one.at, one.last, one.until, list(one.places))
        else:
            found[one.name].places += one.places
            found[one.name].until = one.until if one.until is not None else found[one.name].until
            found[one.name].last = one.last
    return list(found.values())


def _label(one: Happening) -> str:
    return f"{one.name} {one.where}".strip()


def _counted(one: Happening, among: Sequence[Happening]) -> str:
    n = sum(other.name == one.name for other in among)
    return f"{one.name} × {n}" if n > 1 else _label(one)
