"""Packets of MQTT on a connection: what they carry and how long they are. Not when they are sent.

Sources: MQTT 5.0 and 3.1.1, 2.1 (fixed header), 3.1 to 3.14; a TLS 1.3 record adds 22 bytes (RFC 8446, 5.2).
"""

from enum import Enum
from typing import Any

TLS_RECORD_BYTES = 22
CONNECT_BYTES = 40
"""Fixed and variable header and a client identifier of 23 characters, without user and password."""
CONNACK_BYTES = SUBACK_BYTES = 5
SUBSCRIBE_BYTES = 40
DISCONNECT_BYTES = 2
ACK_BYTES = 4
"""PUBACK, PUBREC, PUBREL, PUBCOMP with a packet identifier; in version 5 the same, where the reason is success."""
LARGEST_ONE_BYTE_LENGTH = 127
"""Remaining Length takes a byte for each seven bits (MQTT 5.0, 1.5.5)."""


class Kind(Enum):
    """What an acknowledgement is."""

    PUBACK = 4
    PUBREC = 5
    PUBCOMP = 7


class Publish:
    """PUBLISH; that of a transfer sent before has DUP set."""

    __slots__ = ("transfer",)

    def __init__(self, transfer: Any) -> None:
        self.transfer = transfer


class Release(Publish):
    """PUBREL."""

    __slots__ = ()


class Ack(Publish):
    """PUBACK, PUBREC or PUBCOMP."""

    __slots__ = ("kind",)

    def __init__(self, kind: Kind, transfer: Any) -> None:
        self.kind, self.transfer = kind, transfer


class Acks:
    """Acknowledgements that one write carries."""

    __slots__ = ("acks",)

    def __init__(self, acks: list[Ack]) -> None:
        self.acks = acks


class Connack:
    """CONNACK: whether the broker has a session, and what it announces; or why it refuses."""

    __slots__ = ("keep_alive", "receive_maximum", "refusal", "session_present")

    def __init__(self, *, session_present: bool, receive_maximum: int, keep_alive: int, refusal: str = "") -> None:
        self.session_present, self.refusal = session_present, refusal
        self.receive_maximum = receive_maximum
        """Of version 5 (3.2.2.3.3); before it, what the client thinks right."""
        self.keep_alive = keep_alive
        """How often (ns) the client has to say something: its own, or the broker's Server Keep Alive (3.2.2.3.14)."""


class Disconnect:
    """DISCONNECT, with its reason."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why


class Mark:
    """A packet that says no more than what it is."""

    __slots__ = ()


SUBSCRIBE, SUBACK = Mark(), Mark()


def publish_bytes(payload: int, topic: int, *, qos: int, is_v5: bool) -> int:
    """Bytes of a PUBLISH: header, topic, identifier, empty properties in version 5, payload."""
    rest = 2 + topic + (2 if qos else 0) + (1 if is_v5 else 0) + payload
    header, most = 2, LARGEST_ONE_BYTE_LENGTH
    while rest > most:
        header, most = header + 1, (most + 1) * 128 - 1
    return header + rest
