"""Attempt: one request on one connection, step by step: its answer from the first byte to the end of the body.

Only for exchanges that are not whole, and for answers that come in parts; the others are `PersistConn.received`.
Sources: net/http/transport.go, persistConn.readLoop, readResponse, wroteRequest, maybeDrainBody.
"""

from enum import IntEnum
from typing import Any

from models.backend.message import CONTINUE, HEADER_BYTES, Body, Head, Interim, Noise
from models.network.transfer import flight_rounds
from models.reply import Framing, Upload
from models.request import NEVER_ANSWERS, Read, Request
from models.transport.writing import On as Wrote
from models.transport.writing import Write, Writing
from sim.engine.machine import Machine, Table, ignore
from sim.records.rows import ABSENT
from sim.units import MS

MAX_DRAIN_BYTES = 256 << 10
"""Declared length of a body that is drained at most; what is left of it does not matter (maxPostCloseReadBytes)."""
MAX_DRAIN_TIME = 50 * MS
"""How long the drain may take (maxPostCloseReadTime)."""
MAX_WRITE_WAIT = 50 * MS
"""How long a finished answer waits for the end of its request (maxWriteWaitBeforeConnReuse)."""
READ_BUFFER_BYTES = 4096
"""What readLoop takes out of the kernel when an answer begins (Transport.ReadBufferSize)."""


class Reading(IntEnum):
    """What readLoop and the caller are at."""

    HEADERS, BODY, UNREAD, DRAINING, WRITING, OVER = range(6)


class On(IntEnum):
    """What happens to an answer."""

    HEAD, COMPLETE, ABANDONED, CLOSED, DRAINED, EXPIRED, WROTE, GONE = range(8)


def _take(attempt: "Attempt", _: Any) -> None:
    attempt.return_from_do()


def _settle(attempt: "Attempt", _: Any) -> None:
    attempt.settle()


def _leak(attempt: "Attempt", _: Any) -> None:
    attempt.leak()


def _drain(attempt: "Attempt", _: Any) -> None:
    attempt.drain()


def _close_early(attempt: "Attempt", _: Any) -> None:
    attempt.close_conn()
    attempt.finish()


def _close(attempt: "Attempt", _: Any) -> None:
    attempt.close_conn()


def _put_back(attempt: "Attempt", _: Any) -> None:
    attempt.put_back()


def _put_back_and_finish(attempt: "Attempt", _: Any) -> None:
    attempt.put_back()
    attempt.finish()


ATTEMPT_TABLE: Table = {
    Reading.HEADERS: {
        On.HEAD: (Reading.BODY, _take),
        On.COMPLETE: (Reading.WRITING, _settle),
        On.WROTE: (Reading.HEADERS, ignore),
        On.GONE: (Reading.OVER, ignore),
    },
    Reading.BODY: {
        On.COMPLETE: (Reading.WRITING, _settle),
        On.ABANDONED: (Reading.UNREAD, _leak),
        On.CLOSED: (Reading.OVER, _close_early),
        On.DRAINED: (Reading.DRAINING, _drain),
        On.WROTE: (Reading.BODY, ignore),
        On.GONE: (Reading.OVER, ignore),
    },
    Reading.UNREAD: {
        On.EXPIRED: (Reading.OVER, _close),  # its context has ended: nothing else but the peer ends it
        On.WROTE: (Reading.UNREAD, ignore),
        On.GONE: (Reading.OVER, ignore),
    },
    Reading.DRAINING: {
        On.COMPLETE: (Reading.OVER, _put_back),
        On.EXPIRED: (Reading.OVER, _close),
        On.WROTE: (Reading.DRAINING, ignore),
        On.GONE: (Reading.OVER, ignore),
    },
    Reading.WRITING: {
        On.WROTE: (Reading.OVER, _put_back_and_finish),
        On.EXPIRED: (Reading.OVER, _close_early),
        On.GONE: (Reading.OVER, ignore),
    },
    Reading.OVER: {
        # the rest of a body, the end of a write, or a clock of what is over
        On.COMPLETE: (Reading.OVER, ignore),
        On.EXPIRED: (Reading.OVER, ignore),
        On.WROTE: (Reading.OVER, ignore),
        On.GONE: (Reading.OVER, ignore),
    },
}


class Attempt(Machine, table=ATTEMPT_TABLE):
    """The exchange that a connection carries, while it is not simply waiting for a whole answer."""

    __slots__ = (
        "_all_is_here", "_arrived", "_conn", "_is_reading", "_owner", "_read", "_saw_eof", "head", "request", "writing"
    )  # fmt: skip

    def __init__(self, conn: Any, request: Request) -> None:
        self.state = Reading.HEADERS
        self._conn, self._owner, self.request = conn, conn.owner, request
        self.writing: Writing | None = None
        self.head: Head | None = None
        self._arrived = self._read = 0
        self._all_is_here = self._is_reading = self._saw_eof = False

    def feed(self, event: IntEnum, arg: Any = None) -> None:
        """As `Machine.feed`, and count bodies that are read, unread and drained before the action runs."""
        before = self.state
        step = self._rows[before][event]
        if step is None:
            super().feed(event, arg)
            return
        after, action = step
        if after is not before:
            self._owner.bodies.move(before, after)
            self.state = after
        action(self, arg)

    # writing

    def start(self) -> None:
        """Send the request: whole, or in parts."""
        request, conn, owner = self.request, self._conn, self._owner
        exchange = request.exchange
        in_parts = exchange.has_body and (exchange.expects_continue or exchange.body_pause or exchange.is_large)
        plan, trace = exchange.reply, request.trace
        delay = request.t_wrote - owner.engine._now
        if in_parts or (exchange.has_body and plan is not None and plan.upload is not Upload.READ):
            request.t_wrote = NEVER_ANSWERS
            timeout = owner.config.transport.expect_continue_timeout
            self.writing = Writing(self, request, conn.end, continue_timeout=timeout)
            self.writing.start(delay)
        else:
            conn.end.send(request, exchange.request_bytes, delay)
            if trace is not None:
                trace.wrote_headers()
                trace.wrote_request("")
            owner.got(request)

    def wrote(self) -> None:
        """WroteRequest: ResponseHeaderTimeout runs from here."""
        self.request.t_wrote = self._owner.engine._now
        if not self.request.done:
            self._owner.wrote(self.request)
        self.feed(On.WROTE)

    @property
    def is_unsent(self) -> bool:
        """Whether not one byte of the request has been handed to the socket (nwrite)."""
        if self.writing is not None:
            return self.writing.state is Write.HEADERS
        return bool(self.request.t_wrote > self._owner.engine._now)

    @property
    def _is_written(self) -> bool:
        return self.writing is None or self.writing.state in (Write.WRITTEN, Write.OVER)

    # reading

    def received(self, part: Any) -> None:
        """Something came from the server."""
        now = self._conn.t_last_read = self._owner.engine._now
        request = self.request
        if request.t_first == ABSENT:
            request.t_first = now
            if request.trace is not None:
                request.trace.got_first_response_byte()
        if isinstance(part, Body):
            self._body_arrived(part)
        elif isinstance(part, Head):
            self._head_arrived(part)
        elif isinstance(part, Interim):
            self._interim_arrived(part.status)
        elif isinstance(part, Noise):
            self._conn.fail(part.error)

    def _interim_arrived(self, status: int) -> None:
        trace = self.request.trace
        if status == CONTINUE and self.writing is not None:
            if trace is not None:
                trace.got_100_continue()
            self.writing.feed(Wrote.CONTINUED)
        if trace is not None:
            trace.got_1xx_response(status)

    def _head_arrived(self, head: Head) -> None:
        self.head = head
        self.request.t_headers = self._owner.engine._now
        self.request.status = head.status
        if self.writing is not None and self.writing.state is Write.CONTINUE:
            # a final answer in place of 100: the body is sent where the connection is to be kept (readResponse)
            self.writing.feed(Wrote.GONE if head.closes else Wrote.CONTINUED)
        if self.request.trace is not None and head.has_body:
            self.request.trace.did(head.status)
        self.feed(On.HEAD if head.has_body else On.COMPLETE)

    def _body_arrived(self, part: Body) -> None:
        self._arrived, self._all_is_here = part.upto, part.is_last
        self._await_byte(part)
        if self._is_reading:
            self._read_on()
        elif self.state is Reading.DRAINING:
            self._drain_on()

    def return_from_do(self) -> None:
        """Do returns: the caller has the headers, and turns to the body now or after `read_delay`."""
        self._owner.engine.call_in(self.request.exchange.read_delay, self._begin_to_read)

    def _begin_to_read(self, _: Any) -> None:
        if self.state is not Reading.BODY:
            return
        exchange, head = self.request.exchange, self.head
        assert head is not None, "there is no body without its headers"
        if exchange.read is Read.NONE:
            self.feed(On.ABANDONED)
        elif exchange.read is Read.CLOSE and exchange.read_bytes == 0:
            self._close_body()
        else:
            self._is_reading = True
            self._read_on()

    def _read_on(self) -> None:
        """Read what is here; at the end of the body, or of what the caller wants of it, go on."""
        exchange, head = self.request.exchange, self.head
        assert head is not None, "there is no body without its headers"
        wants = exchange.read_bytes if exchange.read is Read.CLOSE else 0
        self._read = min(self._arrived, wants) if wants else self._arrived
        if wants and self._arrived >= wants:
            self._is_reading = False
            if wants >= head.body_bytes and head.declared_bytes >= 0:
                self.feed(On.COMPLETE)  # the last Read of a declared length reports its end (body.readLocked)
            else:
                self._close_body()
        elif self._ends_here:
            self._is_reading = False
            self.feed(On.COMPLETE)

    @property
    def _ends_here(self) -> bool:
        """Whether the end of the body can be told: a last byte or chunk, or the server's FIN."""
        delimited = self.head is not None and self.head.framing is not Framing.UNTIL_CLOSE
        return self._all_is_here and (delimited or self._saw_eof)

    def _await_byte(self, part: Body) -> None:
        """A byte that is under way in a flight between the first and the last comes with its own flight."""
        exchange, rtt = self.request.exchange, self._conn.end.link.rtt
        wanted = exchange.read_bytes if exchange.read is Read.CLOSE else 0
        if part.upto < wanted <= part.write.stop:
            rounds = flight_rounds(wanted - part.write.start) - 1
            self._owner.engine.call_in(rounds * rtt, self._byte_arrived, wanted)

    def _byte_arrived(self, wanted: int) -> None:
        if self.state is Reading.BODY and self._arrived < wanted:
            self._arrived = wanted
            if self._is_reading:
                self._read_on()

    def _close_body(self) -> None:
        """Body.Close before its end: since Go 1.27 the rest is drained, if it is declared to be short."""
        head = self.head
        short = head is not None and head.declared_bytes <= MAX_DRAIN_BYTES
        self.feed(On.DRAINED if self._owner.drains_bodies and short else On.CLOSED)

    def drain(self) -> None:
        """Close returns at once; a goroutine more reads the rest."""
        self._conn.request = None
        self._owner.engine.call_in(MAX_DRAIN_TIME, self.expire)
        self.finish()
        if self.state is Reading.DRAINING:
            self._drain_on()

    def _drain_on(self) -> None:
        self._read = min(self._arrived, MAX_DRAIN_BYTES + 1)
        if self._arrived > MAX_DRAIN_BYTES:
            self.feed(On.EXPIRED)  # of unknown length, and too long
        elif self._ends_here:
            self.feed(On.COMPLETE)

    def leak(self) -> None:
        """Neither read nor closed: only the peer or the end of the context will end this."""
        self._conn.request = None
        self._owner.deadlines.leaked(self)
        self.finish()

    def expire(self, _: Any = None) -> None:
        """A clock of this attempt has run out: of the drain, of the wait for its writing, of a leaked body's context.

        What is over by then ignores it.
        """
        self.feed(On.EXPIRED)

    def settle(self) -> None:
        """The answer is complete; where the connection is to be kept, the request should be, too."""
        if self._is_written or self._is_over:
            self.feed(On.WROTE)
        else:
            self._owner.engine.call_in(MAX_WRITE_WAIT, self.expire)

    # ends

    @property
    def _is_over(self) -> bool:
        """Whether the connection ends with this answer."""
        return self._saw_eof or (self.head is not None and self.head.closes)

    def put_back(self) -> None:
        """Back into the pool before the caller goes on, or closed."""
        head = self.head
        assert head is not None, "an answer is complete without its headers"
        if self.writing is not None and not self._is_written:
            self.writing.feed(Wrote.GONE)
        self._conn.release(self.request, is_over=self._is_over, is_race=head.is_closed_by_peer and not self._saw_eof)

    def close_conn(self) -> None:
        """Close the connection; with data unread that is a reset (tcp.c, __tcp_close)."""
        self._conn.request = None
        self._conn.close()

    def finish(self) -> None:
        """The caller is done."""
        request, head = self.request, self.head
        if request.trace is not None and head is not None and not head.has_body:
            request.trace.did(head.status)  # only now: the connection is back in the pool before Do returns
        self._owner.finish(request, request.status, "")

    def saw_eof(self) -> bool:
        """The server's FIN; whether the answer survives it: complete, delimited by it, or unread in the buffers."""
        head, state = self.head, self.state
        if state is Reading.BODY and head is not None and head.framing is Framing.UNTIL_CLOSE:
            self._all_is_here = True
        elif state is not Reading.WRITING and not (state is Reading.BODY and self._all_is_here):
            return False
        self._saw_eof = True
        if self._is_reading:
            self._read_on()
        return True

    @property
    def has_unread(self) -> bool:
        """Whether data lies unread in the kernel's buffer: more than the caller and readLoop's buffer took."""
        if self.head is None:
            return False
        taken = max(HEADER_BYTES + self._read, READ_BUFFER_BYTES)
        return HEADER_BYTES + self._arrived > taken

    def end(self) -> None:
        """The connection is closed."""
        if self.writing is not None:
            self.writing.feed(Wrote.GONE)
        self.feed(On.GONE)
