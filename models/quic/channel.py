"""Inflow and Outflow: the bytes of the channels of a connection, in and out. Not the packets that carry them.

A channel is a stream, or the handshake's bytes in one space; each is in order by itself, which is all that QUIC
promises (RFC 9000, 2.2): a lost packet keeps the channels waiting whose bytes it carried, and no other.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from models.quic.packet import Chunk, Control, frame_bytes

STREAM_STEP = 4
"""From one request's stream to the next (RFC 9000, 2.1)."""
SMALLEST_CHUNK = 64
"""A frame is not split for less room than this."""


class Inflow:
    """Chunks as they come, messages as they are whole and their turn has come."""

    __slots__ = ("_early", "_over", "_over_below", "_reached")

    def __init__(self) -> None:
        self._reached: dict[int, int] = {}
        self._early: dict[int, list[Chunk]] = {}
        self._over: set[int] = set()
        self._over_below = 0

    @property
    def n_waiting(self) -> int:
        """Channels that wait for what was lost."""
        return len(self._early)

    def take(self, chunk: Chunk) -> Iterator[Any]:
        """The messages that are whole with this chunk, in order."""
        channel, reached = chunk.channel, self._reached.get(chunk.channel, 0)
        if chunk.stop <= reached or 0 <= channel < self._over_below or channel in self._over:
            return  # sent twice
        if chunk.start > reached:
            self._early.setdefault(channel, []).append(chunk)
            return
        self._reached[channel] = chunk.stop
        if chunk.message is not None:
            yield chunk.message
        if channel in self._early:
            waiting = sorted(self._early.pop(channel), key=lambda one: one.start)
            for each in waiting:
                yield from self.take(each)

    def forget(self, channel: int) -> None:
        """The stream is over: what still comes of it is dropped."""
        self._reached.pop(channel, None)
        self._early.pop(channel, None)
        over = self._over
        over.add(channel)
        while self._over_below in over:
            over.remove(self._over_below)
            self._over_below += STREAM_STEP


class Outflow:
    """Frames of one space that wait to be sent, those that were lost first."""

    __slots__ = ("_again", "_frames", "_sent")

    def __init__(self) -> None:
        self._again: deque[Any] = deque()
        self._frames: deque[Any] = deque()
        self._sent: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._frames or self._again)

    def write(self, channel: int, message: Any, size: int) -> None:
        """Append a message to a channel; a message of no bytes takes one."""
        start = self._sent.get(channel, 0)
        self._sent[channel] = stop = start + max(size, 1)
        self._frames.append(Chunk(channel, start, stop, message))

    def say(self, message: Any) -> None:
        """A control message."""
        self._frames.append(Control(message))

    def put(self, frame: Any) -> None:
        """A frame as it is."""
        self._frames.append(frame)

    def repeat(self, frames: list[Any]) -> None:
        """These were lost: they go before all that is new; PINGs are not missed."""
        self._again.extend(frame for frame in frames if type(frame) is Chunk or type(frame) is Control)

    def forget(self, channel: int) -> None:
        """Nothing more of a channel: the peer does not want it, or everything has arrived."""
        self._sent.pop(channel, None)

    def take(self, room: int) -> list[Any]:
        """Frames for a packet with so much room."""
        frames = []
        while room > 0 and (self._again or self._frames):
            queue = self._again or self._frames
            frame, size = queue[0], frame_bytes(queue[0])
            if size <= room:
                frames.append(queue.popleft())
            elif type(frame) is Chunk and room >= SMALLEST_CHUNK:
                cut = frame.start + room
                frames.append(frame._replace(stop=cut, message=None))
                queue[0] = frame._replace(start=cut)
                return frames
            else:
                return frames
            room -= size
        return frames
