"""Writing: how a request goes out that does not go out whole: headers, the wait for 100, the body in halves.

Not what is read: the answer may come at any time. Sources: net/http/transport.go, writeLoop, waitForContinue,
wroteRequest; net/http/request.go, Request.write.
"""

from enum import IntEnum
from typing import Any

from models.backend.message import RequestBody, RequestHead
from models.request import Request
from sim.engine.machine import Machine, Table, ignore


class Write(IntEnum):
    """Where writeLoop is."""

    HEADERS, CONTINUE, BODY, WRITTEN, OVER = range(5)


class On(IntEnum):
    """What moves it on."""

    WROTE_HEADERS, EXPECTS, CONTINUED, EXPIRED, WROTE, GONE = range(6)


def _write_body(writing: "Writing", _: Any) -> None:
    writing.write_body()


def _await_continue(writing: "Writing", _: Any) -> None:
    writing.await_continue()


def _wrote(writing: "Writing", _: Any) -> None:
    writing.wrote()


WRITE_TABLE: Table = {
    Write.HEADERS: {
        On.WROTE_HEADERS: (Write.BODY, _write_body),
        On.EXPECTS: (Write.CONTINUE, _await_continue),
        On.GONE: (Write.OVER, ignore),
    },
    Write.CONTINUE: {
        On.CONTINUED: (Write.BODY, _write_body),
        On.EXPIRED: (Write.BODY, _write_body),  # no error: the body is sent all the same (waitForContinue)
        On.GONE: (Write.OVER, ignore),
    },
    Write.BODY: {
        On.CONTINUED: (Write.BODY, ignore),  # a 100 that comes after ExpectContinueTimeout
        On.EXPIRED: (Write.BODY, ignore),
        On.WROTE: (Write.WRITTEN, _wrote),
        On.GONE: (Write.OVER, ignore),
    },
    Write.WRITTEN: {
        On.CONTINUED: (Write.WRITTEN, ignore),
        On.EXPIRED: (Write.WRITTEN, ignore),
        On.GONE: (Write.OVER, ignore),
    },
    Write.OVER: {
        # what was scheduled before the connection closed, or before the body became pointless
        On.WROTE_HEADERS: (Write.OVER, ignore),
        On.EXPECTS: (Write.OVER, ignore),
        On.CONTINUED: (Write.OVER, ignore),
        On.EXPIRED: (Write.OVER, ignore),
        On.WROTE: (Write.OVER, ignore),
        On.GONE: (Write.OVER, ignore),
    },
}


class Writing(Machine, table=WRITE_TABLE):
    """A request on its way out. `attempt` hears when it is written."""

    __slots__ = ("_attempt", "_continue_timeout", "_end", "_engine", "_request")

    def __init__(self, attempt: Any, request: Request, end: Any, *, continue_timeout: int) -> None:
        self.state = Write.HEADERS
        self._attempt, self._request, self._end = attempt, request, end
        self._engine, self._continue_timeout = end.side.engine, continue_timeout

    def start(self, delay: int) -> None:
        """Write the headers after `delay` of CPU time, its own and of others."""
        self._end.send(RequestHead(self._request), 0, delay)
        self._engine.call_in(delay, self._headers_written)

    def write_body(self) -> None:
        """The body: at once, or its halves with a pause between them."""
        pause = self._request.exchange.body_pause
        if pause:
            self._send_part(is_last=False)
            self._engine.call_in(pause, self._write_rest)
        else:
            self._write_rest(None)

    def await_continue(self) -> None:
        """The body waits for a 100, but not longer than ExpectContinueTimeout; 0 means not at all."""
        if self._request.trace is not None:
            self._request.trace.wait_100_continue()
        self._engine.call_in(max(self._continue_timeout, 0), self._expire)

    def wrote(self) -> None:
        """WroteRequest."""
        if self._request.trace is not None:
            self._request.trace.wrote_request("")
        self._attempt.wrote()

    def _headers_written(self, _: Any) -> None:
        if self._request.trace is not None and self.state is Write.HEADERS:
            self._request.trace.wrote_headers()
        self.feed(On.EXPECTS if self._request.exchange.expects_continue else On.WROTE_HEADERS)

    def _expire(self, _: Any) -> None:
        self.feed(On.EXPIRED)

    def _write_rest(self, _: Any) -> None:
        if self.state is Write.BODY:
            self._send_part(is_last=True)
        self.feed(On.WROTE)

    def _send_part(self, *, is_last: bool) -> None:
        size = self._request.exchange.request_bytes
        half = size // 2 if self._request.exchange.body_pause else size
        self._end.send(RequestBody(self._request, is_last=is_last), half)
