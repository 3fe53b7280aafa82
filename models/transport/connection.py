"""PersistConn: an HTTP/1.1 connection of the Transport, from its dial to its close (Go's persistConn)."""

from typing import TYPE_CHECKING, Any

from models.backend.message import PONG, Answer
from models.backend.secure import Alert, SecureStart
from models.request import Request
from models.status import OK
from models.transport.attempt import Attempt
from models.transport.errors import (
    CONNECTION_RESET,
    CONNECTION_TIMED_OUT,
    EOF,
    KEEP_ALIVES_DISABLED,
    SERVER_CLOSED_IDLE,
    UNEXPECTED_EOF,
)
from models.transport.pool import HostPool
from sim.records.rows import ABSENT

if TYPE_CHECKING:
    from models.transport.dial import Dial
    from models.transport.round_trip import Transport


class PersistConn:
    """A connection carries one request at a time; between two it is idle in the pool."""

    __slots__ = (
        "attempt", "backend", "conn_id", "destination", "end", "has_fin", "host", "idle_at", "is_broken", "is_certain",
        "is_idle", "is_retired", "nreq", "owner", "port", "read_err", "request", "reused", "site", "t_close",
        "t_connected", "t_dial", "t_last_read", "t_read_err", "was_reused",
    )  # fmt: skip

    def __init__(self, owner: "Transport", dial: "Dial") -> None:
        site = dial.aimed_at()
        self.owner, self.site = owner, site
        self.host: HostPool = dial.want.request.host
        self.backend, self.conn_id = site.index, dial.conn_id
        self.port, self.destination = dial.port, dial.destination
        self.is_certain = dial.is_met and (dial.end is None or site.is_certain)
        """Whether the answers on it can be foreseen (docs/adr/0005)."""
        end = self.end = dial.end
        """Its end; None as long as nobody needs one, since all that happens to it is certain."""
        if end is not None:
            end.app = self
        self.request: Request | None = None
        self.attempt: Attempt | None = None
        """What goes on step by step, where more is to be done than to wait for a whole answer."""
        self.reused = self.was_reused = self.is_broken = self.is_idle = self.has_fin = False
        self.is_retired = False
        """Whether its Transport has been replaced: nobody takes it back."""
        self.nreq = 0
        self.t_dial, self.t_connected = dial.started_at, dial.t_connected
        self.idle_at = self.t_close = self.t_last_read = self.t_read_err = ABSENT
        self.read_err = ""

    def carry(self, request: Request, *, was_idle: bool) -> None:
        """GotConn: write the request, and wait for its answer."""
        owner = self.owner
        now = owner.engine._now
        request.t_gotconn = now
        request.attempts += 1
        request.reused = self.was_reused = self.reused
        request.was_idle = was_idle
        request.idle_time = now - self.idle_at if was_idle else ABSENT
        request.conn = self
        clear_at = owner.cpu.clear_at
        request.t_wrote = (now if clear_at <= now else clear_at) + owner.overhead  # noqa: FURB136 (twice as fast as max)
        request.t_first = ABSENT
        self.request = request
        self.nreq += 1
        if self.is_certain and request.exchange.is_simple:
            half_rtt = self.site.half_rtt
            self.site.server.foresee(request, request.t_wrote + half_rtt, half_rtt)
            if request.t_first != ABSENT:
                owner.engine.call_at(request.t_first, self._foreseen, request)
        elif request.exchange.is_whole:
            end = self.unfold() if self.is_certain else self.end
            end.send(request, request.exchange.request_bytes, request.t_wrote - now)
            if request.trace is not None:
                _report_written(request, self)
        else:
            self.unfold()
            if request.trace is not None:
                request.trace.got_conn(self)
            self.attempt = Attempt(self, request)
            self.attempt.start()
            return
        if owner.awaits_headers:
            owner.got(request)

    def _foreseen(self, request: Request) -> None:
        if self.request is request:
            owner = self.owner
            self.t_last_read = owner.engine._now
            self.request = None
            if owner.pool.put_idle(self):  # before the caller goes on
                self.close()
            owner.finish(request, OK, "")

    def received(self, answer: Any) -> None:
        """The whole answer is here, and its body is read: back into the pool before the caller goes on."""
        if type(answer) is not Answer:
            self._received_part(answer)
            return
        request, owner = self.request, self.owner
        if request is not answer.request:
            return  # cannot be: the connection closes when its request gives up
        now = self.t_last_read = owner.engine._now
        if request.t_first < now:
            owner.bodies.was_read(request.t_first)
        if request.trace is not None:
            _report_answer(request.trace, answer.status)
        self.release(request, is_over=answer.closes, is_race=True)
        owner.finish(request, answer.status, "")

    def _received_part(self, part: Any) -> None:
        """An answer that comes in parts, or bytes that nobody asked for."""
        if isinstance(part, Alert):
            self._read_failed(part.err)
            return
        if part is PONG:
            return
        if self.attempt is None:
            if self.request is None:
                self.close()  # silently, whatever they say (readLoopPeekFailLocked)
                return
            self.attempt = Attempt(self, self.request)
        self.attempt.received(part)

    def release(self, request: Request, *, is_over: bool, is_race: bool) -> None:
        """The answer is read to its end: back into the pool, or closed; where both ends want to close, chance decides.

        Source: go_transport.md, 3.2 and 11.3.
        """
        owner = self.owner
        self.request = self.attempt = None
        if not is_over:
            refusal = owner.pool.put_idle(self)
            if request.trace is not None:
                _report_put_idle(request.trace, refusal)
            if refusal:
                self.close()
        elif not is_race or owner.client_closes_first():
            self.close()
        else:
            self._close_second()

    def _close_second(self) -> None:
        """Close in the moment in which the server's FIN comes: to the kernel, that was there first."""
        self.is_broken = True
        self.t_close = self.owner.engine._now
        if self.attempt is not None:
            self.attempt.end()
        self.end.app = _Second(self.end)
        self.owner.conn_closed(self)

    def fail(self, err: str) -> None:
        """What came is no answer, and the server closes: so do we, the request fails and is not tried again."""
        request, self.request = self.request, None
        if self.owner.client_closes_first():
            self.close()
        else:
            self._close_second()
        if request is not None:
            self.owner.finish(request, request.status, err)

    def peer_closed(self) -> None:
        """The server's FIN: readLoop sees EOF (net/http/transport.go, readLoopPeekFailLocked), once it runs."""
        if not self.owner.lateness.delays_reads:
            self._read_fin(None)
        else:
            self.has_fin = True
            self.owner.engine.call_at(self.owner.lateness.wakes_at(), self._read_fin)

    def _read_fin(self, _: None) -> None:
        if not self.is_broken and (self.attempt is None or not self.attempt.saw_eof()):
            self._read_failed(EOF)

    def was_reset(self) -> None:
        """The server's RST; behind a FIN, read() goes on to say EOF (net/ipv4/tcp_input.c, tcp_fin: SOCK_DONE)."""
        if not self.has_fin:
            self._read_failed(CONNECTION_RESET)

    def timed_out(self) -> None:
        """Nothing that was sent was acknowledged (tcp_retries2)."""
        self._read_failed(CONNECTION_TIMED_OUT)

    def close(self) -> None:
        """Close from this side: cap, time-out, cancellation, or the end of what the server has closed."""
        if self.is_broken:
            return
        self.is_broken = True
        if self.is_idle:
            self.owner.pool.remove_idle(self)
        self.t_close = self.owner.engine._now
        if self.end is None:
            self.owner.kernel.close_at_rest(self.destination, self.port, self.site.steps)
            self.owner.conn_closed(self)
            return
        if self.attempt is not None:
            self.end.has_unread = self.attempt.has_unread
            self.attempt.end()
        self.end.close()
        self.owner.conn_closed(self)

    def unfold(self) -> Any:
        """Go on step by step: make the two ends, if nobody needed them so far."""
        self.is_certain = False
        if self.end is None:
            self.end = self.site.ends(self.owner.kernel, self.destination, self.port)
            self.end.app = self
        if isinstance(self.end.peer.app, SecureStart):  # a proxy's that was not asked for a tunnel
            self.end.peer.app.client_is_done()
        return self.end

    def unforesee(self, request: Request) -> None:
        """The caller leaves before the answer: what was foreseen happens step by step, and meets a closed socket."""
        end, half_rtt, engine = self.unfold(), self.site.half_rtt, self.owner.engine
        end.clear_at = request.t_wrote + half_rtt  # what the close sends stays behind the request
        program, answered_at = end.peer.app, request.t_first - half_rtt
        if request.t_first == ABSENT:
            program.request = request
        elif answered_at > engine._now:
            program.request = request
            engine.call_at(answered_at, program.answer_late, request)
        else:
            program.idle_since = answered_at
            answer = Answer(request, OK, self.site.server.config.response_size, closes=False)
            engine.call_at(request.t_first, end.deliver, answer)

    def _read_failed(self, err: str) -> None:
        if self.is_broken:
            return
        now = self.owner.engine._now
        self.t_read_err, self.read_err = now, err
        request, self.request = self.request, None
        unsent = request is not None and self._is_unsent(request)
        self.close()
        if request is None:
            return
        if request.t_first == ABSENT or request.t_first > now:
            lost_as = SERVER_CLOSED_IDLE if unsent and err == EOF else err
            self.owner.lost(request, lost_as, reused=self.was_reused, unsent=unsent)
        else:
            if self.attempt is None and request.t_first < now:
                self.owner.bodies.was_read(request.t_first)
            self.owner.finish(request, request.status, UNEXPECTED_EOF if err == EOF else err)

    def _is_unsent(self, request: Request) -> bool:
        return self.attempt.is_unsent if self.attempt is not None else request.t_wrote > self.owner.engine._now


class _Second:
    """What is left of a connection whose close comes second: its kernel closes when the server's FIN is there."""

    __slots__ = ("_end",)

    def __init__(self, end: Any) -> None:
        self._end = end

    def peer_closed(self) -> None:
        """The FIN."""
        self._end.close()

    def was_reset(self) -> None:
        """Nobody reads."""

    def timed_out(self) -> None:
        """Nobody reads."""

    def received(self, message: Any) -> None:
        """Nobody reads."""


def _report_written(request: Request, conn: PersistConn) -> None:
    """To a trace: a small request is in the buffer as soon as it has a connection."""
    request.trace.got_conn(conn)
    request.trace.wrote_headers()
    request.trace.wrote_request("")


def _report_answer(trace: Any, status: int) -> None:
    """To a trace: an answer that came whole."""
    trace.got_first_response_byte()
    trace.did(status)


def _report_put_idle(trace: Any, refusal: str) -> None:
    """To a trace: Go is silent about it with keep-alives off."""
    if refusal is not KEEP_ALIVES_DISABLED:
        trace.put_idle_conn(refusal)


def give_up(request: Request) -> None:
    """The caller leaves while its connection is busy: it is closed, never reused (persistConn.roundTrip, cancel)."""
    conn: Any = request.conn
    if conn is not None and conn.request is request:
        conn.request = None
        if conn.is_certain:
            conn.unforesee(request)
        conn.close()
