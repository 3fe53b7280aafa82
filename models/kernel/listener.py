"""A listening socket: what it does with a SYN and with a final ACK. Connections themselves live elsewhere."""

from collections import Counter
from enum import IntEnum

from models.kernel.sysctl import ListenConfig


class Verdict(IntEnum):
    """What becomes of a segment that reaches the listener."""

    ACCEPT = 0
    """A SYN is answered with a SYN-ACK and remembered; a final ACK makes a connection in the accept queue."""
    COOKIE = 1
    """A SYN is answered with a SYN-ACK, and nothing is remembered."""
    DROP = 2
    """Silently ignored. A dropped final ACK leaves the client connected; the SYN-ACK is repeated unless a cookie."""
    RESET = 3
    """Answered with RST (tcp_abort_on_overflow), the half-open connection is gone."""


class Listener:
    """The accept queue and the request queue of listen(backlog).

    Each holds one more than min(backlog, somaxconn), the request queue since 6.14 (sk_acceptq_is_full in
    include/net/sock.h, inet_csk_reqsk_queue_is_full). `counters` goes by the names of /proc/net/netstat, TcpExt.

    Attributes
    ----------
    accept_queue : connections that accept() has not fetched yet.
    requests : half-open connections, those whose final ACK was dropped included.
    """

    __slots__ = ("_backlog", "_config", "_most_requests", "accept_queue", "counters", "requests")

    def __init__(self, backlog: int, config: ListenConfig) -> None:
        self._config = config
        self._backlog = min(backlog, config.somaxconn)
        self._most_requests = self._backlog + (config.version >= (6, 14))
        self.accept_queue = self.requests = 0
        self.counters: Counter[str] = Counter()

    def syn(self) -> Verdict:
        """Decide over a SYN (net/ipv4/tcp_input.c, tcp_conn_request); ACCEPT adds a request."""
        syncookies = self._config.tcp_syncookies
        wants_cookie = syncookies == 2 or self.requests >= self._most_requests
        if wants_cookie:
            self.counters["TCPReqQFullDoCookies" if syncookies else "TCPReqQFullDrop"] += 1
            if not syncookies:
                return self._drop()
        if self.is_full:
            return self._overflow()
        if not syncookies and self._is_reserved_for_proven_peers():
            return self._drop()
        if wants_cookie:
            self.counters["SyncookiesSent"] += 1
            return Verdict.COOKIE
        self.requests += 1
        return Verdict.ACCEPT

    def ack(self) -> Verdict:
        """Decide over the final ACK of a request (net/ipv4/tcp_minisocks.c, tcp_check_req).

        ACCEPT moves it to the accept queue, RESET forgets it, DROP leaves it half-open with its SYN-ACK timer.
        """
        if not self.is_full:
            self.requests -= 1
            self.accept_queue += 1
            return Verdict.ACCEPT
        self._overflow()
        if self._config.tcp_abort_on_overflow:
            self.requests -= 1
            return Verdict.RESET
        return Verdict.DROP

    def ack_cookie(self) -> Verdict:
        """Decide over the final ACK, or a later data segment, of a cookie (net/ipv4/syncookies.c, cookie_v4_check)."""
        self.counters["SyncookiesRecv"] += 1
        if self.is_full:
            return self._overflow()
        self.accept_queue += 1
        return Verdict.ACCEPT

    def accept(self) -> bool:
        """Fetch a connection from the accept queue; False if there is none (EAGAIN)."""
        if not self.accept_queue:
            return False
        self.accept_queue -= 1
        return True

    def forget(self) -> None:
        """Drop a request: its SYN-ACK repetitions are exhausted, or the client reset it."""
        self.requests -= 1

    def close(self) -> int:
        """Stop listening; returns how many connections in the accept queue are reset."""
        reset, self.accept_queue, self.requests = self.accept_queue, 0, 0
        return reset

    @property
    def is_full(self) -> bool:
        """Whether the accept queue takes no more: only when it is longer than the backlog, so it holds one more."""
        return self.accept_queue > self._backlog

    def _is_reserved_for_proven_peers(self) -> bool:
        # Simplified: no peer is proven; the kernel spares those whose earlier connections left metrics
        most = self._config.tcp_max_syn_backlog
        return most - self.requests < most >> 2

    def _overflow(self) -> Verdict:
        self.counters["ListenOverflows"] += 1
        return self._drop()

    def _drop(self) -> Verdict:
        self.counters["ListenDrops"] += 1
        return Verdict.DROP
