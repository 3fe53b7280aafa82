"""tcplife: a line for each connection that has ended, as bcc's tool of that name prints it, written and read.

Source: bcc, tools/tcplife.py. A connection begins with its last state before FIN_WAIT1, so for one that was established
MS is the time since then; it belongs to the program that dialed it, or that closed it second, else to whoever had the
processor at its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from sim.export.socket_lines import SocketLines
from sim.export.tcpstates import SOFTIRQ, Layout
from sim.records.folder import StoredRun
from sim.records.sockets import MessageSizes, NotALine

ESTABLISHED, SYN_SENT, SYN_RECV, CLOSE, LAST_ACK = 1, 2, 3, 7, 9
_EARLY = (ESTABLISHED, SYN_SENT, SYN_RECV)
KB = 1024
ROW = "%-5d %-10.10s %s%-15s %-5d %-15s %-5d %5d %5d %.2f"
WIDE = "%-5d %-16.16s %-2s %-39s %-5d %-39s %-5d %6d %6d %.2f"
CSV = "%d,%s,%s,%s,%d,%s,%d,%d,%d,%.2f"
_NAMES = ("PID", "COMM", "IP", "LADDR", "LPORT", "RADDR", "RPORT", "TX_KB", "RX_KB", "MS")

Bytes = tuple[int, int]
"""Sent and received."""
Ends = tuple[str, int, int]
"""A client, its port, and when the connection was established (ns)."""


def header(layout: Layout) -> str:
    """The first line."""
    gap = "," if "s" in layout.flags else " "
    prefix = ("TIME" if gap == "," else "TIME    ") + gap if "T" in layout.flags else ""
    if "t" in layout.flags:
        prefix += ("TIME(s)" if gap == "," else "TIME(s)  ") + gap
    if "s" in layout.flags:
        return prefix + ",".join(_NAMES)
    form = WIDE if "w" in layout.flags else ROW
    names = _NAMES if "w" in layout.flags else (*_NAMES[:2], "", *_NAMES[3:])
    return prefix + form.replace("d", "s").replace("%.2f", "%s") % names


def bytes_of(run: StoredRun, sizes: MessageSizes) -> dict[Ends, Bytes]:
    """What each connection has carried: by client, port and the instant (ns) at which it was established.

    Simplified: messages whole, without handshakes of TLS, frames of HTTP/2 and what was sent again.
    """
    asked = pl.col("workload").replace_strict(dict(sizes.requests), return_dtype=pl.Int64)
    told = pl.col("backend").replace_strict(dict(sizes.answers), default=0, return_dtype=pl.Int64)
    answered = pl.col("t_first").is_not_null()
    each = run.scan("requests").filter(pl.col("conn_id") >= 0).group_by("client", "conn_id")
    carried = each.agg(tx=asked.sum(), rx=pl.when(answered).then(told).otherwise(0).sum())
    conns = run.scan("connections").filter(pl.col("t_connected").is_not_null())
    found = conns.join(carried, on=["client", "conn_id"], how="left").select(
        "client", "lport", (pl.col("t_connected") * 1e9).round().cast(pl.Int64), pl.col("tx", "rx").fill_null(0)
    )
    return {(client, port, at): (tx, rx) for client, port, at, tx, rx in found.collect().iter_rows()}


@dataclass(slots=True)
class _Life:
    """A socket that has not ended."""

    began: int
    is_known: bool = False
    """Whether the tool has seen its program."""
    carried: Bytes = (0, 0)


def write_tcplife(lines: SocketLines, carried: Mapping[Ends, Bytes], layout: Layout) -> Iterator[bytes]:
    """The text, piece by piece."""
    yield f"{header(layout)}\n".encode()
    lives = _Lives(lines, carried, layout)
    told = (pl.col("pair") % 16).is_in([*_EARLY, LAST_ACK, CLOSE])
    for window in lines.windows():
        if window.height:
            lives.begin(window["ns"][0])
        rows = window.filter(told).select("ns", "socket", "pair", "local", "peer", "local_port", "peer_port")
        yield "".join(line for row in rows.iter_rows() if (line := lives.see(row))).encode()


class _Lives:
    """The sockets that have not ended."""

    def __init__(self, lines: SocketLines, carried: Mapping[Ends, Bytes], layout: Layout) -> None:
        programs = lines.hosts.programs
        self._address, self._pid, self._comm = (programs[name].to_list() for name in ("address", "pid", "comm"))
        self._carried, self._layout = carried, layout
        self._form = CSV if "s" in layout.flags else WIDE if "w" in layout.flags else ROW
        self._version = "4" if set(layout.flags) & set("sw") else ""
        self._lives: dict[int, _Life] = {}
        self._by_ends: dict[tuple[int, int], Bytes] = {}
        self._first: int | None = None

    def begin(self, ns: int) -> None:
        """The instant of a line; the first one is where -t begins."""
        self._first = ns if self._first is None else self._first

    def see(self, row: tuple[int, ...]) -> str:
        """One change; the line where a socket has ended with it."""
        ns, socket, pair, local, peer, lport, rport = row
        old, new = pair >> 4, pair & 15
        if new == CLOSE:
            life = self._lives.pop(socket, None)
            return "" if life is None else self._line(row, life)
        if new == LAST_ACK:
            if socket in self._lives:
                self._lives[socket].is_known = True
            return ""
        life = self._lives.setdefault(socket, _Life(ns))
        life.began, life.is_known = ns, life.is_known or new == SYN_SENT
        if new == ESTABLISHED and old == SYN_SENT:
            life.carried = self._carried.get((self._comm[local], lport, ns), (0, 0))
            self._by_ends[local, lport] = life.carried
        elif new == ESTABLISHED:
            sent, received = self._by_ends.get((peer, rport), (0, 0))
            life.carried = received, sent
        return ""

    def _line(self, row: tuple[int, ...], life: _Life) -> str:
        ns, _, _, local, peer, lport, rport = row
        who = (self._pid[local], self._comm[local]) if life.is_known else SOFTIRQ
        sent, received = life.carried
        told = self._form % (
            *who, self._version, self._address[local], lport, self._address[peer], rport, sent // KB, received // KB,
            (ns - life.began) // 1000 / 1000,
        )  # fmt: skip
        return f"{_prefix(self._layout, ns, self._first or 0)}{told}\n"


def _prefix(layout: Layout, ns: int, first: int) -> str:
    gap, told = "," if "s" in layout.flags else " ", ""
    if "T" in layout.flags:
        told += (layout.epoch + timedelta(microseconds=ns // 1000)).strftime("%H:%M:%S") + gap
    if "t" in layout.flags:
        since = (ns - first) // 1000 / 1e6
        told += f"{since:.6f}," if gap == "," else f"{since:<9.6f} "
    return told


@dataclass(frozen=True, slots=True)
class Life:
    """One line, read: a connection that has ended."""

    pid: int
    comm: str
    laddr: str
    lport: int
    raddr: str
    rport: int
    tx_kb: int
    rx_kb: int
    ms: float


def parse_tcplife(line: str, *, is_csv: bool = False) -> Life:
    """A line without a prefix; the name of a program may hold spaces.

    Raises
    ------
    NotALine
        With the reason.
    """
    fields = line.strip().split(",") if is_csv else line.split()
    if len(fields) < 9:
        raise NotALine(f"has {len(fields)} fields, which is too few")
    laddr, lport, raddr, rport, tx, rx, ms = fields[-7:]
    comm = fields[1:-7]
    if comm and comm[-1] in {"4", "6"} and len(comm) > 1:
        comm = comm[:-1]
    try:
        return Life(int(fields[0]), " ".join(comm), laddr, int(lport), raddr, int(rport), int(tx), int(rx), float(ms))
    except ValueError as error:
        raise NotALine(str(error)) from None
