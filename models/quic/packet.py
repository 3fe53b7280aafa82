"""Packet: what travels in a datagram, and the frames in it. Not when it is sent, not what becomes of it.

Source: RFC 9000, 12 and 19. Simplified: frames are as many bytes as their data, headers cost a constant.
"""

from enum import IntEnum
from typing import Any, NamedTuple


class Space(IntEnum):
    """Packet-number spaces; 0-RTT shares APPLICATION."""

    INITIAL, HANDSHAKE, APPLICATION = range(3)


HEADER_BYTES = (71, 71, 39)
"""Header, framing and authentication tag per packet, by space: what the reference table of certificates fits with."""
ACK_BYTES = 8
CONTROL_BYTES = 25
"""A frame that carries no message: RESET_STREAM, MAX_STREAMS, GOAWAY, PATH_CHALLENGE, HANDSHAKE_DONE."""


class Chunk(NamedTuple):
    """STREAM or CRYPTO: bytes of a channel, `stop` excluded; `message` is whole when they are there."""

    channel: int
    start: int
    stop: int
    message: Any


class Control(NamedTuple):
    """A frame without an order; lost ones are sent again."""

    message: Any


class Ping(NamedTuple):
    """Asks for an acknowledgement; a lost one is not missed."""


class Ack(NamedTuple):
    """Packets that were received: ranges from the highest down, ends included; how long that was held back, ns."""

    ranges: tuple[tuple[int, int], ...]
    delay: int

    @property
    def largest(self) -> int:
        """The highest packet number."""
        return self.ranges[0][1]


class Word:
    """A control message of QUIC itself."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what


class Packet:
    """One packet. It is in flight from `sent_at` until it is acknowledged or lost."""

    __slots__ = ("ack", "frames", "is_early", "number", "sent_at", "size", "space")

    def __init__(
        self, space: Space, number: int, frames: list[Any], ack: Ack | None, *, is_early: bool = False
    ) -> None:
        self.space, self.number, self.frames, self.ack = space, number, frames, ack
        self.is_early = is_early
        """0-RTT: under keys of the ticket."""
        self.size = HEADER_BYTES[space] + sum(map(frame_bytes, frames)) + (ACK_BYTES if ack is not None else 0)
        self.sent_at = 0

    @property
    def is_eliciting(self) -> bool:
        """Whether it has to be acknowledged."""
        return bool(self.frames)


def frame_bytes(frame: Any) -> int:
    """How much of a packet a frame takes."""
    return frame.stop - frame.start if type(frame) is Chunk else CONTROL_BYTES if type(frame) is Control else 1


class Datagram(NamedTuple):
    """Packets that travel together and are lost together; `size` with the padding."""

    packets: tuple[Packet, ...]
    size: int
    address: tuple[int, int]
    """The client's, from which it comes or to which it goes: numbers of its host address and of its port."""
