"""What a user says about MQTT on the connections of a fleet."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.units import SECOND, Duration, Rate, Size, format_duration

MOST_IDENTIFIERS = 65_535
"""Packet identifiers are 16 bits, without 0 (MQTT 5.0, 2.2.1); so is Receive Maximum, which is 65,535 where absent."""
Version = Literal["v3.1.1", "v5"]
QoS = Literal["at_most_once", "at_least_once", "exactly_once"]
LEVELS: dict[QoS, int] = {"at_most_once": 0, "at_least_once": 1, "exactly_once": 2}


def check_window(key: str, value: int) -> None:
    """Refuse a window through which nothing goes."""
    if value < 1:
        raise ValueError(
            f"{key}: a window of {value} lets no message of QoS 1 or 2 go, ever; write 1 to {MOST_IDENTIFIERS:,}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AckConfig:
    """When an end writes its acknowledgements."""

    delay: Duration = 0
    """How long the first of them waits for others to share its write; 0 writes each at once."""
    most: Annotated[int, Gt(0)] | None = None
    """With `delay`: so many go without waiting any longer; absent means that their number does not matter."""

    def __post_init__(self) -> None:
        if self.most is not None and not self.delay:
            raise ValueError(f"most: {self.most} would wait for one another without end; write a delay such as 20ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishConfig:
    """What each device publishes, by a Poisson process, from its first connection on."""

    rate: Annotated[Rate, Gt(0)]
    """Events of each device; one that comes while its program is stopped does not happen."""
    burst: Annotated[int, Gt(0), Le(100_000)] = 1
    """Messages of an event, published in one instant."""
    qos: QoS = "at_least_once"
    """Quality of service: at_most_once is 0, at_least_once 1, exactly_once 2."""
    size: Annotated[Size, Gt(0)] = 200
    """Bytes of a message's payload."""
    topic_size: Annotated[int, Gt(0), Le(MOST_IDENTIFIERS)] = 30
    """Bytes of a topic's name; in version 5, with an alias, PUBLISH carries none."""
    topic_alias: bool = False
    """Whether the name of the topic is replaced by a number (version 5, 3.3.2.3.4).

    Simplified: with an alias the first PUBLISH of a connection lacks the name, too, and is `topic_size` too short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeConfig:
    """What each device of a fleet gets from the broker."""

    fleets: tuple[str, ...]
    """The fleets, of the same broker, whose messages it gets."""
    qos: QoS = "at_least_once"
    """The most that it grants; a message comes with the lesser of its own and this (3.8.4)."""
    shared: bool = False
    """$share: each message goes to one device of the fleet, in turn, and not to all of them (4.8.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttConfig:
    """MQTT between devices and a broker."""

    version: Version = "v5"
    """v3.1.1 or v5."""
    keep_alive: Annotated[Duration, Le(65_535 * SECOND)] = 60 * SECOND
    """How long a device is silent at most; it sends PINGREQ so often. The broker takes it for dead after 1.5 times
    that; 0 means never (paho: 60 s)."""
    ping_timeout: Duration = 0
    """How long PINGRESP may take until the broker counts as dead, at most `keep_alive`; 0 means as long as that."""
    clean: bool = False
    """Clean Session or Clean Start: a connection begins without what was kept of the one before, at both ends."""
    session_expiry: Duration | None = None
    """How long a broker keeps the session of a device that is away (version 5); 0 means not at all, absent for ever. In
    version 3.1.1 `clean` says it."""
    inflight: int = 20
    """PUBLISHes of QoS 1 and 2 of a device that may be without acknowledgement (paho: 20); in version 5 no more than
    the broker announces."""
    max_queued: Annotated[int, Ge(0)] | None = None
    """Messages that a device keeps beyond those; the next ones are dropped. Absent means without limit, as paho."""
    receive_maximum: int | None = None
    """How many the broker may have under way to a device (version 5), in the place of the broker's `max_inflight`;
    absent leaves it at that."""
    resend_after: Duration = 0
    """How long an acknowledgement may take until a device sends its message again on a living connection. 0 is never:
    current clients do not, and version 5 forbids it (4.4)."""
    acks: AckConfig = AckConfig()
    """When a device acknowledges what it gets."""
    publish: PublishConfig | None = None
    """What devices publish; absent means nothing."""
    subscribe: SubscribeConfig | None = None
    """What they get; absent means nothing."""

    def __post_init__(self) -> None:
        check_window("inflight", self.inflight)
        if self.receive_maximum is not None:
            check_window("receive_maximum", self.receive_maximum)
        for key in ("inflight", "receive_maximum"):
            if (value := getattr(self, key)) is not None and value > MOST_IDENTIFIERS:
                raise ValueError(f"{key}: there are {MOST_IDENTIFIERS:,} packet identifiers; write that or less")
        if self.ping_timeout > self.keep_alive:
            longest = format_duration(self.keep_alive)
            raise ValueError(
                f"ping_timeout: {format_duration(self.ping_timeout)} is longer than keep_alive, {longest}, and one"
                " PINGREQ at a time is awaited; write at most that"
            )
        if self.version == "v3.1.1":
            self._check_old()

    def _check_old(self) -> None:
        wants = {
            "session_expiry": self.session_expiry is not None,
            "receive_maximum": self.receive_maximum is not None,
            "publish.topic_alias": self.publish is not None and self.publish.topic_alias,
            "subscribe.shared": self.subscribe is not None and self.subscribe.shared,
        }
        for key, is_asked in wants.items():
            if is_asked:
                raise ValueError(f"{key}: version 3.1.1 does not have it; write version: v5, or leave it out")

    @property
    def is_v5(self) -> bool:
        """Whether it is version 5."""
        return self.version == "v5"
