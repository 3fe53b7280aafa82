"""Probes: SO_KEEPALIVE at both ends of a session, played only where a peer has fallen silent. Not pings of a protocol.

Sources: net/ipv4/tcp_timer.c, tcp_keepalive_timer; what a Go program sets, models/transport/keep_alive.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Le

from models.kernel.keep_alive import KeepAlive, silence_ends_at
from models.kernel.socket import On, Tcp
from sim.units import HOUR, SECOND, Duration

PRESETS: dict[str, dict[str, Any]] = {
    "off": {"count": 0},
    "go": {"idle": "15s", "interval": "15s", "count": 9},
    "linux": {"idle": "2h", "interval": "75s", "count": 9},
}
"""`linux`: what SO_KEEPALIVE alone asks for (net.ipv4.tcp_keepalive_time and so on); `go`: net.KeepAliveConfig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeepAlive:
    """SO_KEEPALIVE of the sockets of devices. Short forms: off; go, 15 s, 15 s, 9; linux, 2 h, 75 s, 9."""

    idle: Annotated[Duration, Ge(SECOND), Le(9 * HOUR)] = 7200 * SECOND
    """Silence before the first probe (TCP_KEEPIDLE); Linux: 2 h."""
    interval: Annotated[Duration, Ge(SECOND), Le(9 * HOUR)] = 75 * SECOND
    """From one probe to the next while none is answered (TCP_KEEPINTVL); Linux: 75 s."""
    count: Annotated[int, Ge(0), Le(127)] = 0
    """Unanswered probes after which the connection is dead (TCP_KEEPCNT); Linux: 9. 0 sends none: the option is off."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`keep_alive: go` is short for its mapping; a mapping without `count` has Linux's 9."""
        if isinstance(tree, str):
            if tree not in PRESETS:
                raise ValueError(
                    f"{tree!r} is none of {', '.join(PRESETS)}; write one of them, or idle, interval, count"
                )
            return PRESETS[tree]
        return {"count": 9, **tree} if isinstance(tree, dict) else tree

    @property
    def settings(self) -> KeepAlive | None:
        """For the kernel; None is off."""
        return KeepAlive(self.idle, self.interval, self.count) if self.count else None


@dataclass(frozen=True, slots=True)
class Probes:
    """What the two ends of a connection ask; None is off."""

    client: KeepAlive | None
    server: KeepAlive | None

    def watch(self, end: Any, settings: KeepAlive | None, heard_at: int) -> None:
        """The peer of `end`, last heard at `heard_at`, is silent from now on: let the kernel find out."""
        if settings is None:
            return
        engine, link = end.side.engine, end.link
        broken_at, until = engine._now, link.blocked_until
        dies_at = silence_ends_at(end.side.wheel, settings, heard_at, broken_at=broken_at, rtt=link.rtt)
        if dies_at < until:
            engine.call_at(max(dies_at, broken_at), _expire, (end, link, until, end.clear_at))

    def heard(self, end: Any, since: int, now: int) -> int:
        """When `end` last heard of its peer: data, an ACK, or the probes of either end; `since` at least."""
        half = end.link.half_rtt
        heard = max((at for at in (end.peer.clear_at, end.clear_at + half) if at <= now), default=since)
        heard = max(heard, since)
        peers = self.server if end.side.acks_fin_at_once else self.client
        if peers is None:
            return heard
        wheel = end.side.wheel
        probed_at = wheel.fires_at(heard, peers.idle)
        while probed_at + half <= now:
            heard = probed_at + half
            probed_at = wheel.fires_at(heard + half, peers.idle)
        return heard


def _expire(waiting: tuple[Any, Any, int, int]) -> None:
    """ETIMEDOUT, unless the path is back, or data is under way, which has rules of its own (tcp_retries2)."""
    end, link, until, clear_at = waiting
    same = end.link is link and link.blocked_until == until
    if same and (end.state is Tcp.ESTABLISHED or end.state is Tcp.CLOSE_WAIT) and end.clear_at == clear_at:
        end.feed(On.FAILED)
