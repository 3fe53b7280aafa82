"""ServerStream: one stream of an HTTP/2 connection, as its handler sees it. It looks like a connection of one request.

Sources: internal/http2/server.go, stream, responseWriterState, runHandler, onReadTimeout, onWriteTimeout.
"""

from typing import Any

from models.backend.frame import Code, Frame
from models.backend.handler import Handler, parts
from models.backend.message import CONTINUE, HEADER_BYTES, Answer, Body, Head, Interim, RequestBody, RequestHead
from models.backend.stream_end import StreamEnd
from models.reply import PLAIN, Act, Framing, Upload
from models.request import FAR_AWAY, ONE_FLIGHT_BYTES, Read, Request
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT


class ServerStream:
    """A stream from its HEADERS to its end. `request` is set as long as its handler runs."""

    __slots__ = (
        "_asked", "_conn", "_end", "_is_complete", "_request", "handler", "has_flow", "headers_at", "idle_since",
        "is_known", "is_open", "next_act", "peer_is_gone", "reading", "server", "stream_id",
    )  # fmt: skip

    is_stream = True
    failed = None
    expires_at = NEVER

    def __init__(self, conn: Any, stream_id: int) -> None:
        self._conn, self.server, self.stream_id = conn, conn.server, stream_id
        self._asked: Any = None
        self._end: StreamEnd | None = None
        self.has_flow = self._is_complete = False
        """Whether windows know of it: an answer in parts, or one that they count."""
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
    def end(self) -> StreamEnd:
        """Its own end of the stream."""
        if self._end is None:
            self.has_flow = True
            self._end = StreamEnd(self._conn.end, self.stream_id, self._conn.flow)
        return self._end

    @property
    def unread_fits_bytes(self) -> int:
        """What a client that does not read takes of one stream: its window."""
        return self._conn.flow.stream_window  # type: ignore[no-any-return]

    @property
    def blocks(self) -> bool:
        """Whether what was written waits for a window, so that a Write does not return."""
        return self._end is not None and self._conn.flow.is_waiting(self.stream_id)

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
            self._asked, server = message, self.server
            self.headers_at = server.engine._now
            if server.config.write_timeout:
                server.engine.call_in(server.config.write_timeout, self._write_expired)
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
        server, conn = self.server, self._conn
        size = server.config.response_size
        if not self.is_open:
            return
        if request.exchange.is_whole and server.response_bytes <= ONE_FLIGHT_BYTES:
            answer = Answer(request, status, size, closes=False)
            if conn.pings is not None:
                conn.pings.wrote()
            if conn.counts_answers or self.has_flow or self.reading is not None:
                self.end.send(answer, server.response_bytes)
                self._is_written()
            else:  # the same, of most
                conn.end.send(Frame(self.stream_id, answer), server.response_bytes)
                self.is_open = False
                conn.over(self)
        else:
            self.write_parts(Head(request, status, size, Framing.LENGTH, closes=False))

    def write(self, message: Any, size_bytes: int = HEADER_BYTES) -> None:
        """Send a part of an answer; the last one ends the stream."""
        if not self.is_open:
            return
        if self._conn.pings is not None:
            self._conn.pings.wrote()
        if isinstance(message, Head):
            self._fit(message)
            self.end.reads_at = _reads_at(message.request, self.end.send(message, size_bytes))
        else:
            self.end.send(message, size_bytes)
        is_last = not message.has_body if isinstance(message, Head) else isinstance(message, Body) and message.is_last
        if is_last:
            self._is_written()

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

    def _is_written(self) -> None:
        """All of the answer is with windows and kernel; the stream is over when it is with the kernel."""
        if self.blocks:
            self._is_complete = True
            self.await_flush()
        else:
            self._is_over()

    def await_flush(self) -> None:
        """Tell the handler when what it wrote is with the kernel."""
        self._conn.flow.when_sent(self.stream_id, self._flushed)

    def _flushed(self) -> None:
        if self._is_complete:
            self._is_over()
        if self.handler is not None:
            self.handler.go_on()

    def _is_over(self) -> None:
        if not self.is_open:
            return
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
            self._is_over()

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


def _reads_at(request: Request, head_arrives_at: int) -> int:
    """When its caller begins to read: FAR_AWAY where it never does, 0 where it reads whatever comes."""
    exchange = request.exchange
    if exchange.read is Read.NONE or (exchange.read is Read.CLOSE and not exchange.read_bytes):
        return FAR_AWAY
    return head_arrives_at + exchange.read_delay if exchange.read_delay else 0
