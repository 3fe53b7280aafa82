"""Parts of an experiment: Go's own configurations, the servers, the network, and what is done to them when.

The words are those of a recording's input.json; the whole is `models/recorded/experiment.py`.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from sim.units import MINUTE, SECOND, Duration

LONGEST = 15 * MINUTE
"""Of arrivals, and of what is sampled after them: a recording occupies a machine."""
MOST_BACKENDS = 100
MOST_BODY = 1 << 20
MODES = "normal, tls-stall or never-accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Part:
    """http.HTTP2Config."""

    strict_max_concurrent_requests: bool = False
    """Whether the server's limit of streams holds for all connections together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPart:
    """http.Transport; the defaults are DefaultTransport's (net/http/transport.go)."""

    max_idle_conns: int = 100
    """Idle connections in all; 0 means no limit."""
    max_idle_conns_per_host: int = 0
    """Idle connections per host; 0 means 2 (DefaultMaxIdleConnsPerHost), negative keeps none."""
    max_conns_per_host: int = 0
    """Connections per host, dials included; 0 means no limit."""
    idle_conn_timeout: Duration = 90 * SECOND
    """How long a connection may stay idle; 0 means for ever."""
    tls_handshake_timeout: Duration = 10 * SECOND
    """How long a handshake may take; 0 means for ever."""
    response_header_timeout: Duration = 0
    """From the written request to the header of its response; 0 means for ever."""
    expect_continue_timeout: Duration = SECOND
    """How long to wait for 100-continue."""
    disable_keep_alives: bool = False
    """One request per connection."""
    force_attempt_http2: bool = False
    """Offer h2; needed for backends of proto h2."""
    disable_compression: bool = False
    """Do not ask for gzip."""
    http2: Http2Part = Http2Part()
    """Of HTTP/2 alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialerPart:
    """net.Dialer."""

    timeout: Duration = 30 * SECOND
    """Of a dial, all addresses together; 0 means for ever."""
    keep_alive: Duration = 30 * SECOND
    """Between TCP's keep-alive probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPart:
    """http.Client."""

    timeout: Duration = 0
    """Of a request, body included; 0 means for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPart:
    """tls.Config of the client."""

    min_version: Literal["", "1.2", "1.3"] = ""
    """Empty means Go's default."""
    max_version: Literal["", "1.2", "1.3"] = ""
    """Empty means Go's default."""
    client_session_cache: Annotated[int, Ge(0)] = 0
    """Sessions to remember for resumption; 0 means no cache, as in Go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendPart:
    """A net/http server of its own address."""

    ip: str = ""
    """Empty means the next of 10.77.0.11, 10.77.0.12, ...."""
    port: Annotated[int, Ge(0), Le(65535)] = 0
    """0 means 8080 for http, 8443 for https and h2."""
    proto: Literal["", "http", "https", "h2"] = ""
    """Empty means the scheme."""
    workers: Annotated[int, Ge(0)] = 0
    """Requests served at a time, the others wait in order; 0 means no limit."""
    backlog: Annotated[int, Ge(1), Le(4096)] = 4096
    """Of listen(2); the kernel holds one connection more."""
    mode: Literal["normal", "tls-stall", "never-accept"] = "normal"
    """At the beginning: tls-stall accepts and never answers, never-accept only listens."""
    idle_timeout: Duration = 0
    """http.Server.IdleTimeout; 0 means for ever."""
    keep_alives_disabled: bool = False
    """SetKeepAlivesEnabled(false)."""
    max_concurrent_streams: Annotated[int, Ge(0)] = 0
    """Of an h2 connection; 0 means Go's default."""
    handler_honours_cancel: bool = False
    """Whether the handler ends when the caller has gone."""
    body_bytes: Annotated[int, Ge(0), Le(MOST_BODY)] = 128
    """Bytes of a response's body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPart:
    """All servers, in one process."""

    backends: Annotated[tuple[BackendPart, ...], Len(1, MOST_BACKENDS)] = (BackendPart(),)
    """At least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyPart:
    """How client and servers are joined, and where names come from."""

    link: Literal["veth", "tun"] = "veth"
    """veth: a pair of devices, about 0.1 ms. tun: a forwarder in user space that adds a delay and can drop."""
    one_way_delay: Annotated[Duration, Le(10 * SECOND)] = 0
    """Added by tun to every packet, in each direction."""
    dns_mode: Literal["none", "hosts-file", "rotating-dns"] = "none"
    """none: arrivals name addresses. Otherwise they name `dns_name`, from a hosts file or from a DNS server."""
    dns_name: str = "svc.test"
    """The name."""
    dns_addrs: tuple[str, ...] = ()
    """Its addresses in order; empty means those of all backends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    """What is done to the servers at `t`."""

    t: Annotated[Duration, Le(LONGEST)]
    """From the start."""
    action: Literal["die", "revive", "mode", "pause", "sigstop", "drop"]
    """die: listener and connections closed at once. pause: reads, writes, accepts and handlers wait. drop: packets."""
    backend: Annotated[int, Ge(-1)] = -1
    """The backend's place; -1 means all."""
    dur: Annotated[Duration, Le(LONGEST)] = 0
    """Of pause, sigstop and drop."""
    ip: str = ""
    """Of drop: whose packets vanish."""
    mode: Literal["", "normal", "tls-stall", "never-accept"] = ""
    """Of mode: which one begins."""

    def __post_init__(self) -> None:
        if self.action in {"pause", "sigstop", "drop"} and self.dur == 0:
            raise ValueError(f"dur: {self.action} needs a length; write one such as 2s")
        if (self.action == "mode") != bool(self.mode):
            raise ValueError(f"mode: belongs to the action mode, which needs one; write {MODES}")
        if self.action == "sigstop" and self.backend != -1:
            raise ValueError("backend: sigstop stops all servers, which are one process; leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverPart:
    """Requests that the servers never answer."""

    share: Annotated[float, Gt(0), Le(1)]
    """Of those that arrive in between."""
    begins: Duration = 0
    """The first arrival that may hang."""
    ends: Duration = LONGEST
    """From here on none does."""
