"""qlog 0.3: the packets of a run's connections, a trace for each end of each. Not who recorded them.

Source: draft-ietf-quic-qlog-main-schema-02 and -quic-events-01, as aioquic writes them and qvis reads them. Frames are
not recorded, so that an event has none.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import polars as pl

from sim.export.cut import Cut
from sim.records.folder import StoredRun
from sim.records.span import Packets
from sim.units import InputError

VERSION = "0.3"
MOST_EVENTS = 2_000_000
METRICS = "recovery:metrics_updated"
EARLY_KEY = "client_0rtt_secret"

Event = dict[str, Any]


def write_qlog(run: StoredRun, packets: Packets, cut: Cut, *, epoch_ms: float, out: TextIO) -> int:
    """Write the whole file; return how many events there are.

    Raises
    ------
    InputError
        The run recorded no packets, or more than a viewer reads.
    """
    if packets.table not in run.names:
        raise InputError(f"{run.path}: recorded no packets; run it again with --set {packets.asked_by}")
    inside = pl.col(packets.at).is_between(cut.begin, cut.end, closed="left")
    rows = run.scan(packets.table).filter(inside).collect()
    if not rows.height:
        raise InputError(f"{run.path}: no packet between --from and --to, or no connection that sends any")
    if rows.height > MOST_EVENTS:
        raise InputError(f"{run.path}: {rows.height:,} packets are more than {MOST_EVENTS:,}; cut with --from and --to")
    n = 0
    head = {"qlog_format": "JSON", "qlog_version": VERSION, "title": str(run.manifest["scenario"].get("name", ""))}
    out.write(json.dumps(head)[:-1] + ', "traces": [\n')
    parts = rows.partition_by([packets.of, packets.carrier, packets.side], as_dict=True, maintain_order=True)
    for i, ((of, carrier, side), part) in enumerate(parts.items()):
        events = _events(part.iter_rows(named=True), packets, epoch_ms)
        n += len(events)
        trace = {
            "vantage_point": {"name": f"{of} {carrier}", "type": side},
            "common_fields": {"ODCID": f"{carrier:016x}", "group_id": f"{of}.{carrier}", "time_format": "absolute",
                              "protocol_type": [*packets.protocol]},
            "events": events,
        }  # fmt: skip
        out.write(("" if i == 0 else ",") + json.dumps(trace, separators=(",", ":")) + "\n")
    out.write("]}\n")
    return n


def _events(rows: Iterable[Mapping[str, Any]], packets: Packets, epoch_ms: float) -> list[Event]:
    """Each packet, and after it what has changed of the end's state."""
    events: list[Event] = []
    before: dict[str, float] = {}
    for row in rows:
        time = epoch_ms + row[packets.at] * 1e3
        events.append({"time": time, "name": packets.names[row[packets.event]], "data": _data(row, packets)})
        now = {name: row[column] * (1e3 if name in packets.times else 1)
               for name, column in packets.levels.items() if row[column] is not None}  # fmt: skip
        changed = {name: value for name, value in now.items() if before.get(name) != value}
        if changed:
            events.append({"time": time, "name": METRICS, "data": changed})
        before = now
    return events


def _data(row: Mapping[str, Any], packets: Packets) -> Event:
    if row[packets.number] is None or row[packets.number] < 0:  # of a key, not of a packet
        return {"key_type": EARLY_KEY, "trigger": "tls"}
    header = {"packet_number": row[packets.number], "packet_type": row[packets.type]}
    data: Event = {"header": header, "raw": {"length": row[packets.size]}}
    if row[packets.trigger]:
        data["trigger"] = row[packets.trigger]
    return data
