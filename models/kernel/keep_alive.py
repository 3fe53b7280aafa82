"""Keepalive: when a silent peer is given up while nothing is sent to it. It sends no probe and arms no timer itself."""

from dataclasses import dataclass

from models.kernel.retransmit import keepalive
from models.kernel.timer_wheel import TimerWheel


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """SO_KEEPALIVE of a socket: TCP_KEEPIDLE and TCP_KEEPINTVL in ns, TCP_KEEPCNT."""

    idle: int
    interval: int
    count: int


def silence_ends_at(wheel: TimerWheel, settings: KeepAlive, heard_at: int, *, broken_at: int, rtt: int) -> int:
    """When read() returns ETIMEDOUT on a connection last heard of at `heard_at`, if the path is down from `broken_at`.

    Notes
    -----
    Probes before that are answered, and count as heard; so nothing has to be done while the path is whole. Then
    `count` probes stay unanswered, and the expiry after them ends it (net/ipv4/tcp_timer.c, tcp_keepalive_timer).
    """
    answered_at = heard_at
    while answered_at <= broken_at:
        heard_at = answered_at
        answered_at = wheel.fires_at(heard_at, settings.idle) + rtt
    return keepalive(wheel, heard_at, idle=settings.idle, interval=settings.interval, count=settings.count).gives_up_at
