"""What a user says about a client: Go's fields in snake case. Zero means what it means in Go."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from models.certificates.config import ClientCertificateConfig
from models.dns.config import ResolvConf
from models.kernel.sysctl import BindConfig, KernelConfig
from models.quic.config import Http3ClientConfig
from sim.engine.distributions import LARGEST_DRAW, Constant, Delay
from sim.units import MS, SECOND, US, Duration, SignedDuration, Size

_ZERO_TRANSPORT = {
    "max_idle_conns": 0,
    "idle_conn_timeout": 0,
    "tls_handshake_timeout": 0,
    "expect_continue_timeout": 0,
    "force_attempt_http2": False,
}
"""What a literal ``&http.Transport{}`` leaves at zero and DefaultTransport sets (net/http/transport.go)."""
_ZERO_DIALER: dict[str, Any] = {"timeout": 0, "keep_alive": 0}
"""net.Dialer{}, which such a Transport dials with: it is no Dialer of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyConfig:
    """http.Transport.Proxy: all requests of the client go through one proxy, which is a service of the scenario.

    Simplified: the proxy's backends answer for those behind it, with the service time of the request; what lies between
    them costs time only when a tunnel is made.
    """

    service: str
    """The service that is the proxy. Requests for http share its connections, each https service has tunnels of its
    own."""
    connect_time: Delay = Constant(value=MS)
    """How long the proxy takes to reach the target of a CONNECT: its own lookup and dial."""
    refuses: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of CONNECTs that the proxy answers with 502 Bad Gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Config:
    """http.HTTP2Config of a Transport (Go 1.24 and later; before that, fields of x/net/http2's Transport)."""

    strict_max_concurrent_requests: bool = False
    """Never dial because a connection has no stream left: wait for one instead. Waiters count against the limit, so as
    many of them as it allows wait for ever (golang/go#70809). Go 1.26; before that StrictMaxConcurrentStreams."""
    max_concurrent_streams: Annotated[int, Ge(0)] = 0
    """The client's own limit of the streams of a connection, beside the server's; 0 means none, as in Go, whose
    Transport has no such setting. Envoy's upstreams have one (Http2ProtocolOptions), and a controller may move it."""
    max_receive_buffer_per_stream: Annotated[Size, Ge(1), Le(1 << 31)] = 4 << 20
    """Bytes of a response that may be under way or unread on one stream: its window (HTTP2Config). Go: 4 MiB."""
    max_receive_buffer_per_connection: Annotated[Size, Ge(65_535), Le(1 << 31)] = 1 << 30
    """The same for all streams of a connection together. Go: 1 GiB (conf.MaxReceiveBufferPerConnection)."""
    send_ping_timeout: Duration = 0
    """A PING goes out when nothing was read for so long; 0 means never. Before Go 1.24: ReadIdleTimeout."""
    ping_timeout: Duration = 15 * SECOND
    """A connection whose PING is not answered within this is closed; 0 means 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportConfig:
    """http.Transport: the fields that this model reads (net/http/transport.go, type Transport)."""

    preset: Literal["default_transport", "zero_transport"] = "default_transport"
    """Which defaults the omitted fields take: http.DefaultTransport's, or a literal's zeros."""
    max_idle_conns: int = 100
    """Idle connections of all hosts; 0 means without limit, negative keeps none. DefaultTransport: 100."""
    max_idle_conns_per_host: int = 0
    """Idle connections per host; 0 means 2 (DefaultMaxIdleConnsPerHost), negative keeps none."""
    max_conns_per_host: int = 0
    """Connections per host: dialing, busy and idle; 0 or negative means without limit."""
    idle_conn_timeout: SignedDuration = 90 * SECOND
    """How long a connection may stay idle; 0 means for ever. DefaultTransport: 90 s. Negative means for ever with
    HTTP/1; with HTTP/2 each new connection closes at once, mostly before it can be used."""
    response_header_timeout: SignedDuration = 0
    """Longest wait for the response headers after the request was written; 0 means for ever, negative too with HTTP/1;
    with HTTP/2 negative fails at once."""
    tls_handshake_timeout: SignedDuration = 10 * SECOND
    """Longest TLS handshake; 0 means for ever, negative fails at once. DefaultTransport: 10 s."""
    expect_continue_timeout: Duration = 1 * SECOND
    """How long a request with Expect: 100-continue waits for a 100 before it sends its body; 0 means not at all.
    DefaultTransport: 1 s."""
    write_buffer_size: Annotated[Size, Ge(0)] = 0
    """WriteBufferSize: the buffer in front of each HTTP/1 connection, made when it is dialled; 0 means 4 KB. What it
    saves are system calls (`write_cost`), what it costs is memory."""
    disable_keep_alives: bool = False
    """One connection per request, with Connection: close."""
    force_attempt_http2: bool = True
    """Speak HTTP/2 with services that do, even with a Dialer or a tls.Config of its own; without it such a Transport
    speaks HTTP/1.1. DefaultTransport: true, and it has a Dialer of its own."""
    http2: Http2Config = Http2Config()
    """HTTP/2 settings."""
    proxy: ProxyConfig | None = None
    """The proxy of all requests; absent means none, as in a Transport without Proxy or without HTTP_PROXY."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Give what was omitted the values of the preset."""
        if isinstance(tree, dict) and tree.get("preset") == "zero_transport":
            return {**{key: value for key, value in _ZERO_TRANSPORT.items() if key in cls.__dataclass_fields__}, **tree}
        return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class DialerConfig(BindConfig):
    """net.Dialer (net/dial.go)."""

    keep_alive: Duration | Literal["off"] = 30 * SECOND
    """Idle time before the kernel asks whether the peer is still there; a dead one is found after 9 probes 15 s apart
    (up to Go 1.22: as many as tcp_keepalive_probes, this far apart). 0 means 15 s, off is Go's negative value.
    DefaultTransport: 30 s, so 165 s."""
    timeout: SignedDuration = 30 * SECOND
    """Longest dial, names and all addresses included, TLS not; 0 leaves it to the kernel, negative fails at once.
    DefaultTransport: 30 s."""
    no_delay: bool = True
    """TCP_NODELAY: what is written goes at once. Go sets it on every connection, netty's transports too, mosquitto not;
    without it the second of two small writes waits for the ACK of the first, which the server delays by 40 ms. Of
    HTTP/1 requests that go out in one piece; how many writes they take says `write_buffer_size`."""
    fallback_delay: SignedDuration = 0
    """Where a name has IPv6 and IPv4 addresses: how long the first family has before the other is tried beside it;
    0 means 300 ms, negative tries all in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTlsConfig:
    """tls.Config of the client."""

    client_session_cache: Annotated[int, Ge(0)] = 0
    """Server names whose last session is kept for resumption, the least recently used leaves first
    (tls.NewLRUClientSessionCache); 0 means none, as in Go without ClientSessionCache."""
    certificate: ClientCertificateConfig | None = None
    """What it shows to services that ask for a certificate; absent means that it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdDialConfig:
    """What a dial takes longer after a pause: the processor slept, its caches are cold."""

    lag: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """Where the client did nothing for `after` or longer; in proportion after shorter pauses (recordings over veth:
    0.13 ms)."""
    after: Annotated[Duration, Gt(0), Le(LARGEST_DRAW)] = 50 * MS
    """Pause after which it is all of that (recordings: about 50 ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """An http.Client with its Transport, on a Linux host of its own."""

    transport: TransportConfig = TransportConfig()
    """http.Transport."""
    dialer: DialerConfig = DialerConfig()
    """net.Dialer of the Transport."""
    kernel: KernelConfig = KernelConfig()
    """sysctls of the host, by their own names."""
    resolv_conf: ResolvConf = ResolvConf()
    """/etc/resolv.conf."""
    tls: ClientTlsConfig = ClientTlsConfig()
    """tls.Config."""
    http3: Http3ClientConfig | None = None
    """An http3.Transport in front of the http.Transport: requests to services that speak HTTP/3 go by QUIC. {} means as
    quic-go's, absent means that there is none."""
    timeout: Duration = 0
    """http.Client.Timeout, body included; 0 means none."""
    instances: Annotated[int, Gt(0), Le(1000)] = 1
    """Equal clients, each with its own pool and its own kernel; arrivals go to them in turn."""
    overhead: Annotated[Duration, Le(LARGEST_DRAW)] = 250 * US
    """CPU time of the client per request, between getting a connection and writing."""
    write_cost: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """CPU time of each write(2) of an HTTP/1 request beyond its first, which is in `overhead`; 0 counts none. Over
    loopback, where the sender does the receiver's work as well, 64 kB cost 6 us more for each call (measured)."""
    ping_schedule: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """How often its program sends a ping on each connection on which nothing went since the last time, as
    Elasticsearch's transport.ping_schedule; 0 means never, its default. Of HTTP/1, where both programs know of it."""
    dial_lag: Delay = Constant(value=0)
    """Time before a dial begins, drawn for each request that may need one: a goroutine has to run, a socket to be made
    (recordings: 0.03 ms in the median, some ms one time in a hundred)."""
    cold_dial: ColdDialConfig = ColdDialConfig()
    """What is added to that after a pause."""
    read_lag: Delay = Constant(value=0)
    """Time after which readLoops notice the server's FIN, drawn for the first of those that come meanwhile; until then
    the pool hands the connection out, and what is written on it is lost. Of HTTP/1.1."""
    close_race: Annotated[float, Ge(0), Le(1)] = 0.33
    """Share of responses with Connection: close after which the client's FIN leaves before the server's arrives
    (a race: 0.23 at RTT 0 and 0.33 at RTT 20 ms in recordings)."""
    go_version: Literal["1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"] = "1.27"
    """Version of Go, where behaviour changed: 1.23 detaches dials from their requests, 1.26 saves goroutines."""

    def __post_init__(self) -> None:
        low, high = self.dialer.within(self.kernel.ip_local_port_range)
        try:
            self.kernel.refuse_reserved(low, high)  # of the dialer's part of the range
        except ValueError as error:
            raise ValueError(f"kernel.{error}") from None
        if self.http3 is not None and self.transport.proxy is not None:
            raise ValueError("http3: QUIC does not go through transport.proxy; leave one of them out")

    @property
    def attempts_http2(self) -> bool:
        """Whether its TLS handshakes offer h2 (net/http/transport.go, Transport.protocols)."""
        is_customised = self.dialer != DialerConfig(**_ZERO_DIALER) or self.tls != ClientTlsConfig()
        return self.transport.force_attempt_http2 or not is_customised

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """A literal Transport's Dialer is a zero one: without timeout, keepalive 15 s."""
        if not isinstance(tree, dict):
            return tree
        transport = tree.get("transport")
        if isinstance(transport, dict) and transport.get("preset") == "zero_transport":
            dialer = tree.get("dialer", {})
            if isinstance(dialer, dict):
                return {**tree, "dialer": {**_ZERO_DIALER, **dialer}}
        return tree


def minor(go_version: str) -> int:
    """The 27 of 1.27."""
    return int(go_version.partition(".")[2])
