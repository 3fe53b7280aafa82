"""PortLedger: local ports by destination, as far as changes of sockets tell: taken, in TIME_WAIT, gone when.

Who dials holds the port; TIME_WAIT is no change that a kernel reports, so it is counted for 60 s from the change that
must have begun it (formats_lint_reports.md, 11.4 and 12.1).
"""

import math
from collections import deque
from collections.abc import Iterator

from models.detect.finding import Episodes, Finding, Thresholds

TIME_WAIT_LASTS = 60.0
"""s; TCP_TIMEWAIT_LEN, without the delay of the timer wheel."""
FULL_TABLE = 0.8
"""Share of tcp_max_tw_buckets."""


class _Towards:
    """The ports of one local address towards one destination."""

    __slots__ = ("dials", "key", "lingering", "open", "recent")

    def __init__(self, key: str) -> None:
        self.key = key
        self.open = self.dials = 0
        self.lingering: deque[float] = deque()
        self.recent: deque[tuple[float, int]] = deque()
        """Dials of each of the last seconds."""


class PortLedger:
    """All destinations."""

    def __init__(self, limits: Thresholds) -> None:
        self._limits = limits
        self._towards: dict[tuple[str, str], _Towards] = {}
        self._others: deque[float] = deque()
        self._storms = Episodes(
            "time-wait", limits.window, threshold=limits.time_wait_share,
            text="up to {value:.0%} of the local ports towards {key} were in TIME_WAIT",
            cure="reuse connections: keep-alive, a larger MaxIdleConnsPerHost, bodies read to their end",
        )  # fmt: skip
        self._tables = Episodes(
            "time-wait", limits.window, threshold=FULL_TABLE,
            text="up to {value:.0%} of tcp_max_tw_buckets were taken at {key}", cure="a larger tcp_max_tw_buckets",
        )  # fmt: skip
        self._ahead = Episodes(
            "port-exhaustion", limits.window, threshold=limits.exhaustion,
            text="at the rate of the dials, local ports towards {key} were to be gone {value:.0f} s later",
            worst=_first,
            cure="fewer dials (keep-alive, a larger idle pool), a wider ip_local_port_range, more source addresses",
        )  # fmt: skip
        self._failed = Episodes(
            "port-exhaustion", limits.window, threshold=0,
            text="{n:,} dials to {key} found no local port (EADDRNOTAVAIL)",
            cure="fewer dials (keep-alive, a larger idle pool), a wider ip_local_port_range, more source addresses",
        )  # fmt: skip

    def knows(self, laddr: str, remote: str) -> bool:
        """Whether anybody dialed from there to there."""
        return (laddr, remote) in self._towards

    def dialed(self, laddr: str, remote: str, t: float) -> None:
        """connect() begins."""
        towards = self._towards.get((laddr, remote))
        if towards is None:
            towards = self._towards[laddr, remote] = _Towards(remote)
        towards.open += 1
        towards.dials += 1

    def freed(self, laddr: str, remote: str, t: float, *, never_bound: bool) -> None:
        """A socket is gone without TIME_WAIT; `never_bound` where it had no port, though it dialed."""
        towards = self._towards.get((laddr, remote))
        if towards is not None:
            towards.open = max(towards.open - 1, 0)
            if never_bound:
                towards.dials -= 1
                self._failed.alarm(remote, t, 0)

    def lingers(self, laddr: str, remote: str, t: float) -> None:
        """A TIME_WAIT begins."""
        towards = self._towards.get((laddr, remote))
        if towards is None:
            self._others.append(t + TIME_WAIT_LASTS)
        else:
            towards.open = max(towards.open - 1, 0)
            towards.lingering.append(t + TIME_WAIT_LASTS)

    def returned(self, laddr: str, remote: str) -> None:
        """A TIME_WAIT was seen to end."""
        towards = self._towards.get((laddr, remote))
        lingering = self._others if towards is None else towards.lingering
        if lingering:
            lingering.popleft()

    def tick(self, t: float) -> None:
        """A second has passed."""
        n_lingering = _lapse(self._others, t)
        for towards in self._towards.values():
            n_lingering += _lapse(towards.lingering, t)
            self._look_at(towards, t)
        if n_lingering > FULL_TABLE * self._limits.time_wait_table:
            self._tables.alarm("this host", t, n_lingering / self._limits.time_wait_table)

    def findings(self) -> Iterator[Finding]:
        """All episodes."""
        for each in (self._storms, self._tables, self._ahead, self._failed):
            yield from each.findings()

    def _look_at(self, towards: _Towards, t: float) -> None:
        limits, lingering = self._limits, len(towards.lingering)
        if lingering > limits.time_wait_share * limits.ports:
            self._storms.alarm(towards.key, t, lingering / limits.ports)
        recent = towards.recent
        recent.append((t, towards.dials))
        while recent[0][0] < t - limits.window:
            recent.popleft()
        spanned = t - recent[0][0]
        if spanned < limits.window / 2:
            return
        rate = (towards.dials - recent[0][1]) / spanned
        if rate * TIME_WAIT_LASTS <= limits.ports:
            return
        free = limits.ports - towards.open - lingering
        returning = _due_before(towards.lingering, t + limits.window) / limits.window
        left = free / (rate - returning) if rate > returning else math.inf
        if left < limits.exhaustion:
            self._ahead.alarm(towards.key, t, max(left, 0.0))


def _first(_: float, before: float) -> float:
    """How much time was left when it was first seen is what matters."""
    return before


def _lapse(due: deque[float], t: float) -> int:
    while due and due[0] <= t:
        due.popleft()
    return len(due)


def _due_before(due: deque[float], t: float) -> int:
    n = 0
    for at in due:
        if at > t:
            break
        n += 1
    return n
