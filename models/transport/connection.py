"""PersistConn: an HTTP/1.1 connection of the Transport, from its dial to its close (Go's persistConn)."""

from typing import Any, Protocol

from models.backend.server import STATUS_OK, Answer
from models.kernel.connect import ClientKernel
from models.request import Read, Request
from models.transport.errors import (
    CONNECTION_RESET,
    CONNECTION_TIMED_OUT,
    EOF,
    KEEP_ALIVES_DISABLED,
    SERVER_CLOSED_IDLE,
    UNEXPECTED_EOF,
)
from models.transport.pool import Pool
from sim.engine.environment import Engine
from sim.records.rows import ABSENT
from sim.units import MS

MAX_DRAIN_BYTES = 256 << 10
"""Declared length of a body that is drained at most; what is left of it does not matter (maybeDrainBody)."""
MAX_DRAIN_TIME = 50 * MS
"""How long the drain may take."""


class Owner(Protocol):
    """What a connection needs of its Transport."""

    engine: Engine
    pool: Pool
    overhead: int
    drains_bodies: bool
    kernel: ClientKernel

    def got(self, request: Request) -> None:
        """A connection was delivered to `request`, whose times are set."""

    def finish(self, request: Request, status: int, err: str) -> None:
        """The caller of `request` is done."""

    def lost(self, request: Request, err: str, *, reused: bool, unsent: bool) -> None:
        """The connection was lost before the first byte of the answer."""

    def conn_closed(self, conn: "PersistConn") -> None:
        """The client's end is closed: descriptor, slot and record."""

    def client_closes_first(self) -> bool:
        """Who wins the race after Connection: close."""


class PersistConn:
    """A connection carries one request at a time; between two it is idle in the pool."""

    __slots__ = (
        "backend", "conn_id", "destination", "end", "host", "idle_at", "is_broken", "is_certain", "is_idle", "nreq",
        "owner", "port", "read_err", "request", "reused", "site", "t_close", "t_connected", "t_dial", "t_last_read",
        "t_read_err", "was_reused",
    )  # fmt: skip

    def __init__(self, owner: Owner, dial: Any) -> None:
        site = dial.site
        self.owner, self.host, self.site = owner, dial.want.request.host, site
        self.backend, self.conn_id = site.index, dial.conn_id
        self.port, self.destination = dial.port, dial.destination
        self.is_certain = site.is_certain
        """Whether the answers on it can be foreseen (docs/adr/0005)."""
        end = self.end = dial.end
        """Its end; None as long as nobody needs one, since all that happens to it is certain."""
        if end is not None:
            end.app = self
        self.request: Request | None = None
        self.reused = self.was_reused = self.is_broken = self.is_idle = False
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
        request.t_wrote = now + owner.overhead
        request.t_first = ABSENT
        self.request = request
        self.nreq += 1
        if not self.is_certain:
            self.end.send(request, request.exchange.request_bytes, owner.overhead)
            if request.trace is not None:
                _report_written(request, self)
        elif request.exchange.is_simple:
            half_rtt = self.site.half_rtt
            self.site.server.foresee(request, request.t_wrote + half_rtt, half_rtt)
            if request.t_first != ABSENT:
                owner.engine.call_at(request.t_first, self._foreseen, request)
        else:
            self.unfold().send(request, request.exchange.request_bytes, owner.overhead)
        owner.got(request)

    def _foreseen(self, request: Request) -> None:
        if self.request is request:
            self._answered(request, STATUS_OK, self.site.server.config.response_size)

    def received(self, answer: Answer) -> None:
        """The whole answer is here, and its body is read."""
        request, owner = self.request, self.owner
        if request is not answer.request:
            return  # cannot be: the connection closes when its request gives up
        if not answer.closes:
            self._answered(request, answer.status, answer.body_bytes)
            return
        self.t_last_read = owner.engine._now
        self.request = None
        if request.trace is not None:
            _report_answer(request.trace, answer.status)
        if owner.client_closes_first():
            self.close()
        owner.finish(request, answer.status, "")

    def _answered(self, request: Request, status: int, body_bytes: int) -> None:
        """Back into the pool before the caller goes on."""
        owner, exchange = self.owner, request.exchange
        self.t_last_read = owner.engine._now
        self.request = None
        if request.trace is not None:
            _report_answer(request.trace, status)
        if exchange.read is Read.FULL or not body_bytes or exchange.method == "HEAD":
            refusal = owner.pool.put_idle(self)
            if request.trace is not None:
                _report_put_idle(request.trace, refusal)
            if refusal:
                self.close()
        elif exchange.read is Read.CLOSE and (not self._is_drained(request, body_bytes) or self._put_drained(request)):
            self.close()
        owner.finish(request, status, "")

    def _put_drained(self, request: Request) -> str:
        refusal = self.owner.pool.put_idle(self)
        if request.trace is not None:
            _report_put_idle(request.trace, refusal)
        return refusal

    def _is_drained(self, request: Request, body_bytes: int) -> bool:
        """Whether what a caller left unread is read for it, since Go 1.27 (maybeDrainBody, golang/go#77370)."""
        took = self.owner.engine._now - request.t_first
        return self.owner.drains_bodies and body_bytes <= MAX_DRAIN_BYTES and took <= MAX_DRAIN_TIME

    def peer_closed(self) -> None:
        """The server's FIN: readLoop sees EOF (net/http/transport.go, readLoopPeekFailLocked)."""
        self._read_failed(EOF)

    def was_reset(self) -> None:
        """The server's RST."""
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
            self.owner.kernel.close_at_rest(self.destination, self.port, self.site.half_rtt)
        else:
            self.end.close()
        self.owner.conn_closed(self)

    def unfold(self) -> Any:
        """Go on step by step: make the two ends, if nobody needed them so far."""
        self.is_certain = False
        if self.end is None:
            self.end = self.site.ends(self.owner.kernel, self.destination, self.port)
            self.end.app = self
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
            answer = Answer(request, STATUS_OK, self.site.server.config.response_size, closes=False)
            engine.call_at(request.t_first, end.deliver, answer)

    def _read_failed(self, err: str) -> None:
        if self.is_broken:
            return
        now = self.owner.engine._now
        self.t_read_err, self.read_err = now, err
        request, self.request = self.request, None
        self.close()
        if request is None:
            return
        if request.t_first == ABSENT or request.t_first > now:
            unsent = request.t_wrote > now
            self.owner.lost(request, SERVER_CLOSED_IDLE if unsent else err, reused=self.was_reused, unsent=unsent)
        else:
            self.owner.finish(request, 0, UNEXPECTED_EOF if err == EOF else err)


def _report_written(request: Request, conn: PersistConn) -> None:
    """To a trace: a small request is in the buffer as soon as it has a connection."""
    request.trace.got_conn(conn)
    request.trace.wrote_headers()
    request.trace.wrote_request("")


def _report_answer(trace: Any, status: int) -> None:
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
