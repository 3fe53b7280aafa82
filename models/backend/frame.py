"""Frames: what travels on an HTTP/2 connection besides and around the messages of requests (RFC 9113, 6).

Simplified: a message of a stream is one frame, whatever its size, unless a window cuts it (flow.py); HPACK is left out.
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


class Data:
    """DATA that is only a part of a message: a window was too small for the whole, whose last part is a Frame."""

    __slots__ = ("stream_id",)

    def __init__(self, stream_id: int) -> None:
        self.stream_id = stream_id


class Reset:
    """RST_STREAM."""

    __slots__ = ("code", "stream_id")

    def __init__(self, stream_id: int, code: Code) -> None:
        self.stream_id, self.code = stream_id, code


class Preface:
    """What a client sends first: its preface and its SETTINGS, here its windows, with the one of the connection.

    `server` is not in it: it is what the server behind this name, perhaps at the end of a tunnel, is configured to be.
    """

    __slots__ = ("server", "windows")

    def __init__(self, server: Any, windows: Any) -> None:
        self.server, self.windows = server, windows


class Settings:
    """The server's SETTINGS; `max_streams` is 0 where they do not say, `windows` None where they do not change.

    `by` is not in them: the server's connection, which hears what the client gives back late, and what it foresees.
    """

    __slots__ = ("by", "max_streams", "windows")

    def __init__(self, max_streams: int, windows: Any = None, by: Any = None) -> None:
        self.max_streams, self.windows, self.by = max_streams, windows, by


class SettingsAck:
    """The client has read the SETTINGS."""

    __slots__ = ()


class Ping:
    """PING or its answer; what it is for stands in its eight bytes."""

    __slots__ = ("announces_end", "checks_health", "is_ack")

    def __init__(self, *, is_ack: bool, checks_health: bool = False, announces_end: bool = False) -> None:
        self.is_ack, self.checks_health, self.announces_end = is_ack, checks_health, announces_end


class GoAway:
    """GOAWAY: streams above `last_stream_id` were not touched."""

    __slots__ = ("code", "last_stream_id")

    def __init__(self, last_stream_id: int, code: Code) -> None:
        self.last_stream_id, self.code = last_stream_id, code
