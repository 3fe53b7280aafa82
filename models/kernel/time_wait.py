"""How long closed connections stay: TIME_WAIT, and FIN_WAIT2 of orphans. Which ports they hold, `ports` knows."""

from heapq import heappop, heappush
from typing import Final

from models.kernel.sysctl import HostConfig, KernelConfig
from models.kernel.timer_wheel import TimerWheel
from sim.engine.timers import NEVER
from sim.units import MS, SECOND

TCP_TIMEWAIT_LEN: Final = 60 * SECOND
"""A compile-time constant; no sysctl changes it (include/net/tcp.h)."""
SHORT_TIMER: Final = 4 * SECOND
"""Mini sockets with a timer above it count as TcpExt.TW, the others as TWKilled (counters of Linux 6.18)."""


class TimeWait:
    """The TIME_WAIT and FIN_WAIT2 mini sockets of one namespace, counted together as tcp_max_tw_buckets does.

    Nothing is scheduled: entries leave when somebody asks.

    Attributes
    ----------
    entered : TcpExt.TW, mini sockets made with a timer of more than 4 s; FIN_WAIT2 ones count too.
    killed : TcpExt.TWKilled, those with a shorter one.
    overflows : TcpExt.TCPTimeWaitOverflow, connections closed at once because the table was full.
    recycled : TcpExt.TWRecycled, entries whose port a new connection took over.
    """

    __slots__ = (
        "_count",
        "_due",
        "_fin_timeout_set",
        "_is_stamped",
        "_leaving",
        "_most",
        "_reuse",
        "_reuse_delay",
        "_version",
        "_wheel",
        "entered",
        "killed",
        "overflows",
        "recycled",
    )

    def __init__(self, config: HostConfig, wheel: TimerWheel) -> None:
        self._wheel = wheel
        self._version = config.version
        # a server's FIN_WAIT2 lasts a round trip here: clients close as soon as they see its FIN
        self.reconfigure(config)
        self._count = 0
        self._due: list[int] = []  # heap of the instants in `_leaving`
        self._leaving: dict[int, int] = {}  # ends_at: entries; they end in batches, so there are few
        self.entered = self.killed = self.overflows = self.recycled = 0

    def reconfigure(self, config: HostConfig) -> None:
        """Sysctl -w: entries that are made from now on go by `config`."""
        self._most = config.tcp_max_tw_buckets
        self._fin_timeout_set = TCP_TIMEWAIT_LEN
        self._reuse = self._reuse_delay = 0  # only a host that connects looks for ports
        self._is_stamped = False
        if isinstance(config, KernelConfig):
            self._fin_timeout_set, self._is_stamped = config.tcp_fin_timeout, config.tcp_timestamps != 0
            self._reuse, self._reuse_delay = config.tcp_tw_reuse, config.tcp_tw_reuse_delay

    def enter(self, now: int) -> int | None:
        """The peer's FIN has arrived: when this TIME_WAIT ends. None means that the table is full and none begins.

        Without an entry the port is free at once and late segments are answered with RST (inet_twsk_alloc).
        """
        return self._add(now, self._wheel.fires_at(now, TCP_TIMEWAIT_LEN), TCP_TIMEWAIT_LEN)

    def enter_ahead(self, now: int, begins_at: int) -> int | None:
        """As `enter` at `begins_at`, recorded `now`; None where it is not certain that there will be room.

        It is while less than half of tcp_max_tw_buckets is taken: written out, as each close of a certain connection
        comes here.
        """
        due, leaving = self._due, self._leaving
        while due and due[0] <= now:
            self._count -= leaving.pop(heappop(due))
        if 2 * self._count >= self._most:
            return None
        self.entered += 1
        self._count += 1
        ends_at = self._wheel.fires_at(begins_at, TCP_TIMEWAIT_LEN)
        if ends_at in leaving:
            leaving[ends_at] += 1
        else:
            leaving[ends_at] = 1
            heappush(due, ends_at)
        return ends_at

    def enter_fin_wait2(self, now: int, rto: int = 0) -> int | None:
        """An orphan's FIN has been acknowledged: when it gives up on the peer's FIN. None as in `enter`.

        Simplified: with tcp_fin_timeout above 60 s it is counted from `now` on, not only while it is a mini socket.
        """
        timeout = self._fin_timeout(rto)
        timer = timeout if timeout <= TCP_TIMEWAIT_LEN else timeout - TCP_TIMEWAIT_LEN
        return self._add(now, self.fin_wait2_ends_at(now, rto), timer)

    def restart(self, ends_at: int, now: int) -> int:
        """The peer's FIN reaches a FIN_WAIT2 entry, or a late segment a TIME_WAIT one: 60 s from now; the new end."""
        self._remove(ends_at, now)
        ends_at = self._wheel.fires_at(now, TCP_TIMEWAIT_LEN)
        self._put(ends_at)
        return ends_at

    def leave(self, ends_at: int, now: int) -> None:
        """End an entry before its time: a RST came (tcp_rfc1337=0), or late data was answered with one."""
        self._remove(ends_at, now)

    def recycle(self, ends_at: int, now: int) -> None:
        """A new connection took over the port of this entry (tcp_twsk_unique)."""
        self._remove(ends_at, now)
        self.recycled += 1

    def population(self, now: int) -> int:
        """Mini sockets alive: what tcp_max_tw_buckets bounds."""
        while self._due and self._due[0] <= now:
            self._count -= self._leaving.pop(heappop(self._due))
        return self._count

    def counters(self) -> dict[str, int]:
        """What /proc/net/netstat says of it, TcpExt."""
        return {
            "TW": self.entered, "TWKilled": self.killed, "TWRecycled": self.recycled,
            "TCPTimeWaitOverflow": self.overflows,
        }  # fmt: skip

    def fin_wait2_ends_at(self, now: int, rto: int = 0) -> int:
        """When an orphan in FIN_WAIT2 since `now` is gone if the peer never closes (tcp_rcv_state_process).

        Above 60 s it is a full socket for the excess and then a mini socket for the excess again: 90 s last 61 to 63.
        """
        timeout = self._fin_timeout(rto)
        if timeout <= TCP_TIMEWAIT_LEN:
            return self._wheel.fires_at(now, timeout)
        excess = timeout - TCP_TIMEWAIT_LEN
        return self._wheel.fires_at(self._wheel.fires_at(now, excess), excess)

    def reusable_at(self, now: int, *, loopback: bool, timestamps: bool, fin_wait2: bool = False) -> int:
        """From when on connect() may take over the port of an entry made `now`; NEVER if it may not.

        Parameters
        ----------
        loopback : the old connection ran over lo or between 127.0.0.0/8 addresses.
        timestamps : the peer sent timestamps on the old connection; ours are a matter of tcp_timestamps.
        fin_wait2 : the entry waits for the peer's FIN; such are spared since 6.12.

        Notes
        -----
        net/ipv4/tcp_ipv4.c, tcp_twsk_unique. Before 6.14 the next whole second counts (its tick is left out).
        """
        allowed = self.may_reuse(loopback) and timestamps and self._is_stamped
        if not allowed or (fin_wait2 and self._version >= (6, 12)):
            return NEVER
        if self._version < (6, 14):
            return ((now + self._wheel.phase) // SECOND + 1) * SECOND - self._wheel.phase
        # strictly later than entry and delay, both in whole milliseconds of the machine's clock
        stamp_ms = (now + self._wheel.phase) // MS
        return (stamp_ms + self._reuse_delay // MS + 1) * MS - self._wheel.phase

    def may_reuse(self, loopback: bool) -> bool:
        """Whether tcp_tw_reuse lets connect() take over any entry at all."""
        return self._reuse == 1 or (self._reuse == 2 and loopback)

    def _fin_timeout(self, rto: int) -> int:
        return max(self._fin_timeout_set, 7 * rto // 2)  # tcp_fin_time in include/net/tcp.h

    def _add(self, now: int, ends_at: int, timer: int) -> int | None:
        if self.population(now) >= self._most:
            self.overflows += 1
            return None
        if timer > SHORT_TIMER:
            self.entered += 1
        else:
            self.killed += 1
        self._put(ends_at)
        return ends_at

    def _put(self, ends_at: int) -> None:
        if ends_at not in self._leaving:
            self._leaving[ends_at] = 0
            heappush(self._due, ends_at)
        self._leaving[ends_at] += 1
        self._count += 1

    def _remove(self, ends_at: int, now: int) -> None:
        self.population(now)
        if ends_at in self._leaving:  # those that are over have left already
            self._leaving[ends_at] -= 1
            self._count -= 1
