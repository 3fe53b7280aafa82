"""ss: the sockets of an instant as iproute2's `ss -tan` lists them, written and read.

Source: iproute2 6.1, misc/ss.c, as seen on loopback sockets. Names of states are a third spelling beside bcc's and
ftrace's. Widths follow the content, so a line is read by its words.
"""

import math
import re
from collections.abc import Iterator, Sequence

from sim.records.sockets import Change, Listed, NotALine, Snapshot, only_time

STATES = {
    "ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RECV", "FIN-WAIT-1": "FIN_WAIT1",
    "FIN-WAIT-2": "FIN_WAIT2", "TIME-WAIT": "TIME_WAIT", "UNCONN": "CLOSE", "CLOSE-WAIT": "CLOSE_WAIT",
    "LAST-ACK": "LAST_ACK", "LISTEN": "LISTEN", "CLOSING": "CLOSING",
}  # fmt: skip
"""Names of ss, and bcc's."""
HEADER = ("State", "Recv-Q", "Send-Q", "Local Address", "Port", "Peer Address", "Port", "Process")
CLOCK = re.compile(r"\d{9,10}(?:\.\d+)?")
"""What `date +%s` prints between two lists, so that they have times."""
RETRANS, SEGMENTS = re.compile(r"\bretrans:\d+/(\d+)"), re.compile(r"\bsegs_out:(\d+)")


Row = tuple[str, int, int, str, str, str]
"""State (bcc's name), Recv-Q, Send-Q, local end, peer, and what stands behind them, with a space before it."""


def list_text(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of a list: every column as wide as the widest of its cells, filled up to the last."""
    spelled = {ours: theirs for theirs, ours in STATES.items()}
    lines = [HEADER]
    for state, recv_q, send_q, local, peer, more in rows:
        (laddr, _, lport), (raddr, _, rport) = local.rpartition(":"), peer.rpartition(":")
        lines.append((spelled[state], str(recv_q), str(send_q), laddr, lport, raddr, rport, more))
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    form = "{:<{}} {:<{}} {:<{}} {:>{}}:{:<{}} {:>{}}:{:<{}}{:<{}}\n"
    for cells in lines:
        yield form.format(*(each for cell, width in zip(cells, widths, strict=True) for each in (cell, width)))


def timer_text(ms: int) -> str:
    """A time that is left, as a timer shows it (misc/ss.c, print_ms_timer): 1min, 59sec, 9.500ms, 300ms.

    Examples
    --------
    >>> [timer_text(ms) for ms in (60_000, 59_400, 9_500, 300, 7_199_000)]
    ['1min', '59sec', '9.500ms', '300ms', '119min']
    """
    minutes, rest = divmod(max(ms, 0), 60_000)
    secs, ms = divmod(rest, 1000)
    told = f"{minutes}min" if minutes else ""
    if minutes:
        ms, secs = 0, 0 if minutes > 9 else secs
    if secs:
        ms = 0 if secs > 9 else ms
        told += f"{secs}{'.' if ms else 'sec'}"
    return told + (f"{ms:03d}ms" if ms else "")


class SsReader:
    """Reads lists, one after the other; a line that begins with a space belongs to the one before."""

    def __init__(self) -> None:
        self._snapshot = Snapshot()
        self._next_t = math.nan
        self._told = ""

    @property
    def has_time(self) -> bool:
        """Whether lists say when."""
        return not math.isnan(self._snapshot.t)

    def feed(self, line: str) -> Snapshot | None:
        """One line; the list before it, where it begins the next one.

        Raises
        ------
        NotALine
            With the reason.
        """
        words = line.split()
        if CLOCK.fullmatch(line.strip()):
            done, self._snapshot = self._snapshot, Snapshot(float(line))
            self._next_t = float(line)
            return done if done.sockets else None
        if words[:2] in (["State", "Recv-Q"], ["Netid", "State"]):
            if not self._snapshot.sockets:
                return None
            done, self._snapshot = self._snapshot, Snapshot()
            return done
        if line[:1].isspace():
            self._more(line)
            return None
        self._snapshot.sockets.append(_listed(words, line))
        return None

    def finish(self) -> Snapshot:
        """The last list."""
        return self._snapshot

    def _more(self, line: str) -> None:
        if not self._snapshot.sockets:
            raise NotALine("belongs to no socket")
        last = self._snapshot.sockets.pop()
        again, sent = RETRANS.search(line), SEGMENTS.search(line)
        self._snapshot.sockets.append(
            Listed(
                last.state, last.recv_q, last.send_q, last.laddr, last.lport, last.raddr, last.rport,
                int(again[1]) if again else last.retransmitted, int(sent[1]) if sent else last.segments,
            )
        )  # fmt: skip


def _listed(words: list[str], line: str) -> Listed:
    if words and words[0] == "tcp":  # -a without -t has a column more
        words = words[1:]
    if len(words) < 5 or words[0] not in STATES:
        state = words[0] if words else ""
        raise NotALine(f"{state} is no state" if len(words) >= 5 else f"has {len(words)} fields, which is too few")
    again, sent = RETRANS.search(line), SEGMENTS.search(line)
    try:
        (laddr, lport), (raddr, rport) = (_end(word) for word in words[3:5])
        return Listed(
            STATES[words[0]], int(words[1]), int(words[2]), laddr, lport, raddr, rport,
            int(again[1]) if again else 0, int(sent[1]) if sent else 0,
        )  # fmt: skip
    except ValueError as error:
        raise NotALine(str(error)) from None


def _end(word: str) -> tuple[str, int]:
    address, _, port = word.rpartition(":")
    return address, 0 if port == "*" else int(port)


class Differences:
    """Changes between one list and the next: what a kernel would have reported at the latest by then."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, int, str, int], str] = {}

    def see(self, snapshot: Snapshot) -> Iterator[Change]:
        """The changes since the list before."""
        yield only_time(snapshot.t)
        now = {(one.laddr, one.lport, one.raddr, one.rport): one.state for one in snapshot.sockets}
        for ends, old in self._before.items():
            if ends not in now:
                yield Change(snapshot.t, ends, *ends, old, "CLOSE", math.nan)
        for ends, new in now.items():
            old = self._before.get(ends, "CLOSE")
            if old == "TIME_WAIT" != new:  # its port was taken over
                yield Change(snapshot.t, ends, *ends, old, "CLOSE", math.nan)
                old = "CLOSE"
            if old != new:
                if old == "CLOSE" and new in {"ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT2"} and _dials(ends):
                    yield Change(snapshot.t, ends, *ends, "CLOSE", "SYN_SENT", math.nan)
                    old = "SYN_SENT"
                yield Change(snapshot.t, ends, *ends, old, new, math.nan)
        self._before = now


FIRST_EPHEMERAL = 32_768


def _dials(ends: tuple[str, int, str, int]) -> bool:
    """Whether this end has dialed, as far as its ports tell."""
    return ends[1] >= FIRST_EPHEMERAL > ends[3]
