"""What a user says about WebSocket on the connections of a fleet."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from models.sessions.ping_config import PingConfig
from sim.units import SECOND, Duration, Rate, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesConfig:
    """Messages of the application, by Poisson processes."""

    from_device: Annotated[Rate, Ge(0)] = 0.0
    """Messages of each device while it is up."""
    from_server: Annotated[Rate, Ge(0)] = 0.0
    """Messages of the server to each device while it is up."""
    size: Annotated[Size, Gt(0)] = 200
    """Bytes of a message with its frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketConfig:
    """RFC 6455 between devices and a server."""

    client: PingConfig = PingConfig()
    """Pings of the devices' library."""
    server: PingConfig = PingConfig()
    """Pings of the server's library."""
    messages: MessagesConfig | None = None
    """Messages of the application; absent means none."""
    going_away: bool = False
    """Whether a server that shuts down says Close to its devices and waits for their answers; Go's does not, since
    sessions are hijacked connections."""
    close_timeout: Annotated[Duration, Gt(0)] = 10 * SECOND
    """How long an end that has said Close waits for the other's Close and the end of TCP (Python websockets: 10 s)."""
