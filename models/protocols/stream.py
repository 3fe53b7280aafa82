"""Stream: one request on an HTTP/2 connection (Go's clientStream). To the request it is what a connection is in HTTP/1.

A stream ends when both sides are done; its caller may read what is buffered after that, or leave before it.
Sources: internal/http2/transport.go, clientStream: roundTrip, writeRequest, cleanupWriteRequest, transportResponseBody.
"""

from typing import Any

from models.backend.frame import Code, Frame
from models.backend.message import Answer, Body, Head
from models.backend.stream_end import StreamEnd
from models.reply import Upload
from models.request import FAR_AWAY, Request
from models.transport.attempt import Attempt
from models.transport.http2_errors import CONN_GOT_GOAWAY, reset_by_peer, whole_error
from models.transport.writing import On as Wrote
from sim.records.rows import ABSENT

STATUS_OK = 200


class Stream:
    """A stream, and the wait for it."""

    __slots__ = (
        "_end", "_has_caller", "answered_at", "attempt", "backend", "conn", "conn_id", "handle", "has_flow", "is_over",
        "owner", "port", "request", "retry", "served_at", "stream_id", "t_last_read", "wants_close",
    )  # fmt: skip

    is_certain = False

    def __init__(self, conn: Any, request: Request, handle: Any, retry: int) -> None:
        self.conn, self.owner = conn, conn.http2
        self.request: Request | None = request
        """Whose caller waits or reads; None when it has left, or its answer is complete."""
        self.wants_close = request.exchange.wants_close
        self.handle, self.retry = handle, retry
        self.backend, self.port, self.conn_id = conn.backend, conn.port, conn.conn_id
        self.stream_id = 0
        """0 as long as it waits for a place (StrictMaxConcurrentRequests)."""
        self._end: StreamEnd | None = None
        self.has_flow = False
        """Whether windows know of it: a request in parts, or with a body."""
        self.attempt: Attempt | None = None
        """What goes on step by step; as with HTTP/1, not where a whole answer is all there is to wait for."""
        self.is_over = False
        self.t_last_read = self.served_at = ABSENT
        self.answered_at = FAR_AWAY
        """When its request is at the server, and is answered there, where that was foreseen."""
        self._has_caller = True
        owner = self.owner
        owner.change(owner.engine._now << 12 | owner.stream_begins)

    @property
    def end(self) -> StreamEnd:
        """Its own end."""
        if self._end is None:
            assert self.request is not None, "who has left sends nothing"
            self.has_flow = True
            self._end = StreamEnd(self.conn.end, self.stream_id, self.conn.flow)
            self._end.reads_at = 0 if _is_read(self.request, self.conn.site.server.config) else FAR_AWAY
        return self._end

    def start(self, stream_id: int) -> None:
        """There is a place: write the request."""
        request, owner = self.request, self.owner
        assert request is not None, "who has left waits for no place"
        self.stream_id = stream_id
        now, exchange = owner.engine._now, request.exchange
        clear_at = owner.kernel.cpu.clear_at
        request.t_wrote = (max(clear_at, now)) + owner.overhead
        if self.conn.is_certain:
            if exchange.is_simple and not exchange.body_bytes:
                self._foresee(request, now)
                return
            self.conn.unforesee()  # what follows may be behind it
        if not exchange.is_whole:
            self.attempt = Attempt(self, request)
            self.attempt.start()
            return
        if exchange.body_bytes:
            self.end.send(request, exchange.request_bytes, request.t_wrote - now)
        else:
            self.conn.end.send(Frame(stream_id, request), exchange.request_bytes, request.t_wrote - now)
        if request.trace is not None:
            request.trace.wrote_headers()
            request.trace.wrote_request("")
        owner.got(request)

    def _foresee(self, request: Request, now: int) -> None:
        """Nothing can come between this and its answer but its caller's leaving, which the server does not heed."""
        conn, owner = self.conn, self.owner
        end, half_rtt = conn.end, conn.site.half_rtt
        arrives_at = request.t_wrote + half_rtt
        if arrives_at < end.clear_at:
            arrives_at = end.clear_at
        end.clear_at = self.served_at = arrives_at
        conn.site.server.foresee(request, arrives_at, half_rtt)
        if request.t_first != ABSENT:
            self.answered_at = request.t_first - half_rtt
            owner.engine.call_at(request.t_first, self._foreseen)
        if owner.awaits_headers:
            owner.got(request)

    def _foreseen(self, _: Any) -> None:
        if not self.is_over:
            self.conn.reads_answer()
            self._answered(STATUS_OK)

    def received(self, message: Any) -> None:
        """A message of the answer, or a part of it; the last one ends the stream before the caller goes on."""
        if type(message) is Answer:
            self._answered(message.status)
            return
        if self.attempt is None:
            self.attempt = Attempt(self, message.request)
        attempt = self.attempt
        if _is_last(message):
            self.conn.forget(self)
            if attempt.writing is not None:  # a server that has answered resets a body that it does not want
                attempt.writing.feed(Wrote.GONE)
        attempt.received(message)

    def _answered(self, status: int) -> None:
        request, owner = self.request, self.owner
        if request is None or not self._has_caller:
            self.conn.forget(self)
            return
        now = owner.engine._now
        self.is_over, self._has_caller = True, False
        owner.change(now << 12 | owner.stream_ends)
        self.conn.complete(self, now)
        self.request = None
        request.t_first = request.t_headers = now
        request.status = status
        if request.trace is not None:
            request.trace.got_first_response_byte()
            request.trace.did(status)
        owner.t1.finish(request, status, "")

    def was_reset(self, code: Code) -> None:
        """RST_STREAM of the server; the stream is forgotten. What was refused is tried again, whatever the method."""
        err, request = reset_by_peer(code.value), self.request
        if code is Code.REFUSED_STREAM and request is not None and not request.has_headers(self.owner.engine._now):
            if self.attempt is not None:
                self.attempt.end()
                self.attempt = None
            self.conn.pool.failed(self, err, was_touched=True)
        else:
            self.lost(err)

    def go_elsewhere(self) -> None:
        """GOAWAY disowns it."""
        if self.attempt is not None:
            self.attempt.end()
            self.attempt = None
        self.conn.pool.failed(self, CONN_GOT_GOAWAY, was_touched=True)

    def lost(self, err: str) -> None:
        """The stream is gone with its connection, or was reset: it is not tried again."""
        request, attempt, owner = self.request, self.attempt, self.owner
        had_headers = request is not None and request.has_headers(owner.engine._now)
        self.request = None
        if attempt is not None:
            attempt.end()
        if request is not None:
            owner.finish(request, request.status if had_headers else 0, err)

    # what an attempt asks of its connection

    def release(self, request: Request, *, is_over: bool, is_race: bool) -> None:
        """The answer is read to its end; the stream was over before."""
        self.request = self.attempt = None

    def fail(self, err: str) -> None:
        """What came is no answer."""
        self.conn.forget(self)
        self.lost(err)

    def close(self) -> None:
        """The caller leaves, or closes the body before its end: RST_STREAM(CANCEL); the connection lives on."""
        self.caller_leaves()
        if self.attempt is not None:
            self.attempt.end()
        if not self.is_over:
            self.conn.abandon(self)
        elif self.stream_id:
            self.conn.give_back(self)

    def whole_error(self, err: str) -> str:
        """What the caller reads."""
        return whole_error(err, self.stream_id, self.conn.go_away_details)

    def caller_leaves(self) -> None:
        """Nobody waits or reads any more; again does nothing."""
        if self._has_caller:
            self._has_caller = False
            self.owner.falls("callers")


def _is_last(message: Any) -> bool:
    return not message.has_body if isinstance(message, Head) else isinstance(message, Body) and message.is_last


def _is_read(request: Request, config: Any) -> bool:
    """Whether the server's program reads the body of a request."""
    reply = request.exchange.reply
    return bool(config.reads_body) if reply is None else reply.upload is Upload.READ
