"""PersistConn: an HTTP/1.1 connection of the Transport, from its dial to its close (Go's persistConn)."""

from typing import Any, Protocol

from models.backend.server import Answer
from models.kernel.cpu import Cpu
from models.kernel.socket import Endpoint
from models.request import Read, Request
from models.transport.errors import CONNECTION_RESET, CONNECTION_TIMED_OUT, EOF, SERVER_CLOSED_IDLE, UNEXPECTED_EOF
from models.transport.pool import HostPool, Pool
from sim.engine.environment import Engine
from sim.records.rows import ABSENT
from sim.units import MS

MAX_DRAIN_BYTES = 256 << 10
"""Declared length of a body that is drained at most; what is left of it does not matter (maybeDrainBody)."""
READ_BUFFER = 4 << 10
"""What the Transport has taken from the kernel of a body that nobody reads (transport.go, readBufferSize)."""
MAX_DRAIN_TIME = 50 * MS
"""How long the drain may take."""


class Owner(Protocol):
    """What a connection needs of its Transport."""

    engine: Engine
    pool: Pool
    overhead: int
    cpu: Cpu
    drains_bodies: bool

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
        "backend", "conn_id", "end", "host", "idle_at", "is_broken", "is_idle", "nreq", "owner", "port", "program",
        "read_err", "request", "reused", "t_close", "t_connected", "t_dial", "t_last_read", "t_read_err", "was_reused",
    )  # fmt: skip

    def __init__(self, owner: Owner, host: HostPool, end: Endpoint, backend: int, conn_id: int) -> None:
        self.owner, self.host, self.end = owner, host, end
        self.backend, self.conn_id, self.port = backend, conn_id, end.local_port
        end.app = self
        self.program: Any = None
        """The server's end of it as a program, where its answers can be foreseen."""
        self.request: Request | None = None
        self.reused = self.was_reused = self.is_broken = self.is_idle = False
        self.nreq = 0
        self.idle_at = self.t_dial = self.t_connected = self.t_close = self.t_last_read = self.t_read_err = ABSENT
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
        cpu_clear_at = owner.cpu.clear_at
        request.t_wrote = (max(now, cpu_clear_at)) + owner.overhead
        request.t_first = ABSENT
        self.request = request
        self.nreq += 1
        program, link = self.program, self.end.link
        if program is not None and request.exchange.is_simple and link.is_whole:
            self.end.clear_at = arrives_at = request.t_wrote + link.half_rtt
            program.foresee(request, arrives_at)
        else:
            self.end.send(request, request.exchange.request_bytes, request.t_wrote - now)
        owner.got(request)

    def received(self, answer: Answer) -> None:
        """The whole answer is here, and its body is read: back into the pool before the caller goes on."""
        request, owner = self.request, self.owner
        if request is not answer.request:
            return  # cannot be: the connection closes when its request gives up
        self.t_last_read = owner.engine._now
        self.request = None
        if answer.closes:
            if owner.client_closes_first():
                self.close()
        elif request.exchange.read is Read.FULL or not answer.body_bytes or request.exchange.method == "HEAD":
            if owner.pool.put_idle(self):
                self.close()
        elif request.exchange.read is Read.CLOSE:
            drained = self._is_drained(answer)
            self.end.has_unread = not drained and answer.body_bytes > READ_BUFFER
            if not drained or owner.pool.put_idle(self):
                self.close()
        owner.finish(request, answer.status, "")

    def _is_drained(self, answer: Answer) -> bool:
        """Whether what a caller left unread is read for it, since Go 1.27 (maybeDrainBody, golang/go#77370)."""
        took = self.owner.engine._now - answer.request.t_first
        return self.owner.drains_bodies and answer.body_bytes <= MAX_DRAIN_BYTES and took <= MAX_DRAIN_TIME

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
        now = self.t_close = self.owner.engine._now
        end, program = self.end, self.program
        if program is not None and program.is_at_rest and end.link.is_whole and not (end.is_secure or end.has_unread):
            program.foresee_end(now + end.link.half_rtt)
            end.close_at_rest()
        else:
            end.close()
        self.owner.conn_closed(self)

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


def give_up(request: Request) -> None:
    """The caller leaves while its connection is busy: it is closed, never reused (persistConn.roundTrip, cancel)."""
    conn: Any = request.conn
    if conn is not None and conn.request is request:
        conn.request = None
        if conn.program is not None:
            conn.program.unforesee(request)
            conn.program = None  # what follows goes step by step
        conn.close()
