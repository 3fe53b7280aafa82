"""Retransmission to a silent peer: when segments are repeated, when the connection dies. It sends nothing itself."""

from collections.abc import Iterator
from typing import Final

from models.kernel.syn import Schedule
from models.kernel.sysctl import TCP_RTO_MAX, HostConfig
from models.kernel.timer_wheel import TimerWheel
from sim.units import MS, SECOND

TCP_RTO_MIN: Final = 200 * MS
"""include/net/tcp.h: what patience is reckoned with, whatever tcp_rto_min_us says."""
ORPHAN_RETRIES: Final = 8
"""What tcp_orphan_retries=0 means while the RTO is below its maximum (net/ipv4/tcp_timer.c, tcp_orphan_retries)."""
TCP_THIN_LINEAR_RETRIES: Final = 6
"""include/net/tcp.h."""


def retransmission_timeout(config: HostConfig, wheel: TimerWheel, rtt: int) -> int:
    """RTO (ns, whole jiffies) of a connection with a steady round-trip time: srtt + tcp_rto_min_us (RFC 6298, 2.3)."""
    jiffies = -(-(rtt + config.tcp_rto_min_us) * wheel.hz // SECOND)
    return -(-jiffies * SECOND // wheel.hz)


def patience(retries: int, rto_max: int = TCP_RTO_MAX) -> int:
    """How long (ns) after the first retransmission a silent peer is borne: tcp_retries2=15 means 924.6 s.

    net/ipv4/tcp_timer.c, retransmits_timed_out and tcp_model_timeout.
    """
    doublings = min(retries, (rto_max // TCP_RTO_MIN).bit_length() - 1)  # ilog2
    return ((2 << doublings) - 1) * TCP_RTO_MIN + (retries - doublings) * rto_max


def retransmissions(config: HostConfig, wheel: TimerWheel, sent_at: int, *, rtt: int) -> Iterator[int]:
    """Instants (ns) at which a segment sent at `sent_at` is sent again, without end, while nothing comes back.

    With SACK the first is a tail loss probe, after which the timeout does not double (tcp_send_loss_probe). The probe
    is due after 2 RTT + 200 ms or the RTO, whichever is first; for a lone segment that is the RTO.
    """
    rto = retransmission_timeout(config, wheel, rtt)
    expires_at = wheel.fires_at(sent_at, rto)
    yield expires_at
    if config.tcp_sack:
        expires_at = wheel.fires_at(expires_at, rto)
        yield expires_at
    linear = TCP_THIN_LINEAR_RETRIES if config.tcp_thin_linear_timeouts else 0
    while True:
        rto = min(2 * rto, config.tcp_rto_max_ms) if linear <= 0 else rto
        linear -= 1
        expires_at = wheel.fires_at(expires_at, rto)
        yield expires_at


def death(config: HostConfig, wheel: TimerWheel, sent_at: int, *, rtt: int, retries: int) -> Schedule:
    """The retransmissions to a peer that stays silent, and the instant at which the connection dies (ETIMEDOUT).

    It dies at the first expiry that comes at least `patience(retries)` after the first retransmission.
    """
    series = retransmissions(config, wheel, sent_at, rtt=rtt)
    repeats_at = [next(series)]
    expires_at = next(series)
    while expires_at - repeats_at[0] < patience(retries, config.tcp_rto_max_ms):
        repeats_at.append(expires_at)
        expires_at = next(series)
    return Schedule(tuple(repeats_at), expires_at)


def connection_fate(config: HostConfig, wheel: TimerWheel, sent_at: int, *, rtt: int) -> Schedule:
    """What becomes of data sent at `sent_at` that is never acknowledged: read() reports ETIMEDOUT (tcp_retries2)."""
    return death(config, wheel, sent_at, rtt=rtt, retries=config.tcp_retries2)


def orphan_fate(config: HostConfig, wheel: TimerWheel, closed_at: int, *, rtt: int) -> Schedule:
    """The same for the FIN or data of a closed socket: it vanishes (tcp_orphan_retries)."""
    return death(config, wheel, closed_at, rtt=rtt, retries=config.tcp_orphan_retries or ORPHAN_RETRIES)


def heals_at(config: HostConfig, wheel: TimerWheel, sent_at: int, *, path_back_at: int, rtt: int) -> int:
    """When a segment lost at `sent_at` gets through a path that works again from `path_back_at` on.

    The kernel learns of the path only by its next retransmission, up to as long again as the outage.
    The caller compares with its peer's patience, after which nothing is sent.
    """
    return next(at for at in retransmissions(config, wheel, sent_at, rtt=rtt) if at >= path_back_at)


def keepalive(wheel: TimerWheel, idle_since: int, *, idle: int, interval: int, count: int) -> Schedule:
    """Probes on a connection without traffic since `idle_since`, and its death if `count` of them stay unanswered.

    Nominally after idle + count * interval: 165 s for Go's default transport, 30/15/9
    (net/ipv4/tcp_timer.c, tcp_keepalive_timer).
    """
    probes = [wheel.fires_at(idle_since, idle)]
    while len(probes) <= count:
        probes.append(wheel.fires_at(probes[-1], interval))
    return Schedule(tuple(probes[:-1]), probes[-1])
