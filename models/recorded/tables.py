"""What the files of a repetition hold, as our own tables: the columns that must be there, and what we call them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """One file of a repetition."""

    table: str
    """Our table."""
    columns: Mapping[str, str]
    """The file's column to ours; each must be there."""
    stand_ins: Mapping[str, str]
    """Our column to the file's column that serves where its own is left out."""
    texts: tuple[str, ...] = ()
    """Our columns of texts, in which nothing is the empty text."""
    flags: tuple[str, ...] = ()
    """Our columns of truths, written as 0 and 1."""


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


REQUESTS = RecordedTable(
    table="requests",
    columns=_same(
        "id", "t_arrival", "t_gotconn", "reused", "t_conn_start", "t_conn_done", "t_tls_start", "t_tls_done", "t_first",
        "t_done", "status", "err", "backend", "conn_id",
    ) | {"n_gotconn": "attempts"},
    stand_ins={"t_getconn": "t_arrival"},
    texts=("err",),
    flags=("reused",),
)  # fmt: skip
CONNECTIONS = RecordedTable(
    table="connections",
    columns=_same("conn_id", "t_dial", "t_connected", "lport", "remote", "nreq", "t_close", "t_read_err", "read_err"),
    stand_ins={},
    texts=("read_err", "remote"),
)
SAMPLES = RecordedTable(
    table="samples",
    columns=_same(
        "t", "goroutines", "inflight", "open_conns", "pool_idle", "conns_per_host_wait", "c_estab", "c_syn_sent",
        "c_fin_wait2", "c_time_wait", "s_estab", "s_syn_recv", "s_time_wait", "s_close_wait", "s_last_ack",
    ),
    stand_ins={},
)  # fmt: skip

FILES: Mapping[str, RecordedTable] = {
    "requests.csv.gz": REQUESTS,
    "conns.csv.gz": CONNECTIONS,
    "samples.csv.gz": SAMPLES,
}
"""The files that every repetition has."""
SERVER_SAMPLES = "server_samples.csv.gz"
"""Of it, `goroutines` is our level srv_goroutines."""
COUNTERS = "counters.csv.gz"
"""side, name, delta: our counter `side.name`."""
DIALS = "dials.csv.gz"
"""Where DNS is used: a row for every connect, of which there may be several in a dial."""
SUMMARY = "summary.json"
BASELINE = "client_baseline_goroutines"
"""Key of the summary: goroutines of the recorder, without one."""
ESTABLISHED_BY_BACKEND = "c_estab_b"
"""Prefix of the columns of the samples of which there is one for each backend."""

DRAWN: Mapping[str, str] = {
    "TIME_WAIT of the client": "c_time_wait",
    "idle connections": "pool_idle",
    "waiting for a slot": "conns_per_host_wait",
    "goroutines": "goroutines",
    "connections dialed": "connections.t_connected",
}
"""Levels that a picture shows over time, by the names that it gives them."""
