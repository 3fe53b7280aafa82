"""Pool: the connections and the waiters of each host key. Not the dial, not what a connection does while it is busy.

Sources: net/http/transport.go, queueForIdleConn, tryPutIdleConn, queueForDial, decConnsPerHost.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from models.request import Request
from models.transport.config import TransportConfig
from models.transport.errors import CONN_BROKEN, IDLE_CONNS_CLOSED, KEEP_ALIVES_DISABLED, TOO_MANY_IDLE_HOST
from models.transport.want import Want
from sim.engine.agenda import Agenda
from sim.engine.timers import NEVER, Timer
from sim.records.levels import Levels

if TYPE_CHECKING:
    from models.transport.connection import PersistConn

DEFAULT_MAX_IDLE_CONNS_PER_HOST = 2
"""net/http/transport.go, DefaultMaxIdleConnsPerHost."""


class HostPool:
    """One key (scheme, host, port): its idle connections, oldest return first, and its two queues of waiters."""

    __slots__ = (
        "balance",
        "conns",
        "dial_wait",
        "http2",
        "idle",
        "idle_timer",
        "idle_wait",
        "is_secure",
        "member",
        "name",
        "on_closed",
        "resolver",
        "transport",
        "tunnel",
    )

    def __init__(self, name: str, *, resolver: Any, is_secure: bool, balance: Callable[[int], tuple[int, int]]) -> None:
        self.name, self.resolver, self.is_secure = name, resolver, is_secure
        self.balance = balance
        """From an address to the backend behind it and the destination for which its ports are unique."""
        self.transport: Any = None
        self.http2: Any = None
        """Its pool of HTTP/2 connections, where client and service speak it; then `idle` holds their handles. Or who
        answers in place of all connections: `Refusal`."""
        self.member: Any = None
        """The backend as its client's balancer knows it, where that one wants to hear how requests end."""
        self.on_closed: Callable[[int], object] | None = None
        """Called with the backend of a connection that is gone, or whose dial failed: by a balancer of layer 4."""
        self.tunnel: Any = None
        """How a proxy is asked for the way to an https target; None where there is none."""
        self.idle: list[Any] = []
        self.idle_wait: deque[Want] = deque()
        self.dial_wait: deque[Want] = deque()
        self.conns = 0
        self.idle_timer: Timer


class Limits(NamedTuple):
    """What bounds a pool: Go's fields, the default of MaxIdleConnsPerHost filled in; a time-out in ns."""

    max_idle: int
    max_idle_per_host: int
    max_conns: int
    idle_timeout: int


class Pool:
    """The Transport's maps: who is idle, who waits, how many connections a host has."""

    def __init__(self, engine: Agenda, levels: Levels, config: TransportConfig, dial: Callable[[Want], object]) -> None:
        self._engine, self._changes, self._dial = engine, levels.changes, dial
        self._max_idle = config.max_idle_conns
        self._max_idle_per_host = config.max_idle_conns_per_host or DEFAULT_MAX_IDLE_CONNS_PER_HOST
        self.max_conns = config.max_conns_per_host
        self._idle_timeout = config.idle_conn_timeout
        self._keeps_alive = not config.disable_keep_alives
        self.hosts: list[HostPool] = []
        self.n_idle = 0
        self._closes_returning = False
        self._idle_up, self._idle_down = levels.rise("pool_idle"), levels.fall("pool_idle")
        self._wait_up, self._wait_down = levels.rise("pool_idle_wait"), levels.fall("pool_idle_wait")
        self._cph_up, self._cph_down = levels.rise("conns_per_host"), levels.fall("conns_per_host")
        self._cph_wait_up, self._cph_wait_down = levels.rise("conns_per_host_wait"), levels.fall("conns_per_host_wait")

    @property
    def limits(self) -> Limits:
        """What it goes by now; zero means what it means in Go."""
        return Limits(self._max_idle, self._max_idle_per_host, self.max_conns, self._idle_timeout)

    def limit(self, limits: Limits) -> None:
        """Go by these from now on, as a Transport would whose fields somebody changes: it reads them at each use.

        Connections above a lower limit stay until they come back (tryPutIdleConn) or close; a higher one wakes nobody
        who waits already (decConnsPerHost).

        Simplified: a new IdleConnTimeout holds for connections that lie idle already; in Go each keeps the timer that
        it was put back with, and the next request drops those that are too old.

        Raises
        ------
        ValueError
            MaxConnsPerHost would begin or cease to limit: connections are counted only while it does, so that Go
            panics later ("connCount underflow").
        """
        if (limits.max_conns > 0) != (self.max_conns > 0):
            raise ValueError(
                f"max_conns_per_host: {self.max_conns} cannot become {limits.max_conns} while it is in use"
            )
        self._max_idle, self._max_idle_per_host = limits.max_idle, limits.max_idle_per_host
        self.max_conns, self._idle_timeout = limits.max_conns, limits.idle_timeout
        for host in self.hosts:
            host.idle_timer.cancel()
            if self._idle_timeout > 0 and host.http2 is None:  # handles of HTTP/2 have no timer
                self._expire(host)

    def add(self, host: HostPool) -> None:
        """Know `host` from now on."""
        self.hosts.append(host)
        host.idle_timer = Timer(self._engine, self._expire, host)

    def take_idle(self, host: HostPool) -> "PersistConn | None":
        """The connection that came back last (LIFO), or None."""
        self._closes_returning = False
        idle = host.idle
        if not idle or not self._keeps_alive:
            return None
        conn: PersistConn = idle.pop()
        conn.is_idle = False
        self.n_idle -= 1
        self._changes.append(self._engine._now << 12 | self._idle_down)
        return conn

    def wait(self, want: Want) -> None:
        """Stand in line for a returned connection and, at the same time, start a dial or stand in line for one."""
        host: HostPool = want.request.host
        now = self._engine._now << 12
        if self._keeps_alive:
            queue = host.idle_wait
            if queue and queue[0].done:
                self._clean(queue, self._wait_down)
            queue.append(want)
            self._changes.append(now | self._wait_up)
        if self.max_conns <= 0:
            self._dial(want)
        elif host.conns < self.max_conns:
            host.conns += 1
            self._changes.append(now | self._cph_up)
            self._dial(want)
        else:
            self._clean(host.dial_wait, self._cph_wait_down)
            host.dial_wait.append(want)
            self._changes.append(now | self._cph_wait_up)

    def put_idle(self, conn: "PersistConn") -> str:
        """Take back a connection; the empty text, or Go's reason why the caller has to close it.

        The order of the checks is Go's (tryPutIdleConn) and shows in the recordings.
        """
        if not self._keeps_alive or self._max_idle_per_host < 0:
            return KEEP_ALIVES_DISABLED
        if conn.is_broken:
            return CONN_BROKEN
        if conn.is_retired:
            return IDLE_CONNS_CLOSED
        conn.reused = True  # whoever gets it next sees Reused, even if this was a surplus dial
        host = conn.host
        if host.idle_wait and self._deliver(conn):  # before the caps: a full idle list still serves a waiter
            return ""
        if self._closes_returning:
            return IDLE_CONNS_CLOSED
        if len(host.idle) >= self._max_idle_per_host:
            return TOO_MANY_IDLE_HOST
        now = self._engine._now
        host.idle.append(conn)
        conn.idle_at = now
        conn.is_idle = True
        self.n_idle += 1
        self._changes.append(now << 12 | self._idle_up)
        if self._max_idle and self.n_idle > self._max_idle:
            self._evict_oldest()
        if self._idle_timeout > 0 and host.idle_timer.deadline == NEVER:
            host.idle_timer.arm(now + self._idle_timeout)
        return ""

    def newest_shared(self, host: HostPool) -> Any:
        """The handle of an HTTP/2 connection that came last, or None; it stays in the list (queueForIdleConn)."""
        if not self._keeps_alive:
            return None
        self._closes_returning = False
        timeout, now = self._idle_timeout, self._engine._now
        while host.idle:
            handle = host.idle[-1]
            if timeout <= 0 or handle.idle_at + timeout >= now:
                return handle
            handle.close()
        return None

    def put_shared(self, handle: Any) -> tuple[list[Request], str]:
        """Put the handle of an HTTP/2 connection: all who wait get it, and whoever comes later may find it.

        Who was waiting, and Go's reason where the handle is not kept (tryPutIdleConn, pconn.alt).
        """
        if not self._keeps_alive or self._max_idle_per_host < 0:
            return [], KEEP_ALIVES_DISABLED
        host, now = handle.host, self._engine._now
        served = [want for want in host.idle_wait if not want.done]
        self._change_by(self._wait_down, len(host.idle_wait))
        host.idle_wait.clear()
        for want in served:
            want.done = True
        requests = [want.request for want in served]
        if self._closes_returning:
            return requests, IDLE_CONNS_CLOSED
        if len(host.idle) >= self._max_idle_per_host:
            return requests, TOO_MANY_IDLE_HOST
        host.idle.append(handle)
        handle.list_at(now)
        self.n_idle += 1
        self._changes.append(now << 12 | self._idle_up)
        if self._max_idle and self.n_idle > self._max_idle:
            self._evict_oldest()
        return requests, ""

    def remove_idle(self, conn: Any) -> None:
        """Forget an idle connection that is being closed."""
        conn.host.idle.remove(conn)
        conn.is_idle = False
        self.n_idle -= 1
        self._changes.append(self._engine._now << 12 | self._idle_down)

    def leave(self, want: Want) -> None:
        """Its request waits no more; where it stands in a queue it is skipped later (cleanFrontNotWaiting)."""
        want.done = True
        host: HostPool = want.request.host
        queue = host.idle_wait
        if queue and queue[0].done:
            self._clean(queue, self._wait_down)

    def release_slot(self, host: HostPool) -> None:
        """A connection closed or a dial failed: the next waiter dials, or the count falls (decConnsPerHost)."""
        if self.max_conns <= 0:
            return
        queue, now = host.dial_wait, self._engine._now << 12
        while queue:
            want = queue.popleft()
            self._changes.append(now | self._cph_wait_down)
            if not want.done:
                self._dial(want)
                self._clean(queue, self._cph_wait_down)
                return
        host.conns -= 1
        self._changes.append(now | self._cph_down)

    def close_idle(self) -> None:
        """CloseIdleConnections: the idle ones now, the busy ones as they come back, until the next request."""
        self._closes_returning = True
        for host in self.hosts:
            for conn in tuple(host.idle):
                conn.close()

    def _deliver(self, conn: "PersistConn") -> bool:
        queue, now = conn.host.idle_wait, self._engine._now << 12
        while queue:
            want = queue.popleft()
            self._changes.append(now | self._wait_down)
            if not want.done:
                want.done = True
                conn.carry(want.request, was_idle=False)
                return True
        return False

    def _change_by(self, code: int, times: int) -> None:
        for _each in range(times):
            self._changes.append(self._engine._now << 12 | code)

    def _clean(self, queue: deque[Want], fall: int) -> None:
        while queue and queue[0].done:
            queue.popleft()
            self._changes.append(self._engine._now << 12 | fall)

    def _evict_oldest(self) -> None:
        oldest = min((host.idle[0] for host in self.hosts if host.idle), key=_returned_at)
        oldest.close()

    def _expire(self, host: HostPool) -> None:
        timeout, now = self._idle_timeout, self._engine._now
        while host.idle and host.idle[0].idle_at + timeout <= now:
            host.idle[0].close()
        if host.idle:
            host.idle_timer.arm(host.idle[0].idle_at + timeout)


def _returned_at(conn: Any) -> int:
    return conn.idle_at  # type: ignore[no-any-return]
