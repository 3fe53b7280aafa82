"""HAR 1.2: the ways of a piece of a run as an archive of pages. Not what their ends say, which models declare.

Source: the HTTP Archive 1.2 specification. What no schema checks is kept too: the time of an entry is the sum of its
timings, `ssl` lies within `connect`, and nothing but "does not apply" is negative.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from sim.export.cut import Cut
from sim.records.folder import StoredRun
from sim.records.span import Traced, Way

MOST_WAYS = 20_000
"""Readers hold an archive as a whole; browsers become slow at a few tens of thousands of entries."""
NONE = -1
"""Does not apply."""

Entry = dict[str, Any]


def write_har(run: StoredRun, traced: Traced, cut: Cut, *, epoch: datetime, out: TextIO) -> int:
    """Write the archive, a page for each kind of way; return how many entries it has."""
    way = traced.ways[0]
    cut.check(run, (way,), MOST_WAYS)
    rows = [row for row in cut.begun(run, way).to_dicts() if _ended(row, way)]
    pages: dict[str, Entry] = {}
    for row in rows:
        pages.setdefault(row[way.kind], _page(row[way.kind], _date(epoch, row[way.begin])))
    log = {
        "version": "1.2",
        "creator": {"name": "transport-sim", "version": str(run.manifest.get("versions", {}).get("transport-sim", ""))},
        "pages": [*pages.values()],
        "entries": [_entry(row, way, traced, epoch=epoch) for row in rows],
    }
    json.dump({"log": log}, out, indent=1)
    out.write("\n")
    return len(rows)


def _ended(row: Mapping[str, Any], way: Way) -> bool:
    return row[way.end] is not None and row[way.error] != way.unfinished


def _page(name: str, began: str) -> Entry:
    return {"startedDateTime": began, "id": name, "title": name, "pageTimings": {}}


def _entry(row: Mapping[str, Any], way: Way, traced: Traced, *, epoch: datetime) -> Entry:
    kind, error = way.kinds[row[way.kind]], row[way.error]
    timings = timings_of(row, way)
    whole = sum(length for name, length in timings.items() if length > 0 and name not in way.timings.within)
    entry: Entry = {
        "pageref": row[way.kind],
        "startedDateTime": _date(epoch, row[way.begin]),
        "time": round(whole, 6),
        "request": kind.request,
        "response": {"status": row[way.status] or 0, "statusText": "", **kind.response},
        "cache": {},
        "timings": timings,
        "_id": row[way.id],
    }
    if error:
        entry["_error"] = error
        entry["response"] |= {"content": {**kind.response["content"], "size": 0}, "bodySize": NONE}
    if row[way.carrier] is not None and row[way.carrier] >= 0:
        entry["connection"] = f"{row[way.of]} {row[way.carrier]}"
    if place := traced.place(row[way.visit.place]):
        entry["_backend"] = place
    return entry


def timings_of(row: Mapping[str, Any], way: Way) -> dict[str, float]:
    """Of one way its timings in ms; they sum up to the whole, from its begin to its end.

    Notes
    -----
    The wait is what the opening of a carrier leaves of the time until there is one, whatever went before included. An
    opening that went on after somebody else's carrier had come does not apply. A way that ends before its answer has
    its rest in the piece in which it ended.
    """
    told = way.timings
    begin, end = row[way.begin], row[way.end]
    got = row[told.got]
    opening = _opening(row, way) if got is not None else dict.fromkeys(told.opening)
    got = end if got is None else got
    spent = sum(length or 0 for name, length in opening.items() if name not in told.within)
    if spent > got - begin:
        opening, spent = dict.fromkeys(told.opening), 0
    found: dict[str, int | None] = {told.wait: got - begin - spent, **opening}
    for name, column in told.pieces.items():
        upto = end if row[column] is None else min(max(row[column], got), end)
        found[name], got = upto - got, upto
    return {name: NONE if length is None else length / 1e6 for name, length in found.items()}


def _opening(row: Mapping[str, Any], way: Way) -> dict[str, int | None]:
    found = {name: (_first(row, begins), _first(row, ends)) for name, (begins, ends) in way.timings.opening.items()}
    if any(end > row[way.timings.got] for _, end in found.values()):
        return dict.fromkeys(found)
    return {name: end - begin if 0 <= begin <= end else None for name, (begin, end) in found.items()}


def _first(row: Mapping[str, Any], columns: Sequence[str]) -> int:
    """The first of the instants that is known; -1 where none is."""
    return next((int(row[one]) for one in columns if row[one] is not None), -1)


def _date(epoch: datetime, instant: int) -> str:
    at = epoch.astimezone(UTC) + timedelta(microseconds=instant // 1000)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
