"""When a SYN without an answer is repeated and when connect() gives up; the same for SYN-ACKs. It sends nothing."""

from typing import Final, NamedTuple

from models.kernel.sysctl import KernelConfig, ListenConfig
from models.kernel.timer_wheel import TimerWheel
from sim.units import SECOND

TCP_TIMEOUT_INIT: Final = SECOND
"""RFC 6298, 2.1; include/net/tcp.h."""


class Schedule(NamedTuple):
    """Instants in ns: the retransmissions, the first transmission left out, and the end of it all."""

    repeats_at: tuple[int, ...]
    gives_up_at: int


def syn_schedule(config: KernelConfig, wheel: TimerWheel, now: int) -> Schedule:
    """SYN retransmissions of a connect() that begins `now`, and its ETIMEDOUT, if nothing ever answers.

    Notes
    -----
    net/ipv4/tcp_timer.c, tcp_retransmit_timer and tcp_write_timeout. With the defaults nominally after
    1 2 3 4 5 7 11 19 35 67 s, the end after 131 s; the wheel makes it 133.3 to 135.3 s.
    """
    retries, linear = config.tcp_syn_retries, config.syn_linear_timeouts
    bound = now + ((2 << retries) - 1) * SECOND
    repeats_at: list[int] = []
    rto = TCP_TIMEOUT_INIT
    expires_at = wheel.fires_at(now, rto)
    while len(repeats_at) < retries + linear and not (repeats_at and expires_at >= bound):
        repeats_at.append(expires_at)
        if len(repeats_at) > linear:
            rto = min(2 * rto, config.tcp_rto_max_ms)
        expires_at = wheel.fires_at(expires_at, rto)
    return Schedule(tuple(repeats_at), expires_at)


def synack_schedule(config: ListenConfig, wheel: TimerWheel, now: int, *, fired: int = 0) -> Schedule:
    """SYN-ACK repetitions for a SYN that arrived `now`, and the end of the half-open connection.

    `fired` of them have been sent already: the timer starts anew, as far back as it was (reqsk_timeout).
    Doubling from the first, without a linear phase (net/ipv4/inet_connection_sock.c, reqsk_timer_handler).
    """
    repeats_at: list[int] = []
    timeout = min(TCP_TIMEOUT_INIT << fired, config.tcp_rto_max_ms)
    expires_at = wheel.fires_at(now, timeout)
    while len(repeats_at) < config.tcp_synack_retries - fired:
        repeats_at.append(expires_at)
        timeout = min(2 * timeout, config.tcp_rto_max_ms)
        expires_at = wheel.fires_at(expires_at, timeout)
    return Schedule(tuple(repeats_at), expires_at)
