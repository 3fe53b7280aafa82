"""What a user says about a fleet of devices, each with one connection that lasts."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.mqtt.config import MqttConfig
from models.sessions.keep_alive import DeviceKeepAlive
from models.sessions.reconnect import ReconnectConfig
from models.sessions.websocket_config import WebSocketConfig
from sim.engine.distributions import Delay
from sim.units import SECOND, Duration

MOST_DEVICES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StartConfig:
    """When devices dial for the first time."""

    at: Duration = 0
    """When the first of them does, from the start of the run."""
    over: Duration = 10 * SECOND
    """How long it lasts until all have: each device draws its instant, all equally likely; 0 means all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallConfig:
    """What happens to each device again and again, and is over by itself."""

    every: Annotated[Duration, Gt(0)]
    """Mean time from one stall of a device to the next, exponentially distributed; who has no connection feels none."""
    lasts: Delay
    """How long one lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Devices that are alike. Each has an address of its own, and one connection at a time."""

    count: Annotated[int, Gt(0), Le(MOST_DEVICES)]
    """How many devices."""
    service: str
    """The service that they connect to."""
    websocket: WebSocketConfig | None = None
    """WebSocket is spoken on the connections; {} means as a browser and a server without pings do."""
    mqtt: MqttConfig | None = None
    """MQTT is spoken on them with the service's `broker`; {} means version 5, paho's defaults and nothing to say."""
    start: StartConfig = StartConfig()
    """When they dial first."""
    reconnect: ReconnectConfig = ReconnectConfig()
    """When they dial again."""
    keep_alive: DeviceKeepAlive = DeviceKeepAlive()
    """TCP keepalive of the devices; that of the server is its service's `keep_alive`."""
    handshake_timeout: Annotated[Duration, Gt(0)] = 45 * SECOND
    """How long TCP, TLS and the opening of the protocol may take in all (gorilla/websocket, DefaultDialer: 45 s)."""
    resumes_tls: bool = False
    """Whether a device keeps the ticket of its last TLS session, so that the next handshake costs less CPU time."""
    network_stalls: StallConfig | None = None
    """What cuts the path of single devices now and then: a tunnel, a change of cells; absent means nothing."""
    process_stalls: StallConfig | None = None
    """What stops the programs of single devices now and then: an app in the background, a collection; their kernels go
    on. Absent means nothing."""
    lifetime: Delay | None = None
    """How long a session is up until its user ends it; absent means for ever."""
    away: Annotated[Duration, Ge(0)] = 0
    """How long a device stays away after its user has ended a session."""

    def __post_init__(self) -> None:
        if (self.websocket is None) == (self.mqtt is None):
            raise ValueError("websocket: a fleet speaks exactly one protocol; write websocket: {} or mqtt: {}")

    def check(self, scheme: str, place: str) -> None:
        """Refuse what does not go with a service of that scheme.

        Raises
        ------
        ValueError
            Its place in the scenario comes first.
        """
        if self.resumes_tls and scheme != "https":
            raise ValueError(
                f"{place}.resumes_tls: there is no TLS session with a service of http; write scheme: https"
            )
