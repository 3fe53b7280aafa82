"""SocketWatch: detectors over changes of state of sockets, one record after the other. Not who reads the records.

As a program on sock:inet_sock_set_state has it: a map of sockets, and clocks of its own. Times are in seconds of the
records; nothing is asked of the wall clock. Source of the rules: formats_lint_reports.md, 12.1 and 12.2.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator

from models.detect.finding import Episodes, Finding, Thresholds
from models.detect.ports import PortLedger
from sim.records.sockets import Change

SYN_SENT, SYN_RECV, ESTABLISHED, CLOSE_WAIT = "SYN_SENT", "SYN_RECV", "ESTABLISHED", "CLOSE_WAIT"
CLOSE, LISTEN, TIME_WAIT = "CLOSE", "LISTEN", "TIME_WAIT"
HALF_OPEN = "half-open"
"""What the rule of three seconds is called in findings."""
_TO_TIME_WAIT = frozenset({"FIN_WAIT2", "CLOSING"})
"""From here to CLOSE means that a TIME_WAIT has begun, or will: no kernel says so itself."""


class Watched:
    """A socket that is remembered."""

    __slots__ = ("key", "since", "state")

    def __init__(self, state: str, since: float, key: str) -> None:
        self.state, self.since, self.key = state, since, key


Due = deque[tuple[float, object, Watched]]
"""Sockets that are looked at again, in order of time."""


class SocketWatch:
    """All detectors over one stream of changes.

    Attributes
    ----------
    forgotten : sockets that had to make room, by the state in which they were.
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self._limits = limits = thresholds
        self._sockets: dict[object, Watched] = {}
        self.forgotten: dict[str, int] = {}
        self.n_records = 0
        self.now = -math.inf
        self.began = math.inf
        """The instant of the first record."""
        self._tick_at = -math.inf
        self._half_open: Due = deque()
        self._close_wait: Due = deque()
        self._leaking: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._waited: deque[tuple[float, dict[str, int]]] = deque()
        self.ports = PortLedger(limits)
        self._flash = Flash(limits)
        self._dials = Episodes(
            HALF_OPEN, limits.window, threshold=limits.half_open,
            text="{n:,} dials to {key} had no answer after {value:g} s",
            cure="a dead or overloaded peer, or a path that drops SYNs: look at its accept queue, set a Dialer.Timeout",
        )  # fmt: skip
        self._requests = Episodes(
            "syn-flood", limits.window, threshold=limits.half_open,
            text="{n:,} handshakes with {key} were not complete after {value:g} s",
            cure="tcp_syncookies=1, a longer backlog, or a limit per source in front of it",
        )  # fmt: skip
        self._leaks = Episodes(
            "close-wait", limits.window, threshold=limits.close_wait,
            text="up to {value:,.0f} sockets at {key} were not closed long after their peers had closed",
            cure="a program that does not close: look for bodies and connections without Close, and handlers that hang",
        )  # fmt: skip

    def see(self, changes: Iterable[Change]) -> None:
        """Look at changes, in order."""
        for change in changes:
            self._see(change)

    def findings(self) -> Iterator[Finding]:
        """What was found so far, by detector."""
        for each in (self._dials, self._requests, self._flash.episodes, self._leaks):
            yield from each.findings()
        yield from self.ports.findings()

    def _see(self, change: Change) -> None:
        t, socket, laddr, _, raddr, rport, _, new, _ = change
        if t > self.now:
            self.now = t
            if self.began > t:
                self.began = t
            if self._half_open and self._half_open[0][0] <= t:
                self._expire(t)
            if t >= self._tick_at:
                self._tick(t)
        if socket is None:
            return
        self.n_records += 1
        sockets = self._sockets
        known = sockets.pop(socket, None)
        if new == SYN_SENT:
            known = Watched(new, t, f"{raddr}:{rport}")
            self.ports.dialed(laddr, known.key, t)
            if t == t:  # noqa: PLR0124  NaN: the records have no time, and their own durations have to do
                self._half_open.append((t + self._limits.half_open, socket, known))
        elif known is None:
            known = self._first_seen(change)
        if new != SYN_SENT and new is not known.state:
            self._left(change, known)
        if new != CLOSE:
            if len(sockets) >= self._limits.entries:
                self._forget()
            sockets[socket] = known

    def _first_seen(self, change: Change) -> Watched:
        is_dial = self.ports.knows(change.laddr, f"{change.raddr}:{change.rport}")
        key = f"{change.raddr}:{change.rport}" if is_dial else f"{change.laddr}:{change.lport} (listener)"
        return Watched(change.old, math.nan, key)

    def _left(self, change: Change, known: Watched) -> None:
        """A socket leaves `old` for `new`."""
        t, old, new = change.t, change.old, change.new
        spent = change.lasted / 1e3 if math.isnan(t) else t - known.since
        if old == SYN_SENT and math.isnan(t) and spent >= self._limits.half_open:
            self._dials.alarm(known.key, t, spent)
        elif old == ESTABLISHED:
            self._flash.ended(known.key, t, spent, is_reset=new == CLOSE)
        elif old == CLOSE_WAIT:
            self._left_close_wait(change, known, spent)
        if new == ESTABLISHED:
            self._flash.opened(known.key, t)
        if new == CLOSE_WAIT:
            self._waiting[known.key] = self._waiting.get(known.key, 0) + 1
            self._close_wait.append((t + self._limits.close_wait, change.socket, known))
        elif new == SYN_RECV:
            self._half_open.append((t + self._limits.half_open, change.socket, known))
        if new == TIME_WAIT or (new == CLOSE and old in _TO_TIME_WAIT):
            self.ports.lingers(change.laddr, f"{change.raddr}:{change.rport}", t)
        elif new == CLOSE and old == TIME_WAIT:  # a list shows that, a kernel does not report it
            self.ports.returned(change.laddr, f"{change.raddr}:{change.rport}")
        elif new == CLOSE and old != LISTEN:
            self.ports.freed(change.laddr, f"{change.raddr}:{change.rport}", t, never_bound=not change.lport)
        known.state, known.since = new, t

    def _left_close_wait(self, change: Change, known: Watched, spent: float) -> None:
        if known.key in self._waiting:
            self._waiting[known.key] -= 1
        if math.isnan(change.t):
            if spent >= self._limits.close_wait:
                self._leaks.alarm(known.key, change.t, 1)
        elif spent >= self._limits.close_wait and self._leaking.get(known.key):
            self._leaking[known.key] -= 1

    def _forget(self) -> None:
        """Make room: the socket that changed least recently goes."""
        oldest = next(iter(self._sockets))
        lost = self._sockets.pop(oldest)
        self.forgotten[lost.state] = self.forgotten.get(lost.state, 0) + 1
        if lost.state == CLOSE_WAIT and lost.key in self._waiting:
            self._waiting[lost.key] -= 1

    # clocks

    def _tick(self, t: float) -> None:
        """Once a second of the records, before the first of them that comes later."""
        self._tick_at = math.floor(t) + 1.0
        self._look_at_close_wait(t)
        self.ports.tick(t)
        self._flash.tick(t)

    def ends(self, t: float) -> None:
        """The records end; nothing has happened since the last of them."""
        if t > self.now:
            self.now = t
        self._expire(self.now)
        self._tick(self.now)

    def _expire(self, t: float) -> None:
        sockets, due = self._sockets, self._half_open
        while due and due[0][0] <= t:
            at, socket, watched = due.popleft()
            if sockets.get(socket) is watched and watched.since + self._limits.half_open == at:
                if watched.state == SYN_SENT:
                    self._dials.alarm(watched.key, at, self._limits.half_open)
                elif watched.state == SYN_RECV:
                    self._requests.alarm(watched.key, at, self._limits.half_open)

    def _look_at_close_wait(self, t: float) -> None:
        due = self._close_wait
        while due and due[0][0] <= t:
            at, socket, watched = due.popleft()
            same = self._sockets.get(socket) is watched and watched.state == CLOSE_WAIT
            if same and watched.since + self._limits.close_wait == at:
                self._leaking[watched.key] = self._leaking.get(watched.key, 0) + 1
        if not self._waiting:
            return
        self._waited.append((t, dict(self._waiting)))
        while self._waited[0][0] < t - self._limits.close_wait:
            self._waited.popleft()
        before = self._waited[0][1]
        for key, n in self._leaking.items():
            now = self._waiting.get(key, 0)
            if n >= self._limits.close_wait_sockets and now > before.get(key, 0):
                self._leaks.alarm(key, t, now)


LEAST_FLASHES = 20
"""Fewer in a window tell nothing of a share."""


class Flash:
    """Connections that end as soon as they are open: by resets, or more often than before.

    A healthy client without keep-alive ends each of its connections after one short answer, so what counts is RST, or
    a share above that of earlier windows.
    """

    def __init__(self, limits: Thresholds) -> None:
        self._limits = limits
        self._ended: dict[str, list[int]] = {}
        self._before: dict[str, list[int]] = {}
        self._first_seen: dict[str, float] = {}
        self._until = math.inf
        self.episodes = Episodes(
            "flash-disconnect", 2 * limits.window, threshold=limits.flash,
            text="{n:,} connections with {key} ended within {value:g} s, by RST or more often than before",
            cure="whoever resets them: a proxy with a full pool, a failing TLS or health check, a port scan",
        )  # fmt: skip

    def opened(self, key: str, t: float) -> None:
        """A connection came to ESTABLISHED."""
        self._first_seen.setdefault(key, t)

    def ended(self, key: str, t: float, lasted: float, *, is_reset: bool) -> None:
        """A connection left ESTABLISHED."""
        if self._until == math.inf and not math.isnan(t):
            self._until = t + self._limits.window
        counts = self._ended.get(key)
        if counts is None:
            counts = self._ended[key] = [0, 0, 0]
        counts[0] += 1
        if lasted < self._limits.flash:
            counts[2 if is_reset else 1] += 1
            if is_reset and counts[2] >= self._limits.flash_resets:
                n = counts[2] if counts[2] == self._limits.flash_resets else 1  # those before it count as well
                self.episodes.alarm(key, t, self._limits.flash, n=n)

    def tick(self, t: float) -> None:
        """A window may be over."""
        if t < self._until:
            return
        for key, (ended, fins, resets) in self._ended.items():
            known = self._before.setdefault(key, [0, 0])
            usual = known[1] / known[0] if known[0] else 0.0  # none ended: it was watched, and all of them lasted
            is_new = self._first_seen.get(key, t) > t - 2 * self._limits.window
            if not is_new and fins >= LEAST_FLASHES and (fins + resets) / ended > usual + self._limits.flash_share:
                self.episodes.alarm(key, self._until, self._limits.flash, n=fins + resets)
            else:
                known[0] += ended
                known[1] += fins + resets
        self._ended.clear()
        self._until = t + self._limits.window
