"""Http2ServerConfig: what a user says about a server's HTTP/2: its limits, its windows, when it lets go. By preset.

Not what is done with it (http2.py, flow.py, ping_policy.py). Sources: protocols.md, table 5.1: Go 1.27
net/http/internal/http2/server.go; nginx ngx_http_v2_module.c, ngx_http_core_module.c; Envoy changelogs/1.36.0.yaml;
grpc-go server.go, defaults.go, keepalive.go; Node's http2 docs; Tomcat Http2Protocol; Jetty
AbstractHTTP2ServerConnectionFactory; grpc-java NettyServerBuilder.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Le

from models.backend.flow import INITIAL_WINDOW_BYTES, LARGEST_WINDOW_BYTES, Windows
from sim.units import SECOND, Duration, Size

MIB: Final = 1 << 20
NO_LIMIT: Final = (1 << 31) - 1

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "go": {},
    "nginx": {
        "max_concurrent_streams": 128,
        "stream_window": "64KiB",
        "connection_window": f"{LARGEST_WINDOW_BYTES}B",
        "keepalive_requests": 1000,
        "keepalive_time": "1h",
        "keepalive_timeout": "75s",
    },
    "envoy": {
        "max_concurrent_streams": NO_LIMIT,
        "stream_window": "256MiB",
        "connection_window": "256MiB",
        "go_away": "announced",
    },
    "envoy_1_36": {
        "max_concurrent_streams": 1024,
        "stream_window": "16MiB",
        "connection_window": "24MiB",
        "go_away": "announced",
    },
    "grpc_go": {
        "max_concurrent_streams": 0,
        "stream_window": f"{INITIAL_WINDOW_BYTES}B",
        "connection_window": f"{INITIAL_WINDOW_BYTES}B",
        "grows_windows": True,
        "go_away": "announced",
        "min_ping_interval": "5m",
        "ping_after": "2h",
    },
    "node": {
        "max_concurrent_streams": 0,
        "stream_window": f"{INITIAL_WINDOW_BYTES}B",
        "connection_window": f"{INITIAL_WINDOW_BYTES}B",
    },
    "tomcat": {
        "max_concurrent_streams": 100,
        "max_executing_streams": 20,
        "stream_window": f"{INITIAL_WINDOW_BYTES}B",
        "connection_window": f"{INITIAL_WINDOW_BYTES}B",
    },
    "jetty": {"max_concurrent_streams": 128, "stream_window": "512KiB", "connection_window": "1MiB"},
    "grpc_java": {
        "max_concurrent_streams": NO_LIMIT,
        "stream_window": "1MiB",
        "connection_window": "1MiB",
        "grows_windows": True,
        "go_away": "announced",
        "min_ping_interval": "5m",
    },
}  # fmt: skip
"""What the omitted keys take; what a preset leaves out is as in Go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2ServerConfig:
    """A server's HTTP/2."""

    preset: Literal["go", "nginx", "envoy", "envoy_1_36", "grpc_go", "node", "tomcat", "jetty", "grpc_java"] = "go"
    """Whose defaults the omitted keys take: http.Server's, or those of nginx, Envoy up to 1.35 and from 1.36 on,
    grpc-go, Node, Tomcat, Jetty 12, grpc-java on Netty. All but go stand for their limits, windows and good-byes; the
    rest of the server is Go's."""
    max_concurrent_streams: Annotated[int, Ge(0), Le(NO_LIMIT)] = 250
    """Streams of one connection at a time, as the server's SETTINGS announce them; 0 announces nothing (clients of Go
    take 1000 then, gRPC's no limit) and sets no limit. Go's server: 250."""
    max_executing_streams: Annotated[int, Ge(0)] = 0
    """Requests of one connection whose handlers run at a time, the others wait in order; 0 means all that there are.
    Tomcat: 20 (maxConcurrentStreamExecution)."""
    stream_window: Annotated[Size, Ge(1), Le(LARGEST_WINDOW_BYTES)] = MIB
    """Bytes of a request's body that may be under way or unread on one stream (SETTINGS_INITIAL_WINDOW_SIZE). Go: 1
    MiB (MaxReceiveBufferPerStream)."""
    connection_window: Annotated[Size, Ge(INITIAL_WINDOW_BYTES), Le(LARGEST_WINDOW_BYTES)] = MIB
    """The same for all streams of a connection together; never below the RFC's 65,535 B. Go: 1 MiB."""
    grows_windows: bool = False
    """Whether both windows grow to twice the bandwidth-delay product as it is measured, up to 16 MiB (grpc-go,
    bdp_estimator.go; grpc-java has it on, too)."""
    keepalive_requests: Annotated[int, Ge(0)] = 0
    """Requests after which a connection gets GOAWAY; 0 means without limit. nginx: 1000."""
    keepalive_time: Duration = 0
    """Age from which on the next request of a connection is its last (GOAWAY); 0 means any. nginx: 1 h."""
    keepalive_timeout: Duration = 0
    """How long a connection without streams is kept before it gets GOAWAY; 0 leaves that to idle_timeout of the
    service. nginx: 75 s; grpc-go's MaxConnectionIdle: for ever."""
    go_away: Literal["once", "announced"] = "once"
    """How a connection is ended in order: with one GOAWAY that names the last stream, so that later ones are lost on
    the way and tried again; or announced by one that disowns nothing, and a PING whose answer, or 5 s, brings the
    second. Go, nginx: once; Envoy, gRPC: announced."""
    min_ping_interval: Duration = 0
    """A client's PINGs that come faster, while the server has sent nothing, are strikes, and the third ends the
    connection (ENHANCE_YOUR_CALM, too_many_pings); 0 lets them be. gRPC (EnforcementPolicy.MinTime): 5 min."""
    permits_pings_without_stream: bool = False
    """Whether PINGs are judged by min_ping_interval while there is no stream; else by 2 h (PermitWithoutStream)."""
    ping_after: Duration = 0
    """The server sends a PING when it has read nothing for so long; 0 means never. grpc-go: 2 h."""
    ping_timeout: Duration = 20 * SECOND
    """How long it waits for the answer before it closes the connection. grpc-go: 20 s."""

    @property
    def windows(self) -> Windows:
        """What clients may send it. Of the rules of WINDOW_UPDATE only Go's and gRPC's are known."""
        return Windows(
            stream=self.stream_window,
            connection=self.connection_window,
            grows=self.grows_windows,
            reads_whole=self.preset in ("grpc_go", "grpc_java"),
        )

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Give what was omitted the values of the preset."""
        if isinstance(tree, dict):
            return {**PRESETS.get(str(tree.get("preset")), {}), **tree}
        return tree
