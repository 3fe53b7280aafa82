"""Case: what may be written about one small scripted world, as frozen data. Not what comes of it.

The format is that of the conformance vectors (tests/validation/data/go_conformance_vectors.yaml, its header).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.script.go_fields import Fields, check_fields
from sim.units import Duration, parse_duration

DECIDERS = ("req", "cancel", "snapshot", "close_idle_connections", "server", "sysctl", "rlimit")
"""Exactly one of these keys says what a step of the script does."""
ACTS = (
    "eof", "rst", "conn-close", "conn-close-keep", "cut", "rst-body", "garbage", "partial-headers", "408", "panic"
)  # fmt: skip
READS = ("full", "noclose", "close", "none")
BLACK_HOLES = ("10.99.0.2", "10.99.0.3", "2001:db8::2")
"""Addresses behind which SYNs vanish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One host of the script: a name in the script, a port and a pool key of its own."""

    kind: Literal["http", "https", "gohttp", "h2", "rawh2", "stall", "refused", "blackhole"]
    """Who listens there, if anybody."""
    addr: str = ""
    """The address that the client uses; 127.0.0.1, or that of a black hole."""
    bind: str = ""
    """The only address that is listened on; empty means all."""
    mcs: int = 0
    """SETTINGS_MAX_CONCURRENT_STREAMS that h2 announces."""
    refuse: int = 0
    """Of rawh2: the first so many streams get RST_STREAM(REFUSED_STREAM)."""
    goaway: int = 0
    """Of rawh2: the stream of this number is answered by GOAWAY."""
    idle_timeout: Duration = 0
    """http.Server.IdleTimeout."""
    read_timeout: Duration = 0
    """http.Server.ReadTimeout."""
    read_header_timeout: Duration = 0
    """http.Server.ReadHeaderTimeout."""
    write_timeout: Duration = 0
    """http.Server.WriteTimeout."""
    max_header_bytes: int = 0
    """http.Server.MaxHeaderBytes; no request of a script comes near it."""

    @property
    def is_secure(self) -> bool:
        """Whether its URLs say https."""
        return self.kind in ("https", "h2", "rawh2", "stall")

    @property
    def is_http2(self) -> bool:
        """Whether it speaks HTTP/2."""
        return self.kind in ("h2", "rawh2")

    @property
    def address(self) -> str:
        """The address that the client uses."""
        return self.addr or (BLACK_HOLES[0] if self.kind == "blackhole" else "127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialHook:
    """A DialContext of the script's own around the Dialer's."""

    delays: tuple[Duration, ...] = ()
    """How long the n-th dial waits before it connects; the last entry repeats."""
    fail: tuple[int, ...] = ()
    """Numbers (from 1) of dials that fail after their delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of the script: its instant, what is done, and the options of a request."""

    t: Duration
    """When, from the start."""
    req: str = ""
    """Starts a request of this name."""
    cancel: str = ""
    """Cancels the context of the request of this name."""
    snapshot: str = ""
    """Takes the state under this label."""
    close_idle_connections: bool = False
    """Calls Transport.CloseIdleConnections."""
    server: Literal["", "keepalives_off", "shutdown"] = ""
    """Calls Server.SetKeepAlivesEnabled(false) or Server.Shutdown of `host`."""
    sysctl: str = ""
    """Sets a sysctl of the client's namespace to `value`."""
    value: str | int = ""
    """The value of the sysctl."""
    rlimit: Literal["", "exhaust", "restore"] = ""
    """No file descriptor left, or as before."""

    host: str = ""
    """The host of the script that is asked."""
    name: str = ""
    """A host name in the URL instead of the address."""
    method: str = "GET"
    """HTTP method."""
    header: Mapping[str, object] = field(default_factory=dict)
    """Request headers."""
    post: int = -1
    """A body of so many bytes, with Content-Length and GetBody."""
    nogetbody: bool | int = False
    """The body has no GetBody."""
    body_gap: Duration = 0
    """A chunked body: 4 bytes, this pause, 4 bytes."""
    close: bool | int = False
    """Request.Close."""
    deadline: Duration = 0
    """context.WithTimeout of this length."""

    service: Duration = 0
    """How long the server waits before it acts or answers."""
    act: str | int = ""
    """What the server does instead of answering, or besides."""
    status: str | int = 200
    """Status of the answer."""
    body: int = 0
    """Bytes of its body."""
    chunked: bool | int = False
    """A chunked body, without Content-Length."""
    nolen: bool | int = False
    """Neither Content-Length nor chunked: the end of the connection ends the body."""
    body_pause: Duration = 0
    """A pause in the middle of the body."""
    close_after: Duration = 0
    """The server closes the connection when it was idle for this long after the answer."""
    next: Literal["", "eof-on-next", "rst-on-next"] = ""
    """What the server does with the next request on this connection."""
    i1xx: str | int = ""
    """Interim responses that come first, such as "102,103"."""
    i1xx_gap: Duration = 0
    """The pause after each of them."""
    continue_: str = ""
    """With Expect: 100-continue: the server sends 100 after this duration, or "never"."""

    read_delay: Duration = 0
    """How long the caller waits before it reads."""
    read: str | int = "full"
    """What the caller does with the body: full, noclose, close, none, or the number of bytes that it reads."""

    @property
    def does(self) -> str:
        """Which of the deciding keys it has."""
        return next(key for key in DECIDERS if getattr(self, key))

    def __post_init__(self) -> None:
        written = [key for key in DECIDERS if getattr(self, key)]
        if len(written) != 1:
            raise ValueError(f"t: needs exactly one of {', '.join(DECIDERS)} beside it, not {' and '.join(written)}")
        if self.act and str(self.act) not in ACTS:
            raise ValueError(f"act: {self.act} is none of {', '.join(ACTS)}")
        if str(self.read) not in READS and not str(self.read).isdecimal():
            raise ValueError(f"read: {self.read} is none of {', '.join(READS)} and no number of bytes")
        if self.sysctl and self.value == "":
            raise ValueError("sysctl: needs a value beside it")
        if not str(self.status).isdecimal():
            raise ValueError(f"status: {self.status} is no status code; write one such as 204")
        if not all(code.isdecimal() and 100 < int(code) < 200 for code in str(self.i1xx).split(",") if self.i1xx):
            raise ValueError(f"i1xx: {self.i1xx} are no interim responses; write some such as 102,103")
        if self.continue_ not in ("", "never"):
            _check_duration(self.continue_, "continue_")


def _check_duration(text: str, key: str) -> None:
    try:
        parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One scripted world: hosts, a client, and what happens when."""

    server: Mapping[str, Listener]
    """The hosts of the script by name."""
    transport: Fields = field(default_factory=dict)
    """Fields of a literal http.Transport."""
    client: Fields = field(default_factory=dict)
    """Fields of the http.Client."""
    dialer: Fields = field(default_factory=dict)
    """Fields of the net.Dialer."""
    dial_hook: DialHook = DialHook()
    """What happens before dials connect."""
    script: tuple[Step, ...]
    """What is done when; entries of one instant in this order."""
    settle: Duration = 0
    """How long after the last entry the state is taken as the snapshot "end"."""

    def __post_init__(self) -> None:
        for part in ("transport", "client", "dialer"):
            check_fields(getattr(self, part), part)
        asked: set[str] = set()
        for i, step in enumerate(self.script):
            if (step.req or step.server) and step.host not in self.server:
                known = ", ".join(self.server)
                raise ValueError(f"script.{i}.host: no host is called {step.host or 'so'}; known here: {known}")
            if step.req in asked:
                raise ValueError(f"script.{i}.req: {step.req} was asked before; give every request its own name")
            if step.cancel and step.cancel not in asked:
                raise ValueError(f"script.{i}.cancel: no request before this is called {step.cancel}")
            asked |= {step.req} - {""}

    @property
    def ends_at(self) -> int:
        """The instant of the snapshot "end"."""
        return max((step.t for step in self.script), default=0) + self.settle
