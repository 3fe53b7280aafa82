"""Http2Connection: an HTTP/2 connection as its server sees it: streams, their limits, PINGs. Not what a handler does.

Sources: internal/http2/server.go, serverConn: processHeaders, newStream, scheduleHandler, handlerDone, closeStream,
goAway, startGracefulShutdown; what other servers do besides: http2_config.py.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.backend.farewell import Farewell
from models.backend.flow import Flow
from models.backend.frame import FRAME_BYTES, Code, Data, Frame, GoAway, Ping, Preface, Reset, Settings, SettingsAck
from models.backend.health import HealthCheck
from models.backend.ping_policy import PingPolicy
from models.backend.server_stream import ServerStream
from models.backend.timeouts import Wait
from models.request import FAR_AWAY, Request

UNSTARTED_PER_STREAM = 4
"""Requests that wait for the handlers of reset streams, in units of the limit, before the connection is given up."""
MANY_STREAMS = 1000
"""Answers at once of a server without a limit, to decide whether they may fill a window together."""


class Http2Connection:
    """A connection of many streams, each with a handler of its own."""

    __slots__ = (
        "_config", "_has_ack", "_health", "_is_spent", "_max_running", "_max_streams", "_n_requests", "_running",
        "_since", "_unstarted", "counts_answers", "end", "farewell", "flow", "idle_since", "is_open", "last_stream_id",
        "pings", "server", "streams", "wait",
    )  # fmt: skip

    is_new = False
    """HTTP/2 connections are idle from the start (serverConn.serve: StateActive, then StateIdle)."""

    def __init__(self, server: Any, end: Any, preface: Preface) -> None:
        self.server, self.end = server, end
        end.app = self
        config = self._config = preface.server
        self._max_streams = config.max_concurrent_streams
        self._max_running = config.max_executing_streams or self._max_streams
        self.flow = Flow(server.engine, end, preface.windows)
        """What it may send."""
        self.counts_answers = not preface.windows.fits(server.response_bytes, self._max_streams or MANY_STREAMS)
        """Whether even answers of one flight may fill a window together."""
        self.streams: dict[int, ServerStream] = {}
        self._running: dict[Any, None] = {}
        """Handlers, also those of streams that are over."""
        self._unstarted: deque[ServerStream] = deque()
        self.last_stream_id = self._n_requests = 0
        self._has_ack = False
        self.farewell = Farewell(self, announces=config.go_away == "announced")
        self.pings: PingPolicy | None = None
        if config.min_ping_interval:
            permits = config.permits_pings_without_stream
            self.pings = PingPolicy(config.min_ping_interval, permits_without_stream=permits)
        self._health: HealthCheck | None = None
        self.is_open = True
        self.idle_since = self._since = server.engine._now
        self._is_spent = config.keepalive_requests or config.keepalive_time
        self.wait: Wait | None = None

    def greet(self) -> None:
        """The client's preface is here: SETTINGS go out, IdleTimeout begins.

        Simplified: with TLS 1.2, where the server is ready first, they would be there a round trip earlier.
        """
        config = self._config
        self.send_frame(Settings(self._max_streams, config.windows, self))
        self.server.timeouts.rests(self)
        if config.ping_after:
            self._health = HealthCheck(self.server.engine, self.send_frame, self.close)
            self._health.start(config.ping_after, config.ping_timeout)

    @property
    def is_certain(self) -> bool:
        """Whether requests may pass it by (docs/adr/0005): it counts none, judges no PING, and has no clock."""
        config = self._config
        counts = self._is_spent or config.max_executing_streams or config.keepalive_timeout or self.pings is not None
        return not (counts or config.ping_after or self.counts_answers)

    def runs(self, stream: Any, begins_at: int, ends_at: int) -> None:
        """A handler that was foreseen has to be counted after all; its end is certain."""
        engine = self.server.engine
        if ends_at <= engine._now:
            return
        if begins_at > engine._now:
            engine.call_at(begins_at, self._run_unseen, stream)
        else:
            self._run_unseen(stream)
        if ends_at < FAR_AWAY:
            engine.call_at(ends_at, self.handler_done, stream)

    def _run_unseen(self, stream: Any) -> None:
        self._running[stream] = None

    def received(self, frame: Any) -> None:
        """A frame was read."""
        if self.server.is_paused:
            self.end.has_unread = True
            self.server.later(self._read_late, frame)
        elif self.is_open:
            if self._health is not None:
                self._health.frame_read()
            if type(frame) is Frame:
                self.take_message(frame)
            else:
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
        elif frame.stream_id > self.last_stream_id and not self.farewell.is_said:
            stream_id = self.last_stream_id = frame.stream_id
            is_full = self._max_streams and len(self.streams) >= self._max_streams
            if (not is_full and self.server.screens_stream is None) or self._admits(stream_id, is_full=is_full):
                self.wait = None
                stream = self.streams[stream_id] = ServerStream(self, stream_id)
                if self._is_spent:
                    self._count_request()
                stream.received(frame.message)

    def _count_request(self) -> None:
        """After so many requests, or so long a life, this one is the last (nginx, ngx_http_v2_state_headers)."""
        config, self._n_requests = self._config, self._n_requests + 1
        age = self.server.engine._now - self._since
        if self._n_requests == config.keepalive_requests or 0 < config.keepalive_time < age:
            self.go_away()

    def _admits(self, stream_id: int, *, is_full: bool | int) -> bool:
        screen = self.server.screens_stream
        if screen is not None and not screen(self, stream_id):
            return False
        if is_full:
            # excusable as long as the client has not acknowledged the limit (newStream: over_max_streams_race)
            self.reset(stream_id, Code.PROTOCOL_ERROR if self._has_ack else Code.REFUSED_STREAM)
            return False
        return True

    def schedule(self, stream: ServerStream) -> None:
        """A request is here: its handler runs, or waits for handlers of streams that were reset (scheduleHandler)."""
        if not self._max_running or len(self._running) < self._max_running:
            self._running[stream] = None
            stream.run()
        elif len(self._unstarted) > UNSTARTED_PER_STREAM * self._max_streams:
            self.expel()
        else:
            self._unstarted.append(stream)

    def expel(self) -> None:
        """The client asks too much: GOAWAY, and the end."""
        self.farewell.say(Code.ENHANCE_YOUR_CALM)
        self.close()

    def handler_done(self, stream: ServerStream) -> None:
        """A handler has returned (handlerDone)."""
        self._running.pop(stream, None)  # a handler that was foreseen survives its program
        while self._unstarted and len(self._running) < self._max_running:
            waiting = self._unstarted.popleft()
            if waiting.is_open:
                self._running[waiting] = None
                waiting.run()

    def over(self, stream: ServerStream) -> None:
        """A stream has ended on both sides (closeStream)."""
        del self.streams[stream.stream_id]
        if stream.has_flow:
            self.flow.end(stream.stream_id)
        if not self.streams:
            self._rest()

    def _rest(self) -> None:
        """The last stream is over."""
        server = self.server
        self.idle_since = server.engine._now
        server.timeouts.rests(self)
        if server.closes:  # h1ServerKeepAlivesDisabled
            self.go_away()
        if self.farewell.is_said:
            self.farewell.rests()

    def reset(self, stream_id: int, code: Code) -> None:
        """Send RST_STREAM; what waits for a window is dropped."""
        self.flow.drop(stream_id)
        self.send_frame(Reset(stream_id, code))

    def take_reset(self, frame: Reset) -> None:
        """The client gives a stream up."""
        stream = self.streams.get(frame.stream_id)
        self.flow.drop(frame.stream_id)
        if stream is not None:
            stream.was_reset()
            self.over(stream)

    # the connection

    def take_ack(self, _: SettingsAck) -> None:
        """From now on the client knows the limit."""
        self._has_ack = True

    def take_ping(self, frame: Ping) -> None:
        """Answer a PING, if there are not too many; or hear the answer to one."""
        if not frame.is_ack:
            self.send_frame(Ping(is_ack=True, checks_health=frame.checks_health, announces_end=frame.announces_end))
            if self.pings is not None and self.pings.is_too_much(
                self.server.engine._now, has_streams=bool(self.streams)
            ):
                self.expel()
        elif frame.announces_end:
            self.farewell.answered()
        elif self._health is not None:
            self._health.answered()

    def take_data(self, _: Data) -> None:
        """A part of a body, whose last part will say so."""

    def announce(self, max_streams: int) -> None:
        """Another limit from now on: SETTINGS; clients hold to it for new streams."""
        self._max_streams = max_streams
        self._max_running = self._config.max_executing_streams or max_streams
        self._has_ack = False
        self.send_frame(Settings(max_streams))

    def go_away(self) -> None:
        """No new streams; the connection ends with the last one."""
        self.farewell.begin()

    def say_go_away(self, last_stream_id: int) -> None:
        """GOAWAY of a rogue: it disowns what came after `last_stream_id`, and goes on."""
        self.send_frame(GoAway(last_stream_id, Code.NO_ERROR))

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
            self.flow.stop()
            if self._health is not None:
                self._health.stop()
            self.server.forget_http2(self)
            streams, self.streams = self.streams, {}
            for stream in streams.values():
                stream.was_reset()

    def send_frame(self, frame: Any) -> None:
        """Send what is no message."""
        if self.is_open:
            self.end.send(frame, FRAME_BYTES)


_TAKE: dict[type, Callable[[Http2Connection, Any], object]] = {
    Data: Http2Connection.take_data,
    Reset: Http2Connection.take_reset,
    SettingsAck: Http2Connection.take_ack,
    Ping: Http2Connection.take_ping,
}
