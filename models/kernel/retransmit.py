"""Retransmission to a silent peer: when segments are repeated, when the connection dies. It sends nothing itself."""

from collections.abc import Iterator
from typing import Final

from models.kernel.syn import TCP_RTO_MAX, Schedule
from models.kernel.sysctl import HostConfig
from models.kernel.timer_wheel import TimerWheel
from sim.units import MS, SECOND

TCP_RTO_MIN: Final = 200 * MS
"""include/net/tcp.h; the sysctl tcp_rto_min_us of 6.11 is not modelled."""
LAST_DOUBLING: Final = 9
"""ilog2(TCP_RTO_MAX / TCP_RTO_MIN): back-offs that a patience in retries counts as doublings (tcp_model_timeout)."""
ORPHAN_RETRIES: Final = 8
"""What tcp_orphan_retries=0 means while the RTO is below its maximum (net/ipv4/tcp_timer.c, tcp_orphan_retries)."""


def retransmission_timeout(wheel: TimerWheel, rtt: int) -> int:
    """RTO (ns, whole jiffies) of a connection with a steady round-trip time: srtt + tcp_rto_min (RFC 6298, 2.3)."""
    jiffies = -(-(rtt + TCP_RTO_MIN) * wheel.hz // SECOND)
    return -(-jiffies * SECOND // wheel.hz)


def patience(retries: int) -> int:
    """How long (ns) after the first retransmission a silent peer is borne: tcp_retries2=15 means 924.6 s.

    net/ipv4/tcp_timer.c, retransmits_timed_out and tcp_model_timeout.
    """
    doublings = min(retries, LAST_DOUBLING)
    return ((2 << doublings) - 1) * TCP_RTO_MIN + (retries - doublings) * TCP_RTO_MAX


def retransmissions(wheel: TimerWheel, sent_at: int, rtt: int, *, sack: bool = True) -> Iterator[int]:
    """Instants (ns) at which a segment sent at `sent_at` is sent again, without end, while nothing comes back.

    With SACK the first is a tail loss probe, after which the timeout does not double (tcp_send_loss_probe). The probe
    is due after 2 RTT + 200 ms or the RTO, whichever is first; for a lone segment that is the RTO.
    """
    rto = retransmission_timeout(wheel, rtt)
    expires_at = wheel.fires_at(sent_at, rto)
    yield expires_at
    if sack:
        expires_at = wheel.fires_at(expires_at, rto)
        yield expires_at
    while True:
        rto = min(2 * rto, TCP_RTO_MAX)
        expires_at = wheel.fires_at(expires_at, rto)
        yield expires_at


def death(wheel: TimerWheel, sent_at: int, rtt: int, *, retries: int, sack: bool = True) -> Schedule:
    """The retransmissions to a peer that stays silent, and the instant at which the connection dies (ETIMEDOUT).

    It dies at the first expiry that comes at least `patience(retries)` after the first retransmission.
    """
    series = retransmissions(wheel, sent_at, rtt, sack=sack)
    repeats_at = [next(series)]
    expires_at = next(series)
    while expires_at - repeats_at[0] < patience(retries):
        repeats_at.append(expires_at)
        expires_at = next(series)
    return Schedule(tuple(repeats_at), expires_at)


def connection_dies_at(config: HostConfig, wheel: TimerWheel, sent_at: int, *, rtt: int, sack: bool = True) -> int:
    """When write() or read() reports ETIMEDOUT if nothing sent from `sent_at` on is acknowledged (tcp_retries2)."""
    return death(wheel, sent_at, rtt, retries=config.tcp_retries2, sack=sack).gives_up_at


def orphan_dies_at(config: HostConfig, wheel: TimerWheel, closed_at: int, *, rtt: int, sack: bool = True) -> int:
    """When a closed socket whose FIN or data is never acknowledged vanishes (tcp_orphan_retries)."""
    retries = config.tcp_orphan_retries or ORPHAN_RETRIES
    return death(wheel, closed_at, rtt, retries=retries, sack=sack).gives_up_at


def heals_at(wheel: TimerWheel, sent_at: int, path_back_at: int, *, rtt: int, sack: bool = True) -> int:
    """When a segment lost at `sent_at` gets through a path that works again from `path_back_at` on.

    The kernel learns of the path only by its next retransmission, up to as long again as the outage.
    The caller compares with `connection_dies_at`, after which nothing is sent.
    """
    return next(at for at in retransmissions(wheel, sent_at, rtt, sack=sack) if at >= path_back_at)


def keepalive(wheel: TimerWheel, idle_since: int, *, idle: int, interval: int, count: int) -> Schedule:
    """Probes on a connection without traffic since `idle_since`, and its death if `count` of them stay unanswered.

    Nominally after idle + count * interval: 165 s for Go's default transport, 30/15/9
    (net/ipv4/tcp_timer.c, tcp_keepalive_timer).
    """
    probes = [wheel.fires_at(idle_since, idle)]
    while len(probes) <= count:
        probes.append(wheel.fires_at(probes[-1], interval))
    return Schedule(tuple(probes[:-1]), probes[-1])
