"""LabInput: the input.json of a recorded case, field by field in the recorder's words (reality/README.md).

It says what is accepted; `models/recorded/scenario.py` says what it means. Durations are in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Len

Seconds = Annotated[float, Ge(0)]
"""A duration as the recorder writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabHttp2:
    """http.HTTP2Config."""

    strict_max_concurrent_requests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabTransport:
    """http.Transport, every field as the recorder set it."""

    max_idle_conns: int
    max_idle_conns_per_host: int
    max_conns_per_host: int
    idle_conn_timeout: Seconds
    tls_handshake_timeout: Seconds
    response_header_timeout: Seconds
    expect_continue_timeout: Seconds = 1.0
    disable_keep_alives: bool = False
    force_attempt_http2: bool = False
    disable_compression: bool = False
    http2: LabHttp2 = LabHttp2()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabDialer:
    """net.Dialer."""

    timeout: Seconds
    keep_alive: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabClient:
    """http.Client."""

    timeout: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabTls:
    """tls.Config of the client."""

    min_version: Literal["", "1.2", "1.3"] = ""
    max_version: Literal["", "1.2", "1.3"] = ""
    client_session_cache: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabLoad:
    """Who sends: arrivals at their own instants, or workers."""

    mode: Literal["open", "closed"]
    workers: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabBackend:
    """A server of its own address."""

    ip: str
    port: int
    proto: Literal["http", "https", "h2"]
    workers: Annotated[int, Ge(0)] = 0
    backlog: Annotated[int, Ge(0)] = 4096
    mode: Literal["normal", "tls-stall", "never-accept"] = "normal"
    idle_timeout: Seconds = 0.0
    keep_alives_disabled: bool = False
    max_concurrent_streams: Annotated[int, Ge(0)] = 0
    handler_honours_cancel: bool = False
    body_bytes: Annotated[int, Ge(0)] = 128

    @property
    def address(self) -> str:
        """As it stands in a URL."""
        return f"{self.ip}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabServer:
    """All servers."""

    backends: Annotated[tuple[LabBackend, ...], Len(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabTopology:
    """How client and servers are joined, and where names come from."""

    link: Literal["veth", "tun"]
    one_way_delay: Seconds = 0.0
    client_ip: str = ""
    dns_mode: Literal["none", "hosts-file", "rotating-dns"] = "none"
    dns_name: str = ""
    dns_addrs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabEvent:
    """What was done to the servers at `t`, for `dur` where it has an end of its own."""

    t: Seconds
    action: Literal["die", "revive", "mode", "pause", "sigstop", "drop"]
    backend: int = -1
    dur: Seconds = 0.0
    ip: str = ""
    mode: Literal["", "normal", "tls-stall", "never-accept"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInput:
    """The whole of input.json."""

    experiment: str
    variant: str
    duration: Annotated[float, Gt(0)]
    tail: Seconds = 0.0
    scheme: Literal["http", "https"]
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE"] = "GET"
    transport: LabTransport
    dialer: LabDialer
    client: LabClient = LabClient()
    tls: LabTls = LabTls()
    load: LabLoad
    server: LabServer
    topology: LabTopology
    sysctl: Mapping[str, str] = field(default_factory=dict)
    server_sysctl: Mapping[str, str] = field(default_factory=dict)
    hosts: Annotated[tuple[str, ...], Len(1)]
    events: tuple[LabEvent, ...] = ()
    arrivals_file: str = "../arrivals.csv.gz"
    kernel: str = "6.18"
    go_version: str = "go1.27"
    seed: int = 0
    rep: int = 0
    n_arrivals: int = 0
    t0_unix_nano: int = 0

    @property
    def name(self) -> str:
        """E08-mc10-90rps."""
        return f"{self.experiment}-{self.variant}"
