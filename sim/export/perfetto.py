"""Chrome's trace events: a run as tracks, slices, flows and counters for ui.perfetto.dev. Not what is drawn.

Source: Trace Event Format (Chromium); Perfetto reads it as it is. Times are whole microseconds, rounded down, so that
what nests in nanoseconds nests in the file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TextIO

import polars as pl

from sim.export.cut import Cut, in_ns
from sim.export.lanes import lanes
from sim.export.visit import visit_of
from sim.records.folder import StoredRun
from sim.records.span import Carrier, Traced, Way

MOST_WAYS = 200_000
"""Some twelve events each: beyond two million the viewer becomes slow."""
RUN = 1
"""The process of what belongs to nobody: counters, incidents."""
_APART = 1 << 20
"""Where the numbers of tracks for what is carried beside something else begin."""

Event = dict[str, Any]


@dataclass(slots=True)
class Tracks:
    """Processes and threads, in the order in which they were first asked for."""

    _processes: dict[str, int] = field(default_factory=lambda: {"run": RUN})
    _named: dict[tuple[int, int], str] = field(default_factory=dict)

    def process(self, name: str) -> int:
        """Its number."""
        return self._processes.setdefault(name, len(self._processes) + 1)

    def thread(self, process: int, number: int, name: str) -> int:
        """Its number, within the process."""
        self._named.setdefault((process, number), name)
        return number

    def events(self) -> Iterator[Event]:
        """What they are called."""
        for name, pid in self._processes.items():
            yield {"ph": "M", "pid": pid, "name": "process_name", "args": {"name": name}}
            yield {"ph": "M", "pid": pid, "name": "process_sort_index", "args": {"sort_index": pid}}
        for (pid, tid), name in self._named.items():
            yield {"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}}


def write_perfetto(run: StoredRun, traced: Traced, cut: Cut, *, out: TextIO) -> int:
    """Write the whole trace; return how many events there are."""
    ways = tuple(way for way in traced.ways if way.table in run.names)
    cut.check(run, ways, MOST_WAYS)
    tracks, n = Tracks(), 0
    found = chain(
        _incidents(run, traced, cut, tracks),
        _levels(run, traced.levels, cut),
        *(_ways(run, way, traced, cut=cut, tracks=tracks) for way in ways),
    )
    out.write('{"displayTimeUnit":"ms","traceEvents":[\n')
    for n, event in enumerate(chain(found, tracks.events()), 1):  # the names last: only then all tracks are known
        out.write(f"{'' if n == 1 else ','}{json.dumps(event, separators=(',', ':'))}\n")
    out.write("]}\n")
    return n


def _slice(track: tuple[int, int], begin: int, end: int, **told: Any) -> Event:
    """A slice between two instants in ns."""
    ts = begin // 1000
    return {"ph": "X", "pid": track[0], "tid": track[1], "ts": ts, "dur": end // 1000 - ts, **told}


def _ways(run: StoredRun, way: Way, traced: Traced, *, cut: Cut, tracks: Tracks) -> Iterator[Event]:
    """Of each way a slice with its steps, its place on what carries it, its visit, and the arrows between them."""
    rows = cut.begun(run, way)
    end_of_run = int(run.scan("samples").select(pl.col("t").max()).collect().item() * 1e9)
    rows = rows.with_columns(pl.col(way.end).fill_null(end_of_run))
    for of, own in sorted(rows.partition_by(way.of, as_dict=True).items()):
        pid = tracks.process(f"{of[0]}: {way.noun}s")
        dicts = own.to_dicts()
        for row, lane in zip(dicts, lanes((row[way.begin], row[way.end]) for row in dicts), strict=True):
            track = pid, tracks.thread(pid, lane + 1, f"{way.noun} {lane + 1}")
            row["track"] = track
            yield _slice(track, row[way.begin], row[way.end], name=row[way.kind], cat=way.noun, args=_told(row, way))
            yield from _steps(row, way, track)
        yield from _carried(run, way, dicts, traced=traced, tracks=tracks)
        yield from _visited(dicts, way, traced, tracks)


def _told(row: Mapping[str, Any], way: Way) -> dict[str, Any]:
    names = (way.id, way.status, way.error, way.tries, way.carrier)
    return {name: row[name] for name in names if name in row and row[name] not in {None, "", -1}}


def _steps(row: Mapping[str, Any], way: Way, track: tuple[int, int]) -> Iterator[Event]:
    """The steps one after the other, parts of a step within it; those that took no microsecond are left out."""
    within = row[way.begin], row[way.end]
    outer = {step.span: (row[step.begin], row[step.end]) for step in way.steps if step.span and not step.inside}
    for step in way.steps:
        begin, end = row[step.begin], row[step.end]
        if begin is None or end is None:
            continue
        low, high = outer.get(step.inside, within)
        if low is None or high is None:
            continue
        begin, end = max(begin, low), min(end, high)
        if end // 1000 > begin // 1000:
            yield _slice(track, begin, end, name=step.name, cat="step")


def _carried(run: StoredRun, way: Way, rows: list[Event], *, traced: Traced, tracks: Tracks) -> Iterator[Event]:
    """The carriers of one owner on tracks of their own, and on them what they carry; what is beside others, apart."""
    carrier = traced.carrier
    if not rows or carrier.table not in run.names:
        return
    of = rows[0][way.of]
    pid = tracks.process(f"{of}: {carrier.noun}s")
    by_number: dict[int, list[Event]] = {}
    for row in sorted((row for row in rows if row[_got(way)] is not None), key=lambda row: row[_got(way)]):
        by_number.setdefault(row[way.carrier], []).append(row)
    last = max(row[way.end] for row in rows)
    carriers = _carriers(run, carrier, of, {*by_number}, last=last)
    apart: list[tuple[Event, int, int]] = []
    for one, lane in zip(carriers, lanes((one["begin"], one["end"]) for one in carriers), strict=True):
        track = pid, tracks.thread(pid, lane + 1, f"{carrier.noun}s {lane + 1}")
        args = {carrier.id: one[carrier.id], carrier.error: one[carrier.error]}
        yield _slice(track, one["begin"], one["end"], name=one[carrier.to], cat=carrier.noun, args=args)
        carried = [(row, max(row[_got(way)], one["begin"]), min(row[way.end], one["end"]))
                   for row in by_number[one[carrier.id]]]  # fmt: skip
        ready = min(one[carrier.ready] if one[carrier.ready] is not None else one["end"], one["end"])
        yield _slice(track, one["begin"], ready, name=carrier.opening, cat=carrier.noun)
        spans = [(one["begin"], ready), *((begin, max(begin, end)) for _, begin, end in carried)]
        for place, (row, begin, end) in zip(lanes(spans)[1:], carried, strict=True):
            if place:
                apart.append((row, begin, end))
            else:
                yield from _on_carrier(row, way, track, begin=begin, end=end)
    apart.sort(key=lambda one: one[1])
    for (row, begin, end), lane in zip(apart, lanes((begin, end) for _, begin, end in apart), strict=True):
        track = pid, tracks.thread(pid, _APART + lane, f"beside others {lane + 1}")
        yield from _on_carrier(row, way, track, begin=begin, end=end)


def _on_carrier(row: Event, way: Way, track: tuple[int, int], *, begin: int, end: int) -> Iterator[Event]:
    """What is carried, and the arrow from its way to here."""
    end, row["is_carried"] = max(begin, end), True
    yield _slice(track, begin, end, name=row[way.kind], cat=way.noun, args={way.id: row[way.id]})
    flow = {"name": way.noun, "cat": "flow", "id": f"{way.table}.{row[way.id]}"}
    yield {"ph": "s", "pid": row["track"][0], "tid": row["track"][1], "ts": row[_got(way)] // 1000, **flow}
    went_on = visit_of(row, way.visit) is not None
    yield {"ph": "t" if went_on else "f", "bp": "e", "pid": track[0], "tid": track[1], "ts": begin // 1000, **flow}


def _got(way: Way) -> str:
    """The column with the instant from which on it is carried."""
    return way.steps[0].end


def _carriers(run: StoredRun, carrier: Carrier, of: str, numbers: set[int], *, last: int) -> list[Event]:
    """Those of an owner that carry something, in the order of their begins; the open ones end with the last way."""
    rows = run.scan(carrier.table).filter((pl.col(carrier.of) == of) & pl.col(carrier.id).is_in(list(numbers)))
    rows = in_ns(rows, [carrier.begin, carrier.ready, *carrier.ends])
    end = pl.coalesce([pl.col(name) for name in carrier.ends]).fill_null(last)
    begin = pl.col(carrier.begin)
    rows = rows.with_columns(begin.alias("begin"), pl.max_horizontal(begin, end).alias("end"))
    return rows.sort("begin", carrier.id).collect().to_dicts()


def _visited(rows: list[Event], way: Way, traced: Traced, tracks: Tracks) -> Iterator[Event]:
    """What those did who were asked, and the arrow's head."""
    found = [(visit, row) for row in rows if (visit := visit_of(row, way.visit)) is not None]
    by_place: dict[int, list[tuple[tuple[int, int, int], Event]]] = {}
    for visit, row in sorted(found, key=lambda one: one[0]):
        by_place.setdefault(row[way.visit.place], []).append((visit, row))
    for place, own in sorted(by_place.items()):
        pid = tracks.process(traced.place(place))
        for (visit, row), lane in zip(own, lanes((visit[0], visit[2]) for visit, _ in own), strict=True):
            yield from _visit(row, way, visit, (pid, tracks.thread(pid, lane + 1, f"at once {lane + 1}")))


def _visit(row: Event, way: Way, visit: tuple[int, int, int], track: tuple[int, int]) -> Iterator[Event]:
    begin, served_at, end = visit
    yield _slice(track, begin, end, name=row[way.kind], cat=way.noun, args={way.id: row[way.id]})
    for name, low, high in zip(way.visit.names, (begin, served_at), (served_at, end), strict=True):
        if high // 1000 > low // 1000:
            yield _slice(track, low, high, name=name, cat="step")
    if "is_carried" in row:
        flow = {"name": way.noun, "cat": "flow", "id": f"{way.table}.{row[way.id]}"}
        yield {"ph": "f", "bp": "e", "pid": track[0], "tid": track[1], "ts": begin // 1000, **flow}


def _incidents(run: StoredRun, traced: Traced, cut: Cut, tracks: Tracks) -> Iterator[Event]:
    """What lasts as slices, what does not as marks."""
    declared = traced.incidents
    if declared.table not in run.names:
        return
    rows = in_ns(run.scan(declared.table), [declared.at]).sort(declared.at).collect().to_dicts()
    open_: dict[tuple[Any, ...], list[int]] = {}
    lasting: list[tuple[int, int, str]] = []
    marks: list[tuple[int, str]] = []
    for row in rows:
        text, place = row[declared.what], row[declared.place]
        where = row[declared.of] or traced.place(place)
        if text.endswith(declared.over):
            key = (text.removesuffix(declared.over), where)
            if open_.get(key):
                lasting.append((open_[key].pop(), row[declared.at], " ".join(key).rstrip()))
                continue
        open_.setdefault((text, where), []).append(row[declared.at])
    marks = [(at, " ".join(key).rstrip()) for key, instants in open_.items() for at in instants]
    inside = sorted(one for one in lasting if one[1] >= cut.begin * 1e9 and one[0] < cut.end * 1e9)
    for (begin, end, name), lane in zip(inside, lanes((one[0], one[1]) for one in inside), strict=True):
        track = RUN, tracks.thread(RUN, lane + 1, f"what happens {lane + 1}")
        yield _slice(track, begin, end, name=name, cat="incident")
    for at, name in marks:
        if cut.begin * 1e9 <= at < cut.end * 1e9:
            yield {"ph": "i", "s": "g", "pid": RUN, "tid": 0, "ts": at // 1000, "name": name, "cat": "incident"}


def _levels(run: StoredRun, levels: Mapping[str, Mapping[str, Mapping[str, int]]], cut: Cut) -> Iterator[Event]:
    """Counters, where they change."""
    known = set(run.scan("samples").collect_schema().names())
    samples = run.scan("samples").filter(pl.col("t").is_between(cut.begin, cut.end)).collect()
    stamps = (samples["t"] * 1e6).cast(pl.Int64).to_list()
    for name, series in levels.items():
        there = {one: weights for one, weights in series.items() if set(weights) <= known}
        values = [_weighted(samples, weights) for weights in there.values()]
        before: tuple[int, ...] = ()
        for ts, row in zip(stamps, zip(*values, strict=True), strict=True) if values else ():
            if row != before:
                yield {"ph": "C", "pid": RUN, "ts": ts, "name": name, "args": dict(zip(there, row, strict=True))}
            before = row


def _weighted(samples: pl.DataFrame, weights: Mapping[str, int]) -> Iterable[int]:
    return samples.select(pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())).to_series()
