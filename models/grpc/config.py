"""What a user says about a client's gRPC channel: grpc-go's dial options and what stands in a service config.

Sources: grpc-go dialoptions.go, keepalive/keepalive.go, backoff/backoff.go, internal/transport/defaults.go,
balancer/pickfirst, balancer/roundrobin; gRPC A8, A62.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Gt, Le, Lt

from models.backend.flow import INITIAL_WINDOW_BYTES, LARGEST_WINDOW_BYTES, Windows
from models.transport.config import ClientConfig
from sim.units import MINUTE, SECOND, Duration, Size

MIN_KEEPALIVE_TIME: Final = 10 * SECOND
"""Shorter ones are raised to it (internal.KeepaliveMinPingTime)."""
_DIALER: Final[dict[str, Any]] = {"timeout": 0, "keep_alive": "off"}
"""grpc-go's own: no timeout but that of the connection attempt, and the kernel's keepalive of 2 h (internal/net)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectConfig:
    """How long a subchannel waits after a failed attempt to connect."""

    base_delay: Annotated[Duration, Gt(0)] = SECOND
    """After the first: exactly this."""
    multiplier: Annotated[float, Ge(1), Le(100)] = 1.6
    """By which it grows with each further one."""
    jitter: Annotated[float, Ge(0), Lt(1)] = 0.2
    """Share by which the further ones are longer or shorter, drawn for each."""
    max_delay: Annotated[Duration, Gt(0)] = 120 * SECOND
    """Before the jitter."""
    min_connect_timeout: Annotated[Duration, Gt(0)] = 20 * SECOND
    """How long an attempt may take, TLS and the server's SETTINGS included; the wait before it, if that is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcConfig:
    """A channel to each service that the client calls, as grpc.NewClient makes it."""

    policy: Literal["pick_first", "round_robin"] = "pick_first"
    """How calls are spread over the addresses of the name: pick_first keeps to one connection, the first that works;
    round_robin has one to each and goes round, from a random start whenever the connected ones change."""
    shuffle: bool = False
    """pick_first: whether the addresses are shuffled (shuffleAddressList)."""
    wait_for_ready: bool = False
    """Whether calls wait when no connection works, until their deadline; else they fail at once with UNAVAILABLE."""
    keepalive_time: Duration = 0
    """A PING when nothing was read for so long; 0 means never, as in grpc-go. Below 10 s it is raised to 10 s; below
    5 min servers of gRPC end the connection, unless they are told otherwise (min_ping_interval)."""
    keepalive_timeout: Annotated[Duration, Gt(0)] = 20 * SECOND
    """How long its answer may take before the connection is closed."""
    keepalive_without_stream: bool = False
    """Whether PINGs go out while there is no call (PermitWithoutStream)."""
    idle_timeout: Duration = 30 * MINUTE
    """Without a call for so long the connections are closed until the next one; 0 means never."""
    initial_window_size: Annotated[Size, Le(LARGEST_WINDOW_BYTES)] = 0
    """Window of a stream for answers; up to 64 KiB, as by default, both windows are 65,535 B and grow with the
    bandwidth-delay product to at most 16 MiB."""
    initial_conn_window_size: Annotated[Size, Le(LARGEST_WINDOW_BYTES)] = 0
    """The same of the connection."""
    max_receive_message_size: Annotated[Size, Gt(0)] = 4 << 20
    """A longer message ends its call with RESOURCE_EXHAUSTED. grpc-go: 4 MiB."""
    reconnect: ReconnectConfig = ReconnectConfig()
    """The wait before a connection is tried again."""
    defect: Literal["none", "window_to_waiting", "waits_in_reader"] = "none"
    """A defect of another library in this one's place: window_to_waiting gives calls that wait for a stream a part of
    the connection's window (hyperium/h2#860, as in facebook/buck2#1123); waits_in_reader lets who reads the
    connection wait until as many streams have ended as a lowered limit takes away (pydantic/httpx2#1216)."""

    @property
    def windows(self) -> Windows:
        """What it announces; a size that is given turns the estimate off (dialoptions.go, WithInitialWindowSize)."""
        stream, connection = self.initial_window_size, self.initial_conn_window_size
        return Windows(
            stream=max(stream, INITIAL_WINDOW_BYTES),
            connection=max(connection, INITIAL_WINDOW_BYTES),
            grows=max(stream, connection) <= INITIAL_WINDOW_BYTES + 1,
            reads_whole=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcClient(ClientConfig):
    """A client that may be one of gRPC."""

    grpc: GrpcConfig | None = None
    """Its requests are gRPC calls, on channels of grpc-go; {} means as grpc-go does, absent means http.Client. Of
    `transport` nothing counts then, and `dialer` is grpc-go's: without a timeout of its own."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """A gRPC client's Dialer is grpc-go's, and its TLS has no limit but the attempt's."""
        if isinstance(tree, dict) and tree.get("grpc") is not None:
            dialer, transport = tree.get("dialer", {}), tree.get("transport", {})
            if isinstance(dialer, dict) and isinstance(transport, dict):
                transport = {"tls_handshake_timeout": 0, **transport}
                tree = {**tree, "dialer": {**_DIALER, **dialer}, "transport": transport}
        return ClientConfig.__fill__.__func__(cls, tree)  # type: ignore[attr-defined]
