"""The kernel's settings by their sysctl names. It holds no rule; each key names the file that reads it."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from sim.units import MS, SECOND, Duration

Port = Annotated[int, Ge(1), Le(65535)]

OLDEST_RELEASE: Final = (5, 18)  # the port search with 65536 pointers and random steps came with it
TCP_RTO_MAX: Final = 120 * SECOND
"""include/net/tcp.h."""
_RELEASE = re.compile(r"(\d+)\.(\d+)")
_PORT_SPAN = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """One network namespace, whoever connects; defaults are those of Linux 6.18."""

    release: str = "6.18"
    """Kernel version, 5.18 or later: 6.5 brought linear SYN timeouts, 6.14 the reuse delay and one more request."""
    hz: Literal[100, 250, 300, 1000] = 250
    """CONFIG_HZ, jiffies a second; decides how late timers fire (kernel/time/timer.c)."""

    tcp_max_tw_buckets: Annotated[int, Ge(0)] = 131_072
    """TIME_WAIT and FIN_WAIT2 mini sockets at once; beyond it a closed port is free at once (inet_twsk_alloc)."""

    tcp_retries2: Annotated[int, Ge(0), Le(255)] = 15
    """Back-offs until a silent connection dies of ETIMEDOUT, 924.6 s for 15 (retransmits_timed_out)."""
    tcp_orphan_retries: Annotated[int, Ge(0), Le(255)] = 0
    """The same for a connection that was closed with data or FIN not acknowledged; 0 means 8 (tcp_orphan_retries)."""
    tcp_rto_min_us: Annotated[Duration, Ge(1_000)] = 200 * MS
    """What a retransmission timeout is longer than the round trip, at least (6.11 and later; tcp_rto_min)."""
    tcp_rto_max_ms: Annotated[Duration, Ge(SECOND), Le(TCP_RTO_MAX)] = TCP_RTO_MAX
    """Where retransmission timeouts, those of SYNs too, double no more (6.15 and later; tcp_rto_max)."""
    tcp_sack: Annotated[int, Ge(0), Le(1)] = 1
    """0 does without tail loss probes: the first repetition of a lost tail doubles the timeout already."""
    tcp_thin_linear_timeouts: Annotated[int, Ge(0), Le(1)] = 0
    """1 doubles no timeout of a connection with few segments under way for its first six (tcp_retransmit_timer)."""
    tcp_slow_start_after_idle: Annotated[int, Ge(0), Le(1)] = 1
    """1 shrinks the congestion window back towards 10 segments while a connection idles (tcp_cwnd_restart)."""

    def __post_init__(self) -> None:
        if self.version < OLDEST_RELEASE:
            raise ValueError(
                f"release: {self.release} is older than 5.18, whose port search is modelled; write 5.18 or later"
            )

    @property
    def version(self) -> tuple[int, int]:
        """The release as numbers that compare: (6, 18)."""
        found = _RELEASE.match(self.release)
        if found is None:
            raise ValueError(f"release: {self.release!r} is not a kernel version; write one such as 6.18")
        return int(found[1]), int(found[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenConfig(HostConfig):
    """A host that is connected to: its listener's settings."""

    nofile: Annotated[int, Ge(0)] = 0
    """RLIMIT_NOFILE of the program, for its connections alone; 0 sets no limit. Beyond it connections wait in the
    accept queue, and Go's server tries again after 5 ms to 1 s."""
    somaxconn: Annotated[int, Ge(0)] = 4096
    """Upper bound of listen()'s backlog; Go's listener asks for exactly this (net/core/sysctl_net_core.c)."""
    tcp_synack_retries: Annotated[int, Ge(0), Le(255)] = 5
    """SYN-ACK repetitions before a half-open connection is dropped (reqsk_timer_handler)."""
    tcp_max_syn_backlog: Annotated[int, Ge(1)] = 2048
    """Half-open connections when tcp_syncookies is 0; the last quarter is kept for proven peers (tcp_conn_request)."""
    tcp_syncookies: Annotated[int, Ge(0), Le(2)] = 1
    """0 drops the SYN when the request queue is full, 1 answers it with a cookie, 2 always does."""
    tcp_abort_on_overflow: Annotated[int, Ge(0), Le(1)] = 0
    """1 answers a final ACK that finds the accept queue full with RST instead of dropping it (tcp_check_req)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelConfig(HostConfig):
    """A host that connects: its ports, descriptors and SYNs."""

    nofile: Annotated[int, Ge(0)] = 1_048_576
    """RLIMIT_NOFILE, descriptors of the process; 0 sets no limit. The default is fs.nr_open, its ceiling."""
    connect_scan_cost: Duration = 100
    """CPU time of connect() per occupied port it inspects; 71 to 102 ns measured, the machine decides."""
    connect_failure_cost: Duration = 0
    """CPU time of each connect() that finds no port, beside the search: a socket is made, set up and closed (a busy Go
    client: 0.04 ms in recordings)."""
    cpus: Annotated[int, Ge(1), Le(1024)] = 1
    """Processors that run the client's program (GOMAXPROCS): a port search or handshake keeps one busy, others wait."""

    ip_local_port_range: tuple[Port, Port] = (32768, 60999)
    """First and last port that connect() may choose, ends included (net/ipv4/af_inet.c, inet_init_net)."""
    ip_local_reserved_ports: str | tuple[int | str, ...] = ""
    """Ports never chosen automatically, in the kernel's own form "8080,9000-9010" or as a list (include/net/ip.h)."""
    pointer_neighbours: Annotated[int, Ge(0), Le(1000)] = 0
    """Other namespaces of the machine with the same address, as busy as this one towards the same destinations: each of
    their connects moves the pointer of the port search too, of which there is one per machine (table_perturb)."""

    tcp_tw_reuse: Annotated[int, Ge(0), Le(2)] = 2
    """Whether connect() may take over a TIME_WAIT port: 0 never, 1 always, 2 on loopback only (tcp_twsk_unique)."""
    tcp_tw_reuse_delay: Annotated[Duration, Ge(MS), Le(60 * SECOND)] = SECOND
    """Age at which a TIME_WAIT port may be taken over, 1 ms to 60 s; before 6.14 fixed to the next whole second."""
    tcp_fin_timeout: Annotated[Duration, Ge(0)] = 60 * SECOND
    """How long an orphan waits for the peer's FIN; above 60 s it acts as twice the excess. Not the TIME_WAIT length."""
    tcp_timestamps: Annotated[int, Ge(0), Le(2)] = 1
    """0 sends none, so TIME_WAIT ports are not taken over. Simplified: segments carry 1448 bytes all the same."""

    tcp_keepalive_probes: Annotated[int, Ge(1), Le(127)] = 9
    """Unanswered keepalive probes until a connection dies, where the program does not say (Go up to 1.22)."""

    tcp_syn_retries: Annotated[int, Ge(1), Le(127)] = 6
    """SYN retransmissions after the linear ones until ETIMEDOUT (net/ipv4/tcp_timer.c, tcp_write_timeout)."""
    tcp_syn_linear_timeouts: Annotated[int, Ge(0), Le(127)] | None = None
    """SYN retransmissions 1 s apart before they double; unset means 4 since 6.5 and 0 before."""

    def __post_init__(self) -> None:
        HostConfig.__post_init__(self)
        low, high = self.ip_local_port_range
        if low > high:
            raise ValueError(f"ip_local_port_range: {low} lies above {high}; write the lower bound first")
        self.refuse_reserved(low, high)

    @property
    def syn_linear_timeouts(self) -> int:
        """tcp_syn_linear_timeouts, or what this release does without it."""
        if self.tcp_syn_linear_timeouts is not None:
            return self.tcp_syn_linear_timeouts
        return 4 if self.version >= (6, 5) else 0

    def reserved_ports(self) -> frozenset[int]:
        """The ports of `ip_local_reserved_ports`, one by one."""
        written = self.ip_local_reserved_ports
        parts = written.split(",") if isinstance(written, str) else written
        return frozenset(port for part in parts if str(part).strip() for port in _span(str(part).strip()))

    def refuse_reserved(self, low: int, high: int) -> None:
        """Raise the ValueError of a range in which every port is reserved: no connect() could ever find one."""
        if self.reserved_ports().issuperset(range(low, high + 1)):
            raise ValueError(
                f"ip_local_reserved_ports: reserves every port from {low} to {high}, so none is left to connect from;"
                " reserve fewer, or widen the range"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BindConfig:
    """What a dialer says about the local end of its sockets."""

    local_addr: bool = False
    """Dialer.LocalAddr with port 0: bind() before connect(), so a port is unique per local address, whatever the
    destination; without a free one bind() fails with EADDRINUSE (net/ipv4/inet_connection_sock.c)."""
    source_addresses: Annotated[int, Ge(1), Le(1000)] = 1
    """Local addresses that dials bind to in turn; each has the whole port range. Needs local_addr."""
    bind_address_no_port: bool = False
    """IP_BIND_ADDRESS_NO_PORT, set in Dialer.Control: bind() takes no port, connect() searches one per local address
    and destination. Needs local_addr."""
    local_port_range: tuple[Port, Port] | None = None
    """IP_LOCAL_PORT_RANGE, set in Dialer.Control (6.3 and later): a part of ip_local_port_range, searched in one pass
    without parity since 6.8."""

    def __post_init__(self) -> None:
        for key, needs in (
            ("source_addresses", self.source_addresses > 1),
            ("bind_address_no_port", self.bind_address_no_port),
        ):
            if needs and not self.local_addr:
                raise ValueError(f"{key}: nothing is bound before connect(); set local_addr to true as well")
        if self.local_port_range is not None and self.local_port_range[0] > self.local_port_range[1]:
            low, high = self.local_port_range
            raise ValueError(f"local_port_range: {low} lies above {high}; write the lower bound first")

    def within(self, ip_local_port_range: tuple[int, int]) -> tuple[int, int]:
        """The ports that are left of the sysctl's: a bound counts only inside (inet_sk_get_local_port_range)."""
        low, high = ip_local_port_range
        if self.local_port_range is None:
            return low, high
        lo, hi = self.local_port_range
        return (lo if low <= lo <= high else low), (hi if low <= hi <= high else high)


def _span(text: str) -> range:
    found = _PORT_SPAN.fullmatch(text)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= low <= high <= 65535:
        raise ValueError(f"ip_local_reserved_ports: {text!r} is no port or span; write such as 8080,9000-9010")
    return range(low, high + 1)
