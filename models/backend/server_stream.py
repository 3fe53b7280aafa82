"""ServerStream: one stream of an HTTP/2 connection, as its handler sees it. It looks like a connection of one request.

Sources: internal/http2/server.go, stream, responseWriterState, runHandler, onReadTimeout, onWriteTimeout.
"""

from typing import Any

from models.backend.frame import Code, StreamEnd
from models.backend.handler import Handler, parts
from models.backend.message import CONTINUE, HEADER_BYTES, Answer, Body, Head, Interim, RequestBody, RequestHead
from models.reply import PLAIN, Act, Framing, Upload
from models.request import ONE_FLIGHT_BYTES, Request
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

STREAM_WINDOW_BYTES = 4 << 20
"""What a client that does not read takes of one stream (transportDefaultStreamFlow)."""


class ServerStream:
    """A stream from its HEADERS to its end. `request` is set as long as its handler runs."""

    __slots__ = (
        "_asked", "_conn", "_request", "end", "handler", "headers_at", "idle_since", "is_known", "is_open", "next_act",
        "peer_is_gone", "reading", "server", "stream_id",
    )  # fmt: skip

    is_stream = True
    failed = None
    expires_at = NEVER
    unread_fits_bytes = STREAM_WINDOW_BYTES

    def __init__(self, conn: Any, stream_id: int) -> None:
        self._conn, self.server, self.stream_id = conn, conn.server, stream_id
        self._asked: Any = None
        self.end = StreamEnd(conn.end, stream_id)
        self._request: Request | None = None
        self.reading: Request | None = None
        self.handler: Handler | None = None
        self.next_act: Act | None = None
        self.headers_at = ABSENT
        self.is_open = True
        self.is_known = stream_id != 1
        self.peer_is_gone = False
        self.idle_since = 0

    @property
    def carrier(self) -> Any:
        """The connection that carries it, and other streams."""
        return self._conn

    @property
    def request(self) -> Request | None:
        """Whose handler runs; set to None when it returns."""
        return self._request

    @request.setter
    def request(self, _: None) -> None:
        if self._request is not None:
            self._request = None
            self._conn.handler_done(self)

    # the request

    def received(self, message: Request | RequestHead | RequestBody) -> None:
        """A request, or a part of one."""
        if isinstance(message, Request):
            self._begin(message)
            self._conn.schedule(self)
        elif isinstance(message, RequestHead):
            self._read_head(message.request)
        elif message.is_last and self.reading is message.request:
            self._body_read()

    def _begin(self, request: Request) -> None:
        engine, timeout = self.server.engine, self.server.config.write_timeout
        self._asked = request
        self.headers_at = engine._now
        if timeout:
            engine.call_in(timeout, self._write_expired)

    def _read_head(self, request: Request) -> None:
        server = self.server
        self._begin(request)
        self.reading = request
        if server.config.read_timeout:
            server.engine.call_in(server.config.read_timeout, self._read_expired)
        plan = server.plan_of(request) or PLAIN
        if request.exchange.expects_continue and plan.upload is Upload.READ and plan.continue_after >= 0:
            server.engine.call_in(plan.continue_after, self._say_continue)
        if plan.upload is not Upload.READ:
            self._conn.schedule(self)

    def _body_read(self) -> None:
        self.reading = None
        if self.handler is not None:
            self.handler.body_read()
        elif self._request is None and self.is_open:
            self._conn.schedule(self)

    def _say_continue(self, _: Any) -> None:
        if self.reading is not None:
            self.write(Interim(self.reading, CONTINUE))

    def run(self) -> None:
        """The handler starts: a worker, a place in the queue, or 503."""
        self._request = self._asked
        self.server.serve(self, self._asked)

    def _read_expired(self, _: Any) -> None:
        """ReadTimeout: the handler's read fails. Simplified: it gives up then."""
        if self.reading is not None:
            self.close()

    def _write_expired(self, _: Any) -> None:
        """WriteTimeout: the stream is reset, the handler not stopped."""
        self.close()

    # the answer

    def answer(self, request: Request, status: int) -> None:
        """A whole answer: in one piece, if it is one flight and its caller simply reads."""
        server = self.server
        size = server.config.response_size
        if not self.is_open:
            return
        if request.exchange.is_whole and server.response_bytes <= ONE_FLIGHT_BYTES:
            self.end.send(Answer(request, status, size, closes=False), server.response_bytes)
            self._end()
        else:
            self.write_parts(Head(request, status, size, Framing.LENGTH, closes=False))

    def write(self, message: Any, size_bytes: int = HEADER_BYTES) -> None:
        """Send a part of an answer; the last one ends the stream."""
        if not self.is_open:
            return
        if isinstance(message, Head):
            self._fit(message)
        self.end.send(message, size_bytes)
        is_last = not message.has_body if isinstance(message, Head) else isinstance(message, Body) and message.is_last
        if is_last:
            self._end()

    def _fit(self, head: Head) -> None:
        """HTTP/2 frames every body, and a connection outlives it; Connection: close means GOAWAY."""
        plan = head.request.exchange.reply
        head.closes = head.is_closed_by_peer = False
        if head.framing is Framing.UNTIL_CLOSE:
            head.framing = Framing.CHUNKED
        if plan is not None and plan.act in (Act.CLOSE, Act.CLOSE_KEPT):
            self._conn.go_away()

    def write_parts(self, head: Head) -> None:
        """Send an answer head first, to a caller who may not read it to its end."""
        self.write(head)
        if head.has_body:
            for part, size_bytes in parts(head.request, head.body_bytes, 0, is_last=True):
                self.write(part, size_bytes)

    def _end(self) -> None:
        if self.reading is not None:  # Simplified: a handler that answers and reads on is taken to be done as well
            self._conn.reset(self.stream_id, Code.NO_ERROR)
        self.is_open = False
        self.reading = None
        self._conn.over(self)

    # ends before the end

    def close(self) -> None:
        """The handler panics, or its time is over."""
        if self.is_open:
            self.reading = None
            self._conn.reset(self.stream_id, Code.INTERNAL_ERROR)
            self._end()

    def reset(self) -> None:
        """A handler cannot reset a connection that it shares: it panics."""
        self.close()

    def was_reset(self) -> None:
        """The client gave the stream up, or lost the connection: the handler learns of it, if it looks."""
        self.is_open = False
        self.reading = None
        if self.handler is not None:
            self.handler.connection_lost()
        if self.server.config.honours_cancel:
            self.server.cancel(self)

    def vanish(self) -> None:
        """The program dies: no handler returns."""
        self.is_open = False
        self._request = None
