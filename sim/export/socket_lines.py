"""Socket lines: what a kernel would have reported of the sockets of a run, in order of time. Not how a tool prints it.

A run's rows come nearly in order of time; they are read window by window, so that a long run needs no more memory than
a short one. What is carried from a window to the next is a row for each open socket.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from sim.records.folder import StoredRun
from sim.records.sockets import Change, SocketView
from sim.units import InputError

TABLE = "sockets"
WINDOW_ROWS = 400_000
_GONE = (5, 6, 7)
"""States after which a kernel reports nothing more of a socket: FIN_WAIT2 of an orphan, TIME_WAIT, CLOSE."""
_BIRTHS = ((7, 2), (7, 12), (7, 10))
"""Changes with which a socket begins: a dial, a request, a listener."""
_KNOWN = {"key": pl.Int64, "socket": pl.Int64, "new": pl.UInt8, "reported_ns": pl.Int64}
"""Of open sockets, from window to window."""
DEVICE_PORTS = (32_768, 28_232)
"""The first port of a device and how many it has: a fleet's dials are numbered through."""


def rows_of(run: StoredRun) -> pl.LazyFrame:
    """The recorded changes of a run's sockets up to its end.

    Raises
    ------
    InputError
        The run recorded none.
    """
    if TABLE not in run.names:
        place = run.path / f"{TABLE}.parquet"
        raise InputError(f"{place}: this run recorded no sockets; run it again with --set records.sockets=true")
    return run.scan(TABLE).filter(pl.col("t") <= run.manifest["simulated_seconds"])


@dataclass(frozen=True, slots=True)
class Hosts:
    """Addresses, ports and programs by number: the clients', then the remotes'."""

    programs: pl.DataFrame
    """address, pid, comm."""
    local: pl.Expr
    """Number of the local host of a row."""
    peer: pl.Expr
    local_port: pl.Expr
    peer_port: pl.Expr


def hosts_of(view: SocketView, most_ports: int) -> Hosts:
    """Who stands at both ends of the rows; `most_ports` is the largest port among them."""
    first_of: list[int] = []
    programs: list[tuple[str, int, str]] = []
    for i, client in enumerate(view.clients):
        first_of.append(len(programs))
        if i < view.fleets_from:
            programs += [(one.address, one.pid, one.comm) for one in client]
        else:
            n_devices = most_ports // DEVICE_PORTS[1] + 1
            programs += [(_device(i - view.fleets_from, k), client[0].pid, client[0].comm) for k in range(n_devices)]
    n_clients = len(programs)
    numbers = sorted(view.remotes)
    programs += [(one.address, one.pid, one.comm) for one, _ in (view.remotes[number] for number in numbers)]
    programs.append(("0.0.0.0", 0, ""))
    server, port = pl.col("server"), pl.col("lport")
    is_device, is_listener = pl.col("client") >= view.fleets_from, pl.col("client") < 0
    first = pl.col("client").clip(0).replace_strict(dict(enumerate(first_of)), return_dtype=pl.Int64)
    own = first + pl.when(is_device).then(port // DEVICE_PORTS[1]).otherwise(pl.col("address"))
    own = pl.when(is_listener).then(len(programs) - 1).otherwise(own)
    far = pl.col("remote").replace_strict({k: n_clients + i for i, k in enumerate(numbers)}, return_dtype=pl.Int64)
    far_port = pl.col("remote").replace_strict({k: view.remotes[k][1] for k in numbers}, return_dtype=pl.Int64)
    own_port = pl.when(is_device & (port > 0)).then(DEVICE_PORTS[0] + port % DEVICE_PORTS[1]).otherwise(port)
    frame = pl.DataFrame(programs, schema={"address": pl.String, "pid": pl.Int64, "comm": pl.String}, orient="row")
    return Hosts(
        programs=frame,
        local=pl.when(server).then(far).otherwise(own),
        peer=pl.when(server).then(own).otherwise(far),
        local_port=pl.when(server).then(far_port).otherwise(own_port),
        peer_port=pl.when(server).then(own_port).otherwise(far_port),
    )


def _device(fleet: int, number: int) -> str:
    address = (100 << 24) + (64 << 16) + (fleet << 18) + number + 1
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


class SocketLines:
    """The reported changes of a run, window by window."""

    def __init__(self, rows: pl.LazyFrame, view: SocketView) -> None:
        self._rows, self._view = rows, view
        bounds = self._rows.select(
            pl.len().alias("n"), pl.col("t").max().alias("last"),
            *(pl.col(name).max() for name in ("client", "address", "remote", "lport")),
        ).collect()  # fmt: skip
        self._bounds = {name: bounds[name][0] or 0 for name in bounds.columns}
        self.hosts = hosts_of(view, self._bounds["lport"])
        pairs = [(old * 16 + new, [a * 16 + b for a, b in told]) for (old, new), told in view.reported.items()]
        self._told = pl.DataFrame(pairs, schema={"pair": pl.Int16, "told": pl.List(pl.Int16)}, orient="row")
        self._known = pl.DataFrame(schema=_KNOWN)
        self._born = 0

    @property
    def n_rows(self) -> int:
        """Rows that were recorded."""
        return int(self._bounds["n"])

    def windows(self) -> Iterator[pl.DataFrame]:
        """Frames of lines in order of time.

        Columns: ns (the instant), socket (its number, from 1 in order of birth), local, peer (numbers of `hosts`),
        local_port, peer_port, pair (16 times the old state and the new one), us (time in the old state).
        """
        n_windows = max(-(-self.n_rows // WINDOW_ROWS), 1)
        edges = [self._bounds["last"] * i / n_windows for i in range(1, n_windows)]
        for low, high in zip([None, *edges], [*edges, None], strict=True):
            inside = self._rows
            if low is not None:
                inside = inside.filter(pl.col("t") > low)
            if high is not None:
                inside = inside.filter(pl.col("t") <= high)
            yield self._lines(inside.collect())

    def changes(self, window: pl.DataFrame) -> Iterator[Change]:
        """The lines of a window as a reader of a tool's text has them."""
        address, names = self.hosts.programs["address"].to_list(), self._view.names
        pairs = window["pair"].to_list()
        # numpy divides, polars multiplies by the inverse, which is not the nearest number
        columns: tuple[Iterable[Any], ...] = (
            (window["ns"].to_numpy() / 1e9).tolist(), window["socket"].to_list(),
            map(address.__getitem__, window["local"].to_list()), window["local_port"].to_list(),
            map(address.__getitem__, window["peer"].to_list()), window["peer_port"].to_list(),
            [names[pair >> 4] for pair in pairs], [names[pair & 15] for pair in pairs],
            (window["us"].to_numpy() / 1e3).tolist(),
        )  # fmt: skip
        return map(Change._make, zip(*columns, strict=True))

    def _lines(self, rows: pl.DataFrame) -> pl.DataFrame:
        found = self._by_socket(rows)
        told = found.join(self._told, on="pair", how="left", maintain_order="left").explode("told")
        shown = told.with_columns(ns=pl.coalesce("ns", "reported_ns")).filter(
            pl.col("told").is_not_null() | pl.col("reported_ns").is_not_null()
        )
        before = pl.when(pl.col("socket") == pl.col("socket").shift(1)).then(pl.col("ns").shift(1))
        shown = shown.with_columns(us=((pl.col("ns") - before) // 1000).fill_null(0))
        self._known = _carried(found, shown)
        shown = shown.filter(pl.col("place").is_not_null()).sort("ns", "place", maintain_order=True)
        return shown.select(
            "ns", "socket", "us", pl.col("told").alias("pair"), local=self.hosts.local, peer=self.hosts.peer,
            local_port=_port(self.hosts.local_port, pl.col("told")), peer_port=self.hosts.peer_port,
        )  # fmt: skip

    def _by_socket(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the numbers of their sockets, those of one together, behind what is known of it."""
        is_birth = pl.any_horizontal([(pl.col("old") == old) & (pl.col("new") == new) for old, new in _BIRTHS])
        number = pl.when(is_birth).then(self._born + is_birth.cast(pl.Int64).cum_sum())
        mine = rows.sort("t", maintain_order=True).with_columns(
            key=self._key(),
            socket=number,
            ns=(pl.col("t") * 1e9).round().cast(pl.Int64),
            pair=pl.col("old").cast(pl.Int16) * 16 + pl.col("new").cast(pl.Int16),
        )
        self._born += int(mine.select(is_birth.sum()).item())
        both = pl.concat([self._known, mine.with_row_index("place")], how="diagonal")
        return both.sort("key", maintain_order=True).with_columns(pl.col("socket").forward_fill())

    def _key(self) -> pl.Expr:
        """A number for the place of a socket: both its ends, and which of them it is."""
        most = self._bounds
        key = (pl.col("client").cast(pl.Int64) + 1) * (most["address"] + 1) + pl.col("address")
        key = (key * (most["remote"] + 1) + pl.col("remote")) * 2 + pl.col("server").cast(pl.Int64)
        return key * (most["lport"] + 1) + pl.col("lport")


def _carried(found: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """What has to be known of open sockets in the next window: their number, and when they were reported last."""
    last = found.group_by("key").agg(pl.col("socket").last(), pl.col("new").last())
    told = shown.group_by("socket").agg(pl.col("ns").last().alias("reported_ns"))
    return last.filter(~pl.col("new").is_in(_GONE)).join(told, on="socket", how="left").select(*_KNOWN)


def _port(port: pl.Expr, pair: pl.Expr) -> pl.Expr:
    """CLOSE to SYN_SENT comes before the search for a port (net/ipv4/tcp_ipv4.c, tcp_v4_connect)."""
    return pl.when(pair == 7 * 16 + 2).then(0).otherwise(port)
