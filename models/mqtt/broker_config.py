"""What a user says about the broker behind a service: its windows, its queues, what it costs; and what two of them do.

Sources: mosquitto.conf(5), 2.0; EMQX documentation, 5.x, and its changelog of 5.8.0.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt

from models.mqtt.config import MOST_IDENTIFIERS, AckConfig, check_window
from sim.engine.distributions import Constant, Delay
from sim.units import SECOND, Duration

EMQX: dict[str, Any] = {"max_inflight": 32, "drops": "oldest", "sweep": "0s", "persistent": True}
PRESETS: dict[str, dict[str, Any]] = {
    "mosquitto": {},
    "emqx": EMQX,
    "emqx_before_5_8": {**EMQX, "resend_after": "30s"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """A broker. Several backends are a cluster: all of them know all sessions, and passing on takes no time.

    Short forms: mosquitto, the defaults; emqx; emqx_before_5_8, which sends again within a session.
    """

    max_connections: Annotated[int, Gt(0)] | None = None
    """Connections of each backend; the next CONNECT is refused. Absent means without limit."""
    max_inflight: int = 20
    """PUBLISHes of QoS 1 and 2 to a client without acknowledgement; announced to clients of version 5 as Receive
    Maximum (mosquitto: 20, EMQX: 32)."""
    max_queued: Annotated[int, Ge(0)] = 1000
    """Messages of QoS 1 and 2 that wait for a client beyond those, while it is away too; others are dropped without a
    word (mosquitto and EMQX: 1000)."""
    drops: Literal["newest", "oldest"] = "newest"
    """Which of them go where there is no room: mosquitto's newest, EMQX's oldest."""
    resend_after: Duration = 0
    """How long an acknowledgement may take until a message goes again on a living connection; 0 is never. Version 5
    forbids it (4.4); EMQX did it after 30 s until 5.7, mosquitto refuses its old retry_interval."""
    acks: AckConfig = AckConfig()
    """When it acknowledges what it gets."""
    read_time: Duration = 0
    """What its one thread works to read a packet, or several acknowledgements in one."""
    write_time: Duration = 0
    """What it works to write a packet, or several acknowledgements in one."""
    store_time: Delay = Constant(value=0)
    """How long it takes besides until a message is taken care of, and acknowledged: a disk, a replica, a rule."""
    persistent: bool = False
    """Whether sessions outlive the program of a backend (mosquitto's `persistence`)."""
    client_expiration: Duration = 0
    """How long it keeps the session of a client of version 3.1.1 that is away (mosquitto:
    persistent_client_expiration); 0 is for ever."""
    server_keep_alive: Duration = 0
    """What it tells clients of version 5 instead of their own `keep_alive` (3.2.2.3.14); 0 leaves it at that."""
    sweep: Duration = 6 * SECOND
    """How late it notices at most that 1.5 times `keep_alive` are over: mosquitto looks at all clients once more than 5
    whole seconds have passed, measured as up to 6 s (keepalive.c)."""

    def __post_init__(self) -> None:
        check_window("max_inflight", self.max_inflight)
        if self.max_inflight > MOST_IDENTIFIERS:
            raise ValueError(f"max_inflight: there are {MOST_IDENTIFIERS:,} packet identifiers; write that or less")

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`broker: emqx` is short for its mapping."""
        if not isinstance(tree, str):
            return tree
        if tree not in PRESETS:
            raise ValueError(f"{tree!r} is none of {', '.join(PRESETS)}; write one of them, or max_inflight, ...")
        return PRESETS[tree]
