"""Http3Connection: an HTTP/3 connection as quic-go's server sees it: streams, GOAWAY, early data. No handlers.

Simplified: frames of HTTP/3 are those of HTTP/2, and Go's rules for handlers hold; quic-go's are like them.
Source: quic-go http3/server.go; RFC 9114, 5.2; RFC 8470, 5.2.
"""

from typing import Any

from models.backend.frame import Frame, Preface, Reset
from models.backend.http2 import Http2Connection
from models.backend.http2_config import Http2ServerConfig
from models.backend.server_stream import ServerStream
from models.protocols.http3_flow import WIDEST, Http3Flow
from models.protocols.http3_stream import TOO_EARLY
from models.quic.config import Http3ServerConfig
from models.quic.life import Stage
from models.quic.server_end import ServerEnd


class Http3Connection(Http2Connection):
    """A connection of many streams, each with a handler of its own, over QUIC."""

    __slots__ = ("_early_data", "_seen", "expires_at", "successor")

    def __init__(self, server: Any, end: ServerEnd, config: Http3ServerConfig) -> None:
        streams = Http2ServerConfig(max_concurrent_streams=config.max_concurrent_streams)
        super().__init__(server, end, Preface(streams, WIDEST))
        self.flow = Http3Flow(server.engine, end)
        self._early_data = config.early_data
        self._seen: set[int] = set()
        """Streams that have begun: with losses they do so in any order."""
        self.successor = self
        self.expires_at = 0
        server.connections[self] = None
        server.level(server.rise_connections)
        if server.tally is not None:
            server.level(server.tally.rise_http3)
        if server.age is not None:
            server.age.begins(self, server.engine._now)
            server.age.goes_on(self, self)

    def received(self, frame: Any) -> None:
        """A message of a stream, or its reset."""
        if not self.is_open:
            return
        if type(frame) is Frame:
            self.take_message(frame)
        elif type(frame) is Reset:
            self._seen.add(frame.stream_id)
            self.take_reset(frame)

    def take_message(self, frame: Frame) -> None:
        """HEADERS or DATA; of a stream that is over, or was disowned, they are dropped."""
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            stream.received(frame.message)
            return
        is_disowned = self.farewell.is_said and frame.stream_id > self.last_stream_id
        if frame.stream_id in self._seen or is_disowned:
            return
        self._seen.add(frame.stream_id)
        self.last_stream_id = max(self.last_stream_id, frame.stream_id)
        stream = self.streams[frame.stream_id] = ServerStream(self, frame.stream_id)
        is_early = self.end.life.state is Stage.HANDSHAKE
        if is_early and self._early_data == "too_early":
            stream.answer(frame.message, TOO_EARLY)
        else:
            stream.received(frame.message)

    def over(self, stream: ServerStream) -> None:
        """A stream has ended on both sides."""
        self.end.forget(stream.stream_id)
        super().over(stream)

    def die(self) -> None:
        """The program ends, and says nothing to anybody: QUIC has no kernel that would close for it."""
        self.end.vanish()
        super().die()

    def _forget(self) -> None:
        if self.is_open:
            self.is_open = False
            self.server.connections.pop(self, None)
            self.server.level(self.server.fall_connections)
            if self.server.tally is not None:
                self.server.level(self.server.tally.fall_http3)
            streams, self.streams = self.streams, {}
            for stream in streams.values():
                stream.was_reset()
