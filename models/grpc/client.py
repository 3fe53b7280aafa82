"""GrpcHttp2: what the channels of one client instance share: settings, clocks, levels. Not what a channel does.

To streams it is their Transport. Source: grpc-go dialoptions.go, internal/transport/http2_client.go, NewHTTP2Client.
"""

from collections.abc import Callable

from models.backend.http2_config import Http2ServerConfig
from models.grpc.channel import Channel
from models.grpc.config import GrpcConfig
from models.protocols.http2 import Http2
from models.protocols.http2_connection import ClientConn
from models.transport.pool import HostPool
from models.transport.round_trip import Transport
from sim.records.levels import Levels

GRPC_LEVELS = ("grpc_ready", "grpc_waiting")
"""Subchannels that are READY; calls that wait for one."""


class GrpcHttp2(Http2):
    """gRPC of one client instance."""

    def __init__(self, t1: Transport, levels: Levels, draw: Callable[[], float], grpc: GrpcConfig) -> None:
        super().__init__(t1, levels, draw)
        self.grpc = grpc
        self.windows = grpc.windows
        self.is_strict, self.stream_cap = True, 0
        self.send_ping_timeout = self.idle_timeout = 0
        self.is_single_use = self.counts_resets = self.surfaces_early_losses = self.skips_closed_on_idle = False
        self.closes_on_go_away = True
        self._levels = {name: (levels.rise(name), levels.fall(name)) for name in GRPC_LEVELS}
        self.channels: list[Channel] = []

    def join(self, host: HostPool, server: Http2ServerConfig) -> None:
        """The name of `host` has a channel."""
        channel = Channel(self, host, server, self.draw)
        host.http2 = channel
        self.channels.append(channel)

    def rises_ready(self, by: int) -> None:
        """A subchannel is READY, or no longer."""
        self._move("grpc_ready", by)

    def waits(self, by: int) -> None:
        """A call waits for a READY one, or no longer."""
        self._move("grpc_waiting", by)

    def _move(self, level: str, by: int) -> None:
        self.change(self.engine._now << 12 | self._levels[level][by < 0])

    def close_idle(self) -> None:
        """A channel has no such call: its connections stay until it is idle."""

    @property
    def conns(self) -> list[ClientConn]:
        """All its connections."""
        return [conn for channel in self.channels for conn in channel.conns]
