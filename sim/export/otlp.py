"""OTLP traces as JSON lines: a span for each way that ended, below it its steps and visit. Not what they are called.

Source: opentelemetry-proto, docs/specification.md (JSON Protobuf Encoding): ids in hex, 64-bit integers as text, enums
as numbers. A line is one ExportTraceServiceRequest, which is what the collector's file receiver reads.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TextIO

import polars as pl

from sim.export.cut import Cut
from sim.export.visit import visit_of
from sim.records.folder import StoredRun
from sim.records.span import Step, Traced, Way

INTERNAL, SERVER, CLIENT = 1, 2, 3
"""Span.SpanKind."""
OK, ERROR = 0, 2
"""Status.StatusCode: UNSET is what instrumentations leave where nothing failed."""
MOST_WAYS = 1_000_000
"""About three gigabytes."""
WAYS_PER_LINE = 500
"""A few hundred kB: below what receivers take at once (4 MiB, gRPC's default)."""
SCOPE = {"name": "transport-sim"}

Span = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What all spans of a run are told with."""

    traced: Traced
    epoch_ns: int
    """Unix time of the run's begin."""
    salt: bytes
    """What makes the ids of this run its own."""


def write_otlp(run: StoredRun, traced: Traced, cut: Cut, *, epoch_ns: int, out: TextIO) -> int:
    """Write the whole file; return how many spans there are. Equal runs have equal ids."""
    ways = tuple(way for way in traced.ways if way.table in run.names)
    cut.check(run, ways, MOST_WAYS)
    salt = f"{run.manifest.get('fingerprint')} {run.manifest.get('seed')}".encode()
    telling = Telling(traced=traced, epoch_ns=epoch_ns, salt=salt)
    written = 0
    for way in ways:
        rows = cut.begun(run, way)
        for part in rows.iter_slices(WAYS_PER_LINE):
            by_service = _by_service(part, way, telling)
            if by_service:
                out.write(json.dumps(_request(by_service), separators=(",", ":")) + "\n")
            written += sum(map(len, by_service.values()))
    return written


def _by_service(rows: pl.DataFrame, way: Way, telling: Telling) -> dict[str, list[Span]]:
    """The spans of those that ended: a tracer sends a span when it does."""
    found: dict[str, list[Span]] = {}
    for row in rows.iter_rows(named=True):
        is_over = row[way.end] is not None and row[way.error] != way.unfinished
        for service, span in _spans(row, way, telling) if is_over else ():
            found.setdefault(service, []).append(span)
    return found


def _request(by_service: Mapping[str, list[Span]]) -> dict[str, Any]:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": service})},
                "scopeSpans": [{"scope": SCOPE, "spans": spans}],
            }
            for service, spans in by_service.items()
        ]
    }


def _spans(row: Mapping[str, Any], way: Way, telling: Telling) -> Iterator[tuple[str, Span]]:
    """The spans of one way, each with the service whose it is."""
    of, kind = row[way.of], way.kinds[row[way.kind]]
    ids = _Ids(telling.salt, f"{way.table}.{row[way.id]}")
    steps = {step.span: (step, ends) for step in way.steps if step.span and (ends := _ends(row, step)) is not None}
    whole = _span(kind.name, CLIENT, (row[way.begin], row[way.end]), telling.epoch_ns) | ids.of("")
    attributes, failure = _outcome(row, way, telling.traced)
    whole["attributes"] = _attributes({**kind.attributes, **attributes, "workload": row[way.kind]})
    whole["status"] = {"code": ERROR, "message": failure} if failure else {}
    yield of, whole
    for name, (step, ends) in steps.items():
        below = step.inside if step.inside in steps else ""
        yield of, _span(name, INTERNAL, ends, telling.epoch_ns) | ids.of(name, below=below)
    if (visit := visit_of(row, way.visit)) is not None:
        span = _span(kind.name, SERVER, (visit[0], visit[2]), telling.epoch_ns) | ids.of("visit")
        place = telling.traced.place(row[way.visit.place])
        own = {"service.instance.id": place, way.visit.names[0]: f"{(visit[1] - visit[0]) / 1e9:.9f} s"}
        yield kind.service, span | {"attributes": _attributes(own)}


def _ends(row: Mapping[str, Any], step: Step) -> tuple[int, int] | None:
    begin, end = row[step.begin], row[step.end]
    if begin is None or end is None or end < begin:
        return None
    return begin, end


def _outcome(row: Mapping[str, Any], way: Way, traced: Traced) -> tuple[dict[str, str | int], str]:
    """What came of it, and why it failed, if it did."""
    status, error, tries, port = row[way.status], row[way.error], row[way.tries], row[way.port]
    told: dict[str, str | int] = {}
    if status is not None and status > 0:
        told[traced.status_attribute] = status
    if error or (status is not None and status >= traced.failed_from):
        told[traced.error_attribute] = error or str(status)
    if tries is not None and tries > 1:
        told[traced.tries_attribute] = tries - 1
    if port is not None and port > 0:
        told[traced.port_attribute] = port
    return told, str(told.get(traced.error_attribute, ""))


def _span(name: str, kind: int, ends: tuple[int, int], epoch_ns: int) -> Span:
    begin, end = (str(epoch_ns + instant) for instant in ends)
    return {"name": name, "kind": kind, "startTimeUnixNano": begin, "endTimeUnixNano": end}


def _attributes(values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]


class _Ids:
    """Of one trace: 16 bytes for it, 8 for each span, never all zero in practice."""

    def __init__(self, salt: bytes, name: str) -> None:
        self._salt, self._name = salt, name.encode()
        self.trace = blake2b(self._name, digest_size=16, key=salt[:64]).hexdigest()

    def of(self, what: str, *, below: str | None = None) -> dict[str, str]:
        """The ids of the span of that name; all but the first stand below another, by default below that."""
        told = {"traceId": self.trace, "spanId": self._span(what)}
        return told | {"parentSpanId": self._span(below or "")} if what else told

    def _span(self, what: str) -> str:
        return blake2b(self._name + b"/" + what.encode(), digest_size=8, key=self._salt[:64]).hexdigest()
