"""tracefs: lines of sock:inet_sock_set_state as ftrace prints them, written and read.

Source: kernel/trace/trace_output.c, trace_print_context; include/trace/events/sock.h; seen on Linux 6.18. A line has no
address of the socket, so who reads them tells sockets apart by their four numbers, of which a dial's first line lacks
the port: the next dial that is answered from there to there is taken to be the oldest.
"""

import math
import re
from collections import deque
from collections.abc import Collection, Iterator

import polars as pl

from sim.export.socket_lines import SocketLines
from sim.export.tcpstates import SOFTIRQ
from sim.records.sockets import Change, NotALine, SocketView

EVENT = "inet_sock_set_state:"
LINE = re.compile(r"\s*(.+)-(\d+)\s+(?:\(.{7}\)\s+)?\[(\d+)\]\s+\S{4,5}\s+(\d+\.\d{6}): inet_sock_set_state: (.*)")
PAYLOAD = re.compile(
    r"family=AF_(INET6?) protocol=IPPROTO_(\w+) sport=(\d+) dport=(\d+) saddr=(\S+) daddr=(\S+)"
    r" saddrv6=(\S+) daddrv6=(\S+) oldstate=TCP_(\w+) newstate=TCP_(\w+)"
)
HEADER = (
    "# tracer: nop\n#\n"
    "#                                _-----=> irqs-off/BH-disabled\n"
    "#                               / _----=> need-resched\n"
    "#                              | / _---=> hardirq/softirq\n"
    "#                              || / _--=> preempt-depth\n"
    "#                              ||| / _-=> migrate-disable\n"
    "#                              |||| /     delay\n"
    "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
    "#              | |         |   |||||     |         |\n"
)


def write_tracefs(lines: SocketLines, view: SocketView) -> Iterator[bytes]:
    """The text, piece by piece; the machine was booted when the run began."""
    yield HEADER.encode()
    programs = lines.hosts.programs
    everybody = [*zip(programs["pid"], programs["comm"], strict=True), SOFTIRQ]
    who = [f"{comm[:15]:>16}-{pid:<7} [000] " for pid, comm in everybody]
    pairs = {a * 16 + b for told in view.reported.values() for a, b in told}
    names = {pair: f"oldstate=TCP_{view.names[pair >> 4]} newstate=TCP_{view.names[pair & 15]}" for pair in pairs}
    in_process = pl.col("pair").is_in([old * 16 + new for old, new in view.in_process])
    address = pl.lit(programs["address"])
    us = pl.col("ns") // 1000
    parts = [
        pl.lit(pl.Series(who)).gather(pl.when(in_process).then(pl.col("local")).otherwise(len(who) - 1)),
        pl.when(in_process).then(pl.lit(".....")).otherwise(pl.lit("..s2.")),
        pl.lit(" "), (us // 1_000_000).cast(pl.String).str.pad_start(5), pl.lit("."),
        (us % 1_000_000).cast(pl.String).str.zfill(6),
        pl.lit(f": {EVENT} family=AF_INET protocol=IPPROTO_TCP sport="), pl.col("local_port").cast(pl.String),
        pl.lit(" dport="), pl.col("peer_port").cast(pl.String),
        pl.lit(" saddr="), address.gather(pl.col("local")), pl.lit(" daddr="), address.gather(pl.col("peer")),
        pl.lit(" saddrv6=::ffff:"), address.gather(pl.col("local")),
        pl.lit(" daddrv6=::ffff:"), address.gather(pl.col("peer")),
        pl.lit(" "), pl.col("pair").replace_strict(names, return_dtype=pl.String),
    ]  # fmt: skip
    for window in lines.windows():
        if window.height:
            text = window.select(pl.concat_str(parts).str.join("\n")).item()
            yield f"{text}\n".encode()


class TracefsReader:
    """Reads the lines of one trace."""

    has_time = True

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._dials: dict[tuple[str, str], deque[int]] = {}
        self._sockets: dict[tuple[str, str, str, str], int] = {}
        self._next = 0

    def heads(self, line: str) -> bool:
        """Whether it is a comment, or another event's line."""
        return line.startswith("#") or EVENT not in line

    def parse(self, line: str) -> Change:
        """One line.

        Raises
        ------
        NotALine
            With the reason.
        """
        found = LINE.match(line)
        told = None if found is None else PAYLOAD.fullmatch(found[5].strip())
        if found is None or told is None:
            raise NotALine("is cut off, or not as inet_sock_set_state prints it")
        family, protocol, sport, dport, saddr, daddr, saddr6, daddr6, old, new = told.groups()
        if protocol not in {"TCP", "MPTCP"}:
            raise NotALine(f"is of {protocol}")
        if old not in self._names or new not in self._names:
            raise NotALine(f"{old if old not in self._names else new} is no state")
        if family == "INET6":
            saddr, daddr = saddr6, daddr6
        socket = self._socket((saddr, sport, daddr, dport), old, new)
        return Change(float(found[4]), socket, saddr, int(sport), daddr, int(dport), old, new, math.nan)

    def _socket(self, ends: tuple[str, str, str, str], old: str, new: str) -> int:
        saddr, sport, daddr, dport = ends
        waiting = self._dials.setdefault((saddr, f"{daddr}:{dport}"), deque())
        if new == "SYN_SENT":
            self._next += 1
            waiting.append(self._next)
            return self._next
        if old == "SYN_SENT" and waiting:
            number = waiting.pop() if sport == "0" else waiting.popleft()
            self._sockets[ends] = number
        else:
            number = self._sockets.get(ends, 0)
        if not number:
            self._next += 1
            number = self._sockets[ends] = self._next
        if new == "CLOSE":
            self._sockets.pop(ends, None)
        return number
