"""Frames: what travels on an HTTP/2 connection besides and around the messages of requests (RFC 9113, 6).

Simplified: a message of a stream is one frame, whatever its size; HPACK and flow control are left out, whose windows
(1 GiB and 4 MiB towards the client) bodies below them never fill.
"""

from enum import Enum
from typing import Any, Final

FRAME_BYTES: Final = 50
"""A frame that carries no message: SETTINGS, PING, RST_STREAM, GOAWAY and their 9 bytes of header."""


class Code(Enum):
    """Error codes, in Go's spelling (internal/http2/errors.go, errCodeName)."""

    NO_ERROR = "NO_ERROR"
    PROTOCOL_ERROR = "PROTOCOL_ERROR"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    REFUSED_STREAM = "REFUSED_STREAM"
    CANCEL = "CANCEL"
    ENHANCE_YOUR_CALM = "ENHANCE_YOUR_CALM"


class Frame:
    """HEADERS or DATA: a message of a stream, or a part of one."""

    __slots__ = ("message", "stream_id")

    def __init__(self, stream_id: int, message: Any) -> None:
        self.stream_id, self.message = stream_id, message


class Reset:
    """RST_STREAM."""

    __slots__ = ("code", "stream_id")

    def __init__(self, stream_id: int, code: Code) -> None:
        self.stream_id, self.code = stream_id, code


class Preface:
    """What a client sends first: its preface, its SETTINGS and the window of the connection.

    `max_streams` is not in it: it is what the server behind this name, perhaps at the end of a tunnel, will announce.
    """

    __slots__ = ("max_streams",)

    def __init__(self, max_streams: int) -> None:
        self.max_streams = max_streams


class Settings:
    """The server's SETTINGS; `max_streams` is 0 where they do not say."""

    __slots__ = ("max_streams",)

    def __init__(self, max_streams: int) -> None:
        self.max_streams = max_streams


class SettingsAck:
    """The client has read the SETTINGS."""

    __slots__ = ()


class Ping:
    """PING or its answer."""

    __slots__ = ("checks_health", "is_ack")

    def __init__(self, *, is_ack: bool, checks_health: bool) -> None:
        self.is_ack, self.checks_health = is_ack, checks_health


class GoAway:
    """GOAWAY: streams above `last_stream_id` were not touched."""

    __slots__ = ("code", "last_stream_id")

    def __init__(self, last_stream_id: int, code: Code) -> None:
        self.last_stream_id, self.code = last_stream_id, code


class StreamEnd:
    """One end of a stream, as if it were one of a connection: what is sent travels in frames."""

    __slots__ = ("_end", "_stream_id")

    def __init__(self, end: Any, stream_id: int) -> None:
        self._end, self._stream_id = end, stream_id

    @property
    def link(self) -> Any:
        """The path of the connection."""
        return self._end.link

    @property
    def side(self) -> Any:
        """The kernel of the connection."""
        return self._end.side

    def send(self, message: Any, size_bytes: int, delay: int = 0) -> int:
        """As `Endpoint.send`."""
        return self._end.send(Frame(self._stream_id, message), size_bytes, delay)  # type: ignore[no-any-return]
