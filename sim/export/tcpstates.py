"""tcpstates: lines of bcc's tool of that name, written and read. Not what a kernel reports (`socket_lines`).

Source: bcc, tools/tcpstates.py: its printf formats, byte for byte. Its columns overflow rather than being cut, but for
the name of the program, which may hold spaces: a line is read from its right end.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from sim.export.socket_lines import SocketLines
from sim.records.sockets import Change, NotALine, SocketView

FIRST_SOCKET, SOCKET_STEP = 0xFFFF000000000000, 0x200
"""Addresses of sockets as they look: nobody knows the real ones."""
SOFTIRQ = (0, "swapper/0")
"""Who runs when a segment or a timer changes a state: whoever had the processor, mostly nobody."""
FLAGS = "Ttws"
"""bcc's options: -T the time of day, -t seconds since the first line, -w wide columns with the IP version, -s CSV."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The options with which bcc's tool was called, and when the run began."""

    flags: str = ""
    epoch: datetime = datetime(2024, 1, 1, tzinfo=UTC)

    @property
    def header(self) -> str:
        """Its first line."""
        names = ["SKADDR", "C-PID", "C-COMM", "IP", "LADDR", "LPORT", "RADDR", "RPORT", "OLDSTATE", "NEWSTATE", "MS"]
        if "s" in self.flags:
            prefix = ("TIME," if "T" in self.flags else "") + ("TIME(s)," if "t" in self.flags else "")
            return prefix + ",".join(names)
        prefix = f"{'TIME':<8} " * ("T" in self.flags) + f"{'TIME(s)':<9} " * ("t" in self.flags)
        if "w" in self.flags:
            form = "%-16s %-5s %-16.16s %-2s %-39s %-5s %-39s %-5s %-11s -> %-11s %s"
            return prefix + form % tuple(names)
        names.remove("IP")
        form = "%-16s %-5s %-10.10s %-15s %-5s %-15s %-5s %-11s -> %-11s %s"
        return prefix + form % tuple(names)


def write_tcpstates(lines: SocketLines, view: SocketView, layout: Layout) -> Iterator[bytes]:
    """The text, piece by piece: the header, then the lines of one window after the other."""
    yield f"{layout.header}\n".encode()
    first: int | None = None
    words = _words(lines, view, layout)
    for window in lines.windows():
        if not window.height:
            continue
        first = window["ns"][0] if first is None else first
        yield _text(window, words, layout, first)


@dataclass(frozen=True, slots=True)
class _Words:
    """Parts of a line that recur, padded, by number."""

    who: pl.Series
    """By number of the host; the last is softirq."""
    address: pl.Series
    pair: dict[int, str]
    in_process: list[int]


def _words(lines: SocketLines, view: SocketView, layout: Layout) -> _Words:
    flags, programs = layout.flags, lines.hosts.programs
    everybody = [*zip(programs["pid"], programs["comm"], strict=True), SOFTIRQ]
    if "s" in flags:
        who = [f",{pid},{comm},4," for pid, comm in everybody]
        form, address, version = "{},{}", list(programs["address"]), ""
    else:
        width, version = (16, "4  ") if "w" in flags else (10, "")
        who = [f" {pid:<5} {comm:<{width}.{width}} {version}" for pid, comm in everybody]
        form = "{:<11} -> {:<11}"
        address = [f"{one:<{39 if 'w' in flags else 15}}" for one in programs["address"]]
    pairs = {a * 16 + b for told in view.reported.values() for a, b in told}
    names = {pair: form.format(view.names[pair >> 4], view.names[pair & 15]) for pair in pairs}
    in_process = [old * 16 + new for old, new in view.in_process]
    return _Words(pl.Series(who), pl.Series(address), names, in_process)


def _text(window: pl.DataFrame, words: _Words, layout: Layout, first: int) -> bytes:
    is_csv = "s" in layout.flags
    gap, pad = (",", 0) if is_csv else (" ", 5)
    softirq = len(words.who) - 1
    who = pl.when(pl.col("pair").is_in(words.in_process)).then(pl.col("local")).otherwise(softirq)
    sockets = [f"{FIRST_SOCKET + SOCKET_STEP * number:x}" for number in window["socket"].to_list()]
    us = pl.col("us")
    parts = [
        *_prefix(layout, first),
        pl.lit(pl.Series(sockets)) if is_csv else pl.lit(pl.Series(sockets)).str.pad_end(16),
        pl.lit(words.who).gather(who), pl.lit(words.address).gather(pl.col("local")), pl.lit(gap),
        pl.col("local_port").cast(pl.String).str.pad_end(pad), pl.lit(gap),
        pl.lit(words.address).gather(pl.col("peer")), pl.lit(gap),
        pl.col("peer_port").cast(pl.String).str.pad_end(pad), pl.lit(gap),
        pl.col("pair").replace_strict(words.pair, return_dtype=pl.String), pl.lit(gap),
        (us // 1000).cast(pl.String), pl.lit("."), (us % 1000).cast(pl.String).str.zfill(3),
    ]  # fmt: skip
    text = window.select(pl.concat_str(parts).str.join("\n"))
    return f"{text.item()}\n".encode()


def _prefix(layout: Layout, first: int) -> Iterator[pl.Expr]:
    gap = "," if "s" in layout.flags else " "
    if "T" in layout.flags:
        start = layout.epoch.replace(tzinfo=None)
        instants = pl.lit(start) + pl.duration(microseconds=pl.col("ns") // 1000)
        yield instants.dt.strftime("%H:%M:%S")
        yield pl.lit(gap)
    if "t" in layout.flags:
        since = (pl.col("ns") - first) // 1000
        whole = (since // 1_000_000).cast(pl.String)
        text = pl.concat_str([whole, pl.lit("."), (since % 1_000_000).cast(pl.String).str.zfill(6)])
        yield text if "s" in layout.flags else text.str.pad_end(9)
        yield pl.lit(gap)


DAY = 86_400
_FEWEST = 10
"""Words of a line, with those in the name of a program counted as one."""
_made = tuple.__new__
"""Makes a Change of a tuple: a third of the time of its constructor, and lines are many."""


class TcpstatesReader:
    """Reads lines of bcc's tcpstates, and of the one of libbpf-tools, whatever their options were: the header says."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._prefix: list[str] = []
        self._is_csv = self._is_in_seconds = False
        self._socket_at = 0
        self._midnight, self._last = 0, -math.inf

    @property
    def has_time(self) -> bool:
        """Whether lines say when."""
        return bool(self._prefix)

    def heads(self, line: str) -> bool:
        """Whether it is a header; in the middle, too, where files were put together: what follows goes by it."""
        if "SKADDR" not in line:
            return False
        words = line.replace(",", " ").split()
        self._is_csv = "," in line
        self._prefix = words[: words.index("SKADDR")] if "SKADDR" in words else []
        self._socket_at, self._is_in_seconds = len(self._prefix), self._prefix[-1:] == ["TIME(s)"]
        return True

    def parse(self, line: str) -> Change:
        """One line.

        Raises
        ------
        NotALine
            With the reason: a state that there is not, a port that is no number, too few fields.
        """
        fields = line.split(",") if self._is_csv else line.split()
        try:
            if self._is_csv:
                laddr, lport, raddr, rport, old, new, lasted = fields[-7:]
            else:
                laddr, lport, raddr, rport, old, _, new, lasted = fields[-8:]
            at = self._socket_at
            socket, names = fields[at], self._names
            if old not in names or new not in names:
                raise NotALine(f"{old if old not in names else new} is no state")
            t = float(fields[at - 1]) if self._is_in_seconds else self._instant(fields)
            return _made(Change, (t, socket, laddr, int(lport), raddr, int(rport), old, new, float(lasted)))
        except NotALine:
            raise
        except (ValueError, IndexError) as error:
            few = len(fields) < _FEWEST
            raise NotALine(f"has {len(fields)} fields, which is too few" if few else str(error)) from None

    def _instant(self, fields: list[str]) -> float:
        """Seconds of the time of day, which only grows; NaN where there is none."""
        if not self._prefix:
            return math.nan
        hours, minutes, seconds = fields[0].split(":")
        t = self._midnight + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        if t < self._last - DAY / 2:
            self._midnight += DAY
            t += DAY
        self._last = t
        return float(t)
