"""Handler: one request answered step by step, along a Reply. Not the answers that go out whole (`Server.reply`).

A story with one thread, so a generator: it yields how long the handler waits before it goes on.
Sources: net/http/server.go, conn.serve, chunkWriter.writeHeader, finishRequest.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from models.backend.message import HEADER_BYTES, Body, Head, Interim, Noise
from models.reply import AS_CONFIGURED, Act, Framing, Reply, Upload
from models.request import NEVER_ANSWERS, ONE_FLIGHT_BYTES, Read, Request
from sim.units import MS

UNREAD_FITS_BYTES = 81_920
"""What an unread connection takes: 64 KB of receive window and 16 KB of send buffer (tcp_rmem, tcp_wmem).

Simplified: neither buffer grows while nobody reads.
"""
RST_AVOIDANCE_DELAY = 500 * MS
"""A server that leaves much of a body unread waits this long before it closes (rstAvoidanceDelay)."""
UNASKED_AFTER = 50 * MS
MALFORMED_STATUS = 'malformed HTTP status code "there"'
"""net/http/response.go, ReadResponse, of the text "hello there"."""
MALFORMED_HEADER = 'malformed MIME header: missing colon: "Content-Le"'
"""net/textproto/reader.go, ReadMIMEHeader, of a header that breaks off."""

_HANGS = NEVER_ANSWERS


class Handler:
    """A running handler with a plan."""

    __slots__ = ("_awaits_body", "_body_failed", "_conn", "_reply", "_request", "_server", "_story", "_write_blocks")

    def __init__(self, server: Any, conn: Any, request: Request, reply: Reply) -> None:
        self._server, self._conn, self._request, self._reply = server, conn, request, reply
        self._awaits_body = self._write_blocks = False
        self._body_failed = conn.failed is request
        self._story = self._told()
        conn.handler = self

    def go_on(self, _: Any = None) -> None:
        """Take the next step, unless the handler was ended from outside."""
        server, conn = self._server, self._conn
        if conn.request is not self._request:
            return
        if server.is_paused:
            server.later(self.go_on, None)
            return
        for wait in self._story:
            if wait < _HANGS:
                server.engine.call_in(wait, self.go_on)
            return
        self._end()

    def body_read(self) -> None:
        """The request's body is here."""
        if self._awaits_body:
            self._awaits_body = False
            self.go_on()

    def body_failed(self) -> None:
        """The read deadline has passed: the rest of the body stays unread, and the answer says Connection: close."""
        self._body_failed = True
        self.body_read()

    def connection_lost(self) -> None:
        """The connection is gone: a read or a write that blocks returns an error, and the handler with it."""
        if (self._write_blocks or self._awaits_body) and self._conn.request is self._request:
            self._end()

    def _end(self) -> None:
        conn = self._conn
        conn.request = conn.handler = None
        self._server.leave_handler(self._request, self._reply.status)

    def _told(self) -> Iterator[int]:
        reply, request, conn = self._reply, self._request, self._conn
        for status in reply.interim:
            conn.write(Interim(request, status))
            yield reply.interim_gap
        yield self._work()
        if reply.act in _WITHOUT_ANSWER:
            _WITHOUT_ANSWER[reply.act](conn)
            return
        is_left = reply.upload is Upload.LEFT and (self._body_failed or conn.reading is request)
        leaves_much = is_left and (request.exchange.is_large or request.exchange.expects_continue)
        if is_left and not leaves_much and not conn.is_stream and self._body_may_come():
            self._awaits_body = True
            yield _HANGS
        head = self._head(leaves_much=leaves_much)
        yield from self._write(head)
        self._finish(head)

    def _work(self) -> int:
        """How long the work takes; a program says itself when it is done."""
        request, server = self._request, self._server
        if request.service_time >= NEVER_ANSWERS:
            return _HANGS
        if server.program is None:
            return int(request.service_time + server.overhead)
        server.program.begin(self._conn, request, self._worked)
        return _HANGS

    def _worked(self, _: Any, status: int) -> None:
        if status != self._reply.status:
            self._reply = replace(self._reply, status=status)
        self.go_on()

    def _body_may_come(self) -> bool:
        """Whether reading the rest of the body would wait, and not fail at once."""
        return self._conn.is_open and not self._conn.peer_is_gone and not self._body_failed

    def _head(self, *, leaves_much: bool) -> Head:
        """The headers; whatever makes the connection useless afterwards says Connection: close."""
        reply, request, server = self._reply, self._request, self._server
        size = server.config.response_size if reply.body_bytes == AS_CONFIGURED else reply.body_bytes
        closes = (
            server.closes
            or request.exchange.wants_close
            or server.engine._now >= self._conn.expires_at
            or leaves_much
            or self._body_failed
            or reply.act in (Act.CLOSE, Act.CLOSE_KEPT)
            or reply.framing is Framing.UNTIL_CLOSE
        )
        head = Head(request, reply.status, size * reply.messages, reply.framing, closes=closes)
        # Simplified: with much of the body unread the server's FIN comes after RST_AVOIDANCE_DELAY, not before it
        head.is_closed_by_peer = closes and reply.act is not Act.CLOSE_KEPT and not leaves_much
        return head

    def _write(self, head: Head) -> Iterator[int]:
        conn, reply, size = self._conn, self._reply, head.body_bytes
        if not self._may_write():
            return
        conn.write(head)
        if not head.has_body:
            return
        if self._request.exchange.read is Read.NONE and size > conn.unread_fits_bytes:
            self._write_body(conn.unread_fits_bytes, 0, is_last=False)
            self._write_blocks = True
            yield self._until_write_timeout()
            self._write_blocks = False
            conn.close()
            return
        if reply.messages > 1:
            yield from self._write_messages(size)
            return
        sent = 0
        if reply.pause or reply.act in _CUTS:
            sent = size // 2
            self._write_body(sent, 0, is_last=False)
            yield reply.pause
            if reply.act in _CUTS:
                _CUTS[reply.act](conn)
                return
        if self._may_write():
            self._write_body(size, sent, is_last=True)
            yield from self._flush()

    def _write_messages(self, size: int) -> Iterator[int]:
        """A stream of messages, each with its own Write."""
        n, gap = self._reply.messages, self._reply.gap
        each = size // n
        for i in range(n):
            if i:
                yield gap
            if not self._may_write():
                return
            self._write_body(each * (i + 1), each * i, is_last=i == n - 1)
            yield from self._flush()

    def _flush(self) -> Iterator[int]:
        """A Write that waits for a window of HTTP/2 returns when there is one."""
        if self._conn.blocks:
            self._conn.await_flush()
            self._write_blocks = True
            yield _HANGS
            self._write_blocks = False

    def _write_body(self, upto: int, already: int, *, is_last: bool) -> None:
        for message, size in parts(self._request, upto, already, is_last=is_last):
            self._conn.write(message, size)

    def _may_write(self) -> bool:
        """False where the connection is gone, or WriteTimeout has passed: then the write fails, and it is closed."""
        conn, timeout = self._conn, self._server.config.write_timeout
        if timeout and self._server.engine._now > conn.headers_at + timeout:
            conn.close()
        return bool(conn.is_open)

    def _until_write_timeout(self) -> int:
        timeout = self._server.config.write_timeout
        return max(self._conn.headers_at + timeout - self._server.engine._now, 0) if timeout else _HANGS

    def _finish(self, head: Head) -> None:
        """What becomes of the connection after the answer."""
        conn, reply, engine = self._conn, self._reply, self._server.engine
        if not conn.is_open:
            return
        conn.idle_since = engine._now
        conn.next_act = reply.next_act or None
        if conn.peer_is_gone:
            conn.close()
            return
        if head.is_closed_by_peer:
            self._server.close_soon(conn)
            return
        self._server.answered(conn)
        if head.closes and reply.act is not Act.CLOSE_KEPT:
            engine.call_in(RST_AVOIDANCE_DELAY, _close, conn)
        if reply.act is Act.UNASKED_408:
            engine.call_in(UNASKED_AFTER, conn.say_unasked, Noise("unsolicited response"))
        if reply.close_after:
            engine.call_in(reply.close_after, conn.close_if_idle_since, conn.idle_since)


def _close(conn: Any) -> None:
    conn.close()


def _reset(conn: Any) -> None:
    conn.reset()


def _garble(conn: Any) -> None:
    conn.write(Noise(MALFORMED_STATUS))
    conn.close()


def _break_off(conn: Any) -> None:
    conn.write(Noise(MALFORMED_HEADER))
    conn.close()


_WITHOUT_ANSWER = {Act.EOF: _close, Act.RESET: _reset, Act.GARBAGE: _garble, Act.PARTIAL_HEADERS: _break_off}
_CUTS = {Act.CUT: _close, Act.CUT_BY_RESET: _reset}


def parts(request: Request, upto: int, already: int, *, is_last: bool) -> Iterator[tuple[Body, int]]:
    """The messages that carry a body from `already` to `upto`, each with the bytes sent until it has arrived."""
    write = range(already or -HEADER_BYTES, upto)
    at_once = write.start + min(len(write), ONE_FLIGHT_BYTES)
    if at_once < upto:
        yield Body(request, at_once, write, is_last=False), ONE_FLIGHT_BYTES
    yield Body(request, upto, write, is_last=is_last), len(write)
