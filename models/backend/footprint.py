"""Footprint: the memory and the descriptors that the connections of a program take. Not which connections it has.

Figures: resident memory per idle connection after one request, Go 1.27.3 and nginx 1.22 on Linux 6.18, thousands of
connections each; the kernel's objects of a socket (struct sock, inode, file, dentry, epoll item).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from annotated_types import Ge

from sim.units import Size

KIB = 1024
Kind = Literal["connection", "http2_connection", "http3_connection", "session", "request", "upstream_connection"]
KINDS: Final[tuple[Kind, ...]] = (
    "connection", "http2_connection", "http3_connection", "session", "request", "upstream_connection",
)  # fmt: skip

_GO_PLAIN = {"connection": 18.9, "http2_connection": 27.2, "session": 12.4, "request": 8.1, "upstream_connection": 24.2}
_GO_TLS = {"connection": 28.8, "http2_connection": 39.8, "session": 28.0, "request": 8.1, "upstream_connection": 34.7}
MEASURED_KIB: Final[Mapping[tuple[str, str], Mapping[str, float]]] = MappingProxyType({
    ("go", "http"): _GO_PLAIN,
    ("go", "https"): {**_GO_TLS, "http3_connection": 39.8},  # QUIC was not measured: as HTTP/2 over TLS
    ("go", "mutual"): {**_GO_TLS, "connection": 32.6, "http3_connection": 39.8},
    ("nginx", "http"): {"connection": 0.5, "session": 3.9, "request": 0.0, "upstream_connection": 0.5},
    ("nginx", "https"): {"connection": 14.0, "session": 17.4, "request": 0.0, "upstream_connection": 0.5},
})  # fmt: skip
"""KiB by program and security of its connections, and by kind. nginx' sessions are proxied, their two sockets counted
below; over TLS they have OpenSSL's state besides."""
STREAM_KIB: Final = 7.2
"""Of an open request that is a stream, instead of `request`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FootprintConfig:
    """What the connections of a service take at its backends; what is absent is as it was measured for the program."""

    machine: str = ""
    """Services whose backends run on one machine, such as the listeners of a gateway, name it alike and are added up;
    empty means the service's own name."""
    program: Literal["go", "nginx"] = "go"
    """Whose memory per connection was measured."""
    connection: Annotated[Size, Ge(0)] | None = None
    """Bytes of a connection of HTTP/1.1 in the program, idle."""
    http2_connection: Annotated[Size, Ge(0)] | None = None
    """Bytes of one of HTTP/2."""
    http3_connection: Annotated[Size, Ge(0)] | None = None
    """Bytes of one of HTTP/3, which has no socket of its own. It was not measured; go takes what HTTP/2 takes."""
    session: Annotated[Size, Ge(0)] | None = None
    """Bytes of a connection of a fleet of devices."""
    request: Annotated[Size, Ge(0)] | None = None
    """Bytes of an open request besides."""
    upstream_connection: Annotated[Size, Ge(0)] | None = None
    """Bytes of a connection to the service that is asked for every request (`relay`)."""
    socket: Annotated[Size, Ge(0)] = 3 * KIB
    """Bytes of a socket in the kernel, its buffers empty."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Codes of levels: what a server counts besides all connections where somebody asks for its footprint."""

    rise_http3: int
    fall_http3: int
    rise_sessions: int
    fall_sessions: int


def bytes_of(config: FootprintConfig, *, security: str, has_streams: bool) -> dict[Kind, int]:
    """Bytes of each kind in the program.

    Parameters
    ----------
    security : http, https, or mutual where clients show certificates.
    has_streams : whether open requests are streams of HTTP/2.

    Raises
    ------
    ValueError
        naming what is not stated and was not measured for the program.
    """
    measured = dict(MEASURED_KIB.get((config.program, security)) or MEASURED_KIB[config.program, "https"])
    if has_streams and config.program == "go":
        measured["request"] = STREAM_KIB
    found: dict[Kind, int] = {}
    for kind in KINDS:
        stated = getattr(config, kind)
        found[kind] = round(measured.get(kind, 0) * KIB) if stated is None else stated
    if has_streams and config.http2_connection is None and "http2_connection" not in measured:
        raise ValueError(f"http2_connection: was not measured for {config.program}; state it, such as 30KiB")
    return found
