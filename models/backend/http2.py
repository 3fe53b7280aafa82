"""Http2Connection: an HTTP/2 connection as Go's server sees it: streams, their limit, GOAWAY. Not what a handler does.

Sources: internal/http2/server.go, serverConn: processHeaders, newStream, scheduleHandler, handlerDone, closeStream,
goAway, startGracefulShutdown.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.backend.frame import FRAME_BYTES, Code, Frame, GoAway, Ping, Reset, Settings, SettingsAck
from models.backend.server_stream import ServerStream
from models.backend.timeouts import Wait
from models.request import Request
from sim.units import MS

GO_AWAY_TIMEOUT = 25 * MS
"""A server that has said GOAWAY, and has no streams left, leaves the closing to the client so long (goAwayTimeout)."""
UNSTARTED_PER_STREAM = 4
"""Requests that wait for the handlers of reset streams, in units of the limit, before the connection is given up."""


class Http2Connection:
    """A connection of many streams, each with a handler of its own."""

    __slots__ = (
        "_goes_away", "_has_ack", "_last_stream_id", "_max_streams", "_running", "_unstarted", "end", "idle_since",
        "is_open", "server", "streams", "wait",
    )  # fmt: skip

    is_new = False
    """HTTP/2 connections are idle from the start (serverConn.serve: StateActive, then StateIdle)."""

    def __init__(self, server: Any, end: Any, max_streams: int) -> None:
        self.server, self.end = server, end
        end.app = self
        self._max_streams = max_streams
        self.streams: dict[int, ServerStream] = {}
        self._running: dict[ServerStream, None] = {}
        """Handlers, also those of streams that are over."""
        self._unstarted: deque[ServerStream] = deque()
        self._last_stream_id = 0
        self._has_ack = self._goes_away = False
        self.is_open = True
        self.idle_since = server.engine._now
        self.wait: Wait | None = None

    def greet(self) -> None:
        """The client's preface is here: SETTINGS go out, IdleTimeout begins.

        Simplified: with TLS 1.2, where the server is ready first, they would be there a round trip earlier.
        """
        self._send(Settings(self._max_streams))
        self.server.timeouts.answered(self)

    def received(self, frame: Any) -> None:
        """A frame was read."""
        if self.server.is_paused:
            self.end.has_unread = True
            self.server.later(self._read_late, frame)
        elif self.is_open:
            _TAKE[type(frame)](self, frame)

    def _read_late(self, frame: Any) -> None:
        self.end.has_unread = False
        self.received(frame)

    # streams

    def take_message(self, frame: Frame) -> None:
        """HEADERS or DATA; of a stream that is over, or that began after GOAWAY, they are dropped."""
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            stream.received(frame.message)
        elif frame.stream_id > self._last_stream_id and not self._goes_away:
            self._last_stream_id = frame.stream_id
            if self._admits(frame.stream_id):
                self.wait = None
                stream = self.streams[frame.stream_id] = ServerStream(self, frame.stream_id)
                stream.received(frame.message)

    def _admits(self, stream_id: int) -> bool:
        screen = self.server.screens_stream
        if screen is not None and not screen(self, stream_id):
            return False
        if self._max_streams and len(self.streams) >= self._max_streams:
            # excusable as long as the client has not acknowledged the limit (newStream: over_max_streams_race)
            self.reset(stream_id, Code.PROTOCOL_ERROR if self._has_ack else Code.REFUSED_STREAM)
            return False
        return True

    def schedule(self, stream: ServerStream) -> None:
        """A request is here: its handler runs, or waits for handlers of streams that were reset (scheduleHandler)."""
        if not self._max_streams or len(self._running) < self._max_streams:
            self._run(stream)
        elif len(self._unstarted) > UNSTARTED_PER_STREAM * self._max_streams:
            self.go_away(Code.ENHANCE_YOUR_CALM)
            self.close()
        else:
            self._unstarted.append(stream)

    def _run(self, stream: ServerStream) -> None:
        self._running[stream] = None
        stream.run()

    def handler_done(self, stream: ServerStream) -> None:
        """A handler has returned (handlerDone)."""
        del self._running[stream]
        while self._unstarted and len(self._running) < self._max_streams:
            waiting = self._unstarted.popleft()
            if waiting.is_open:
                self._run(waiting)

    def over(self, stream: ServerStream) -> None:
        """A stream has ended on both sides (closeStream)."""
        del self.streams[stream.stream_id]
        if not self.streams:
            self._rest()

    def _rest(self) -> None:
        """The last stream is over."""
        server = self.server
        self.idle_since = server.engine._now
        server.timeouts.answered(self)
        if server.closes:  # h1ServerKeepAlivesDisabled
            self.go_away()
        if self._goes_away:
            server.engine.call_in(GO_AWAY_TIMEOUT, self._close_late)

    def reset(self, stream_id: int, code: Code) -> None:
        """Send RST_STREAM."""
        self._send(Reset(stream_id, code))

    def take_reset(self, frame: Reset) -> None:
        """The client gives a stream up."""
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            stream.was_reset()
            self.over(stream)

    # the connection

    def take_ack(self, _: SettingsAck) -> None:
        """From now on the client knows the limit."""
        self._has_ack = True

    def take_ping(self, frame: Ping) -> None:
        """Answer a PING."""
        self._send(Ping(is_ack=True, checks_health=frame.checks_health))

    def go_away(self, code: Code = Code.NO_ERROR) -> None:
        """GOAWAY: no new streams; the connection ends with the last one."""
        if self.is_open and not self._goes_away:
            self._goes_away = True
            self._send(GoAway(self._last_stream_id, code))
            if not self.streams:
                self.server.engine.call_in(GO_AWAY_TIMEOUT, self._close_late)

    def say_go_away(self, last_stream_id: int) -> None:
        """GOAWAY of a rogue: it disowns what came after `last_stream_id`, and goes on."""
        self._send(GoAway(last_stream_id, Code.NO_ERROR))

    def _close_late(self, _: Any) -> None:
        if not self.streams:
            self.close()

    @property
    def request(self) -> Request | None:
        """The last request whose handler runs, if any."""
        stream = next(reversed(self.streams.values()), None)
        return None if stream is None else stream.request

    @property
    def is_busy(self) -> bool:
        """Whether a stream is open (StateActive)."""
        return bool(self.streams)

    def expired(self, wait: Wait) -> None:
        """IdleTimeout: GOAWAY, and then the end (onIdleTimer)."""
        if self.server.is_paused:
            self.server.later(self.expired, wait)
        elif not wait.done:
            self.go_away()

    def shut_down(self) -> None:
        """Server.Shutdown begins (startGracefulShutdown)."""
        self.go_away()

    def peer_closed(self) -> None:
        """The client's FIN."""
        if self.server.is_paused:
            self.server.later(self._read_eof, None)
        else:
            self._read_eof(None)

    def _read_eof(self, _: Any) -> None:
        self.close()

    def was_reset(self) -> None:
        """The client's RST."""
        self._forget()

    def timed_out(self) -> None:
        """The client acknowledges nothing."""
        self._forget()

    def close(self) -> None:
        """Close from this side; handlers go on, and what they write is lost."""
        if self.is_open:
            self._forget()
            self.end.close()

    def die(self) -> None:
        """Close, and whatever runs will never answer."""
        for stream in self._running:
            stream.vanish()
            self.server.level(self.server.fall_handlers)
        self._running.clear()
        self._unstarted.clear()
        self.close()

    def _forget(self) -> None:
        if self.is_open:
            self.is_open = False
            self.server.forget_http2(self)
            streams, self.streams = self.streams, {}
            for stream in streams.values():
                stream.was_reset()

    def _send(self, frame: Any) -> None:
        if self.is_open:
            self.end.send(frame, FRAME_BYTES)


_TAKE: dict[type, Callable[[Http2Connection, Any], object]] = {
    Frame: Http2Connection.take_message,
    Reset: Http2Connection.take_reset,
    SettingsAck: Http2Connection.take_ack,
    Ping: Http2Connection.take_ping,
}
