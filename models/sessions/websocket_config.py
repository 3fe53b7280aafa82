"""What a user says about WebSocket on the connections of a fleet."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt

from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketConfig:
    """RFC 6455 between devices and a server."""

    close_timeout: Annotated[Duration, Gt(0)] = 10 * SECOND
    """How long an end that has said Close waits for the other's Close and the end of TCP (Python websockets: 10 s)."""
