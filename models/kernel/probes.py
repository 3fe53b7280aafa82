"""Probes: SO_KEEPALIVE at both ends of a connection, played only where a peer has fallen silent.

Not what a program sets (models/transport/keep_alive). Source: net/ipv4/tcp_timer.c, tcp_keepalive_timer.
"""

from dataclasses import dataclass
from typing import Any

from models.kernel.keep_alive import KeepAlive, silence_ends_at
from models.kernel.socket import On, Tcp


@dataclass(frozen=True, slots=True)
class Probes:
    """What the two ends of a connection ask; None is off."""

    client: KeepAlive | None
    server: KeepAlive | None

    @property
    def least_idle(self) -> int | None:
        """The longest silence that both of them let be; None where none is ended."""
        return min((each.idle for each in (self.client, self.server) if each is not None), default=None)

    def watch(self, end: Any, since: int) -> None:
        """The peer of `end`, which is there since `since`, is silent from now on: let the kernel find out."""
        settings = self._of(end)
        if settings is None:
            return
        engine, link = end.side.engine, end.link
        broken_at, until = engine._now, link.blocked_until
        heard_at = self.heard(end, since, broken_at)
        dies_at = silence_ends_at(end.side.wheel, settings, heard_at, broken_at=broken_at, rtt=link.rtt)
        if dies_at < until:
            engine.call_at(max(dies_at, broken_at), _expire, (end, link, until, end.clear_at))

    def next_at(self, end: Any, since: int) -> int | None:
        """When the kernel of `end` sends its next probe, if nothing more is heard; None: never."""
        settings = self._of(end)
        if settings is None:
            return None
        now: int = end.side.engine._now
        fires_at: int = end.side.wheel.fires_at(self.heard(end, since, now), settings.idle)
        return max(fires_at, now)

    def heard(self, end: Any, since: int, now: int) -> int:
        """When `end` last heard of its peer: data, an ACK, or the probes of either end; `since` at least."""
        half, peer = end.link.half_rtt, end.peer
        heard = max((at for at in (peer.clear_at if peer else 0, end.clear_at + half) if at <= now), default=since)
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

    def _of(self, end: Any) -> KeepAlive | None:
        return self.client if end.side.acks_fin_at_once else self.server


def _expire(waiting: tuple[Any, Any, int, int]) -> None:
    """ETIMEDOUT, unless the path is back, or data is under way, which has rules of its own (tcp_retries2)."""
    end, link, until, clear_at = waiting
    same = end.link is link and link.blocked_until == until
    if same and (end.state is Tcp.ESTABLISHED or end.state is Tcp.CLOSE_WAIT) and end.clear_at == clear_at:
        end.feed(On.FAILED)
