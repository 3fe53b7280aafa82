"""What a user says about a service and its backends."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from models.backend.http2_config import Http2ServerConfig
from models.certificates.config import CertificateConfig, Key
from models.programs.config import ProgramConfig
from sim.engine.distributions import LARGEST_DRAW, Constant, Delay
from sim.units import HOUR, MS, SECOND, US, Duration, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveConfig:
    """How the name of a service becomes the address of a backend."""

    by: Literal["literal", "hosts", "dns", "vip", "each", "round_robin"] = "hosts"
    """literal: the first address, no lookup; hosts: /etc/hosts; dns: a resolver without cache, as Go's; vip: one
    address, connections spread by a layer-4 balancer; each: a balancer of layer 7, or the client's own, chooses for
    each request, a pool for each backend; round_robin: the same, in turn from the first. How they choose says
    `balancer`."""
    dns: Literal["fixed", "rotate", "shuffle", "same_subnet"] = "rotate"
    """Order of the addresses in each DNS answer; same_subnet: answers rotate and glibc sorts them (cgo): clients and
    backends share a subnet, and the address that has most leading bits in common with the client's own comes first."""
    ttl: Duration = 0
    """How long a caching resolver on the client's host (nscd, systemd-resolved, dnsmasq) gives an answer again, in its
    order and at once, to all dials of that client; 0 means that there is none."""
    ipv6: tuple[Annotated[int, Ge(0)], ...] = ()
    """Backends whose address is an IPv6 one (an AAAA record); the others have A records. Where a name has both, Go
    tries IPv6 first and the other family soon beside it (happy eyeballs)."""
    lookup_time: Delay = Constant(value=500 * US)
    """How long the DNS server takes to answer a query; A and AAAA are asked side by side, and both are waited for."""
    fails: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of lookups that end in "no such host"."""
    loss: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of DNS queries that get no answer: each costs the timeout of resolv.conf, 5 s."""

    @property
    def is_per_request(self) -> bool:
        """Whether each request chooses its backend, so that each backend has a pool of its own."""
        return self.by in ("each", "round_robin")

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`resolve: hosts` and `resolve: {dns: rotate}` are short for the whole mapping."""
        if isinstance(tree, str):
            return {"by": tree}
        if isinstance(tree, dict) and "dns" in tree and "by" not in tree:
            return {"by": "dns", **tree}
        return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """The TLS side of an https service."""

    version: Literal["1.2", "1.3"] = "1.3"
    """Protocol version: 1.3 costs one round trip more than TCP, 1.2 two."""
    key: Key = "ecdsa_p256"
    """Type of the server's key, which decides the CPU time of a full handshake."""
    key_exchange: Literal["", "x25519", "p256", "p384", "x25519mlkem768"] = ""
    """The key exchange; left out, the first that both ends have: X25519MLKEM768, or X25519 with TLS 1.2 and with
    OpenSSL 3.0."""
    cost: Literal["lab", "go", "openssl"] = "lab"
    """Where the CPU times of handshakes, at both ends, are from: recordings of the lab; or medians of Go 1.27, or of
    OpenSSL 3.0, measured without scheduler and sockets. What the lab did not record (client certificates, other keys
    and exchanges) is added as Go's differences."""
    client_auth: Literal["none", "require"] = "none"
    """require: the server asks for a certificate and verifies it (tls.RequireAndVerifyClientCert)."""
    certificate: CertificateConfig = CertificateConfig()
    """What its backends show."""
    shared_tickets: bool = False
    """Whether all backends know one another's session tickets (SetSessionTicketKeys); false: only their own, and none
    of before a restart."""
    ticket_lifetime: Annotated[Duration, Gt(0)] = 168 * HOUR
    """How old a session may be to be resumed. Go: 7 days, for which it also keeps the keys that it changes every 24 h;
    with TLS 1.2 from the full handshake on, with 1.3 from the last one on."""
    cpus: Annotated[int, Ge(0)] = 0
    """CPUs of a backend that do handshakes, first come, first served; 0 means as many as are asked for."""

    def __post_init__(self) -> None:
        if self.key_exchange == "x25519mlkem768" and self.version == "1.2":
            raise ValueError('key_exchange: x25519mlkem768 is of TLS 1.3 only; write x25519, or version: "1.3"')
        if self.cost == "openssl" and self.key_exchange not in ("", "x25519"):
            raise ValueError(f"key_exchange: {self.key_exchange} was measured with Go only; write cost: go, or x25519")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """A service: equal backends behind one name."""

    scheme: Literal["http", "https"] = "http"
    """http or https; decides whether a dial ends with a TLS handshake."""
    http2: Http2ServerConfig | None = None
    """Whether an https service speaks HTTP/2 with clients that offer it (ALPN), and how; {} means as Go's server does,
    `{preset: nginx}` as others do, absent means HTTP/1.1 only."""
    resolve: ResolveConfig = ResolveConfig()
    """How the name becomes an address."""
    backends: Annotated[int, Gt(0), Le(1000)] = 1
    """Number of backends."""
    workers: Annotated[int, Ge(0)] = 0
    """Requests that one backend serves at a time; 0 means without limit."""
    queue: Annotated[int, Ge(0)] = 0
    """Requests that wait for a worker at one backend before it answers 503; 0 means without limit."""
    service_time: Delay = Constant(value=20 * MS)
    """Time from a worker taking a request to its answer."""
    overhead: Annotated[Duration, Le(LARGEST_DRAW)] = 250 * US
    """CPU time that a backend adds to every request (recordings: client and server add about 0.5 ms together)."""
    overrun: Delay = Constant(value=0)
    """Time by which a handler ends late, drawn for each request and counted with its service time: timers and the
    scheduler are never early (recordings: 0.05 ms in the median, some ms one time in a hundred)."""
    response_size: Size = 128
    """Bytes of a response body."""
    backlog: Annotated[int, Ge(0), Le(65535)] = 4096
    """Accept queue of a listener; it holds one more. Go passes net.core.somaxconn."""
    read_timeout: Duration = 0
    """Go's Server.ReadTimeout: a request has to come whole within this, its first one counted from the accept; 0 means
    never."""
    read_header_timeout: Duration = 0
    """Go's Server.ReadHeaderTimeout: a connection whose first request has not come by then is closed; 0 means
    read_timeout."""
    write_timeout: Duration = 0
    """Go's Server.WriteTimeout, from the end of the request's headers: an answer that comes later is lost with its
    connection, the handler is not stopped; 0 means never."""
    idle_timeout: Duration = 0
    """Go's Server.IdleTimeout: an idle connection is closed by the server after this; 0 means read_timeout."""
    max_connection_age: Duration = 0
    """How old a connection may become, up to a tenth more or less, drawn for each: HTTP/1.1 says Connection: close in
    the first answer after it, HTTP/2 GOAWAY at it; 0 means for ever (grpc-go's and nginx' settings of that kind)."""
    max_connection_age_grace: Duration = 0
    """How long after that a connection is closed whatever is under way on it; 0 means never."""
    keep_alive: Duration | Literal["off"] = 15 * SECOND
    """net.ListenConfig.KeepAlive: idle time before the server's kernel asks whether a client is still there; a dead
    one is found after 9 probes 15 s apart. 0 means 15 s, off is Go's negative value."""
    disable_keep_alives: bool = False
    """Answer every request with Connection: close (Go's Server.SetKeepAlivesEnabled(false))."""
    response_framing: Literal["length", "chunked", "until_close"] = "length"
    """How a response body ends: by Content-Length, by a last chunk, or with the connection, which then serves once."""
    response_pause: Duration = 0
    """Pause in the middle of every response body."""
    interim: tuple[Annotated[int, Ge(102), Le(199)], ...] = ()
    """1xx answers that precede the work on every request, such as 103 (Early Hints)."""
    interim_gap: Duration = 0
    """Pause after each of them."""
    reads_body: bool = True
    """Whether the handler reads the request's body before it works; unread ones from 256 KiB on cost the connection."""
    panics: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of the requests whose handler panics: their connection is closed without an answer, or with half of it
    where there is a response_pause."""
    honours_cancel: bool = False
    """Whether a handler stops when its client has gone away."""
    tls: TlsConfig = TlsConfig()
    """TLS of an https service."""
    program: ProgramConfig | None = None
    """What each backend's program is; service_time and overhead are CPU time then, and how long a request takes depends
    on load and collections. Absent means that a request takes its service time, however many there are."""

    def __post_init__(self) -> None:
        if self.max_connection_age_grace and not self.max_connection_age:
            raise ValueError("max_connection_age_grace: there is no age that it follows; write max_connection_age")
        if self.http2 is not None and self.scheme != "https":
            raise ValueError("http2: is spoken over TLS only; write scheme: https beside it")
        for backend in self.resolve.ipv6:
            if backend >= self.backends:
                raise ValueError(f"resolve: ipv6: {backend} is no backend; write numbers of 0 to {self.backends - 1}")
