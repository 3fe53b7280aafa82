"""Builders: a lab whose client is one of gRPC; a handshake takes 1.1 ms of CPU time, everything else none."""

from typing import Any

from models.backend.config import ResolveConfig
from models.backend.http2_config import Http2ServerConfig
from models.grpc.channel import Channel
from models.grpc.config import GrpcConfig
from models.grpc.subchannel import State
from models.transport.config import DialerConfig
from sim.units import HOUR, MINUTE
from tests.models.worlds import Lab, a_client, a_lab, a_service

HANDSHAKE = 1.1
"""ms of CPU time."""


def a_grpc_server(**fields: Any) -> Http2ServerConfig:
    """As grpc-go's server, in what matters here."""
    defaults: dict[str, Any] = {
        "preset": "grpc_go", "max_concurrent_streams": 0, "go_away": "announced", "min_ping_interval": 5 * MINUTE,
        "ping_after": 2 * HOUR,
    }  # fmt: skip
    return Http2ServerConfig(**(defaults | fields))


def a_grpc_lab(
    *, http2: Http2ServerConfig | None = None, service: dict[str, Any] | None = None, rtt: int = 0, **grpc: Any
) -> Lab:
    """One client and one service g; the keywords are fields of the channel's configuration."""
    wanted = {"resolve": ResolveConfig(by="hosts"), **(service or {})}
    services = {"g": a_service(scheme="https", http2=http2 or a_grpc_server(), **wanted)}
    client = a_client(grpc=GrpcConfig(**grpc), dialer=DialerConfig(timeout=0, keep_alive="off"))
    return a_lab(client=client, services=services, rtt=rtt)


def channel(lab: Lab) -> Channel:
    """The client's channel."""
    found: Channel = lab.pools["g"].http2
    return found


def states(lab: Lab) -> list[State]:
    """Of its subchannels, in the order of their addresses."""
    return [sub.state for sub in channel(lab).subchannels]


def codes(lab: Lab) -> dict[str, str]:
    """The code of each call that is over."""
    names = list(lab.asked)
    return {names[row.id]: row.code for row in lab._rows("rpcs")}
