"""Keepalive as Go sets it, for connections over a path that breaks. What the kernel does then, models/kernel knows.

Sources: net/dial.go, Dialer.KeepAlive; net/tcpsock.go, KeepAliveConfig; net/tcpsockopt_unix.go, setKeepAliveIdle.
"""

from typing import Any, Literal

from models.backend.config import ServiceConfig
from models.kernel.keep_alive import KeepAlive, silence_ends_at
from models.kernel.socket import Endpoint, On, Tcp
from models.network.link import Link
from models.transport.config import minor
from sim.units import SECOND

DEFAULT_IDLE = DEFAULT_INTERVAL = 15 * SECOND
"""net/tcpsock.go, defaultTCPKeepAliveIdle and defaultTCPKeepAliveInterval."""
DEFAULT_COUNT = 9
"""net/tcpsock.go, defaultTCPKeepAliveCount."""
GO_OF_SERVERS = "1.27"
"""Version of Go of all servers, where behaviour changed: keepalive 15/15/9 since 1.23."""


def keep_alive(idle: int | Literal["off"], minor: int, kernels_count: int = DEFAULT_COUNT) -> KeepAlive | None:
    """What a Dialer or Listener with this KeepAlive sets; None is off.

    Until Go 1.22 the interval is the idle time, and the number of probes the kernel's.
    """
    if idle == "off":
        return None
    if minor < 23:
        return KeepAlive(idle or DEFAULT_IDLE, idle or DEFAULT_IDLE, kernels_count)
    return KeepAlive(idle or DEFAULT_IDLE, DEFAULT_INTERVAL, DEFAULT_COUNT)


def keep_alive_of(service: ServiceConfig) -> KeepAlive | None:
    """What a service's listener sets."""
    return keep_alive(service.keep_alive, minor(GO_OF_SERVERS))


class SilentPath:
    """The connections of one path that is down from now on: those that only wait die by keepalive."""

    __slots__ = ("_engine", "_link", "_until")

    def __init__(self, engine: Any, link: Link) -> None:
        self._engine, self._link, self._until = engine, link, link.blocked_until

    def client(self, settings: KeepAlive | None, conns: Any) -> None:
        """The client's connections over this path."""
        if settings is not None:
            for conn in conns:  # QUIC's ends have clocks of their own
                if isinstance(conn.end, Endpoint) and conn.end.link is self._link:
                    self._await(settings, conn, _heard_by_client(conn, self._engine._now))

    def server(self, settings: KeepAlive | None, conns: Any) -> None:
        """The server's ends of them."""
        if settings is not None:
            for conn in conns:
                if isinstance(conn.end, Endpoint) and conn.end.link is self._link:
                    self._await(settings, conn, conn.idle_since if conn.request is None else conn.request.started_at)

    def _await(self, settings: KeepAlive, conn: Any, heard_at: int) -> None:
        now, end = self._engine._now, conn.end
        dies_at = silence_ends_at(end.side.wheel, settings, heard_at, broken_at=now, rtt=self._link.rtt)
        if dies_at < self._until:
            self._engine.call_at(max(dies_at, now), self._expire, (end, end.clear_at))

    def _expire(self, waiting: tuple[Endpoint, int]) -> None:
        """ETIMEDOUT, unless the path is back or data is under way, which has rules of its own (tcp_retries2)."""
        end, clear_at = waiting
        if self._link.blocked_until == self._until and end.state is Tcp.ESTABLISHED and end.clear_at == clear_at:
            end.feed(On.FAILED)


def _heard_by_client(conn: Any, now: int) -> int:
    """The last answer, or the ACK of a request that still waits for it."""
    heard_at: int = max(conn.t_connected, conn.t_last_read)
    if conn.request is not None:
        heard_at = max(heard_at, conn.request.t_wrote + conn.site.link.rtt)
    return min(heard_at, now)
