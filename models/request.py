"""Request: one call of http.Client.Do, from its arrival to the end of its body. Not what carries it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from models.reply import MAX_POST_HANDLER_READ_BYTES, Reply
from sim.records.rows import ABSENT

NEVER_ANSWERS: Final = 1 << 62
"""A service time of one who never answers."""

FAR_AWAY: Final = 1 << 62
"""An instant that does not come."""

ONE_FLIGHT_BYTES: Final = 14_480
"""10 segments of 1448 bytes: what a fresh connection sends at once (include/net/tcp.h, TCP_INIT_CWND)."""

REPLAYABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that may be sent twice without harm (net/http/request.go, isReplayable)."""


class Read(IntEnum):
    """What the caller does with the body of its response."""

    FULL = 0
    """Reads it to its end and closes it."""
    CLOSE = 1
    """Closes it, after `read_bytes` of it."""
    NONE = 2
    """Neither reads nor closes it."""
    NOCLOSE = 3
    """Reads it to its end and never closes it: the context of the request lives on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is asked and how both sides behave: shared by all requests of a workload, never changed."""

    workload: str
    method: str = "GET"
    url: str = "http://service/"
    request_bytes: int = 200
    """Headers and body."""
    has_body: bool = False
    body_bytes: int = 0
    """Bytes of the body among `request_bytes`; they count where a server leaves them unread."""
    body_pause: int = 0
    """Between the two halves of the request's body, in ns."""
    can_rewind: bool = True
    """Whether the body can be had once more (Request.GetBody)."""
    is_idempotent: bool = False
    """An Idempotency-Key or X-Idempotency-Key header."""
    is_early: bool = False
    """It may go as 0-RTT data: it is safe to be replayed."""
    wants_close: bool = False
    """Request.Close, or a Transport without keep-alives: the request says Connection: close."""
    expects_continue: bool = False
    """Expect: 100-continue: the body waits for a 100."""
    deadline: int = 0
    """context.WithTimeout of the request, in ns; 0 means none."""
    read: Read = Read.FULL
    read_bytes: int = 0
    read_delay: int = 0
    """From the headers to the first Read, in ns."""
    work: int = 0
    """What it takes a server beside the service time that is drawn, in ns: a batch's items."""
    reply: Reply | None = None
    """What the server does with it; None leaves that to the server."""

    label: int = 0
    """Index of `workload` in the vocabulary of the records."""
    is_whole: bool = field(init=False)
    """The request goes out in one piece, and its caller simply reads: nothing happens between first and last byte."""
    is_simple: bool = field(init=False)
    """Whole, in one flight, and the connection is kept: how long it takes to arrive is known when it is sent."""

    def __post_init__(self) -> None:
        reads_on = self.read in (Read.FULL, Read.NOCLOSE) and not self.read_delay
        whole = reads_on and not (self.body_pause or self.expects_continue or self.is_large or self.reply)
        object.__setattr__(self, "is_whole", whole)
        simple = whole and self.request_bytes <= ONE_FLIGHT_BYTES and not self.wants_close
        object.__setattr__(self, "is_simple", simple)

    @property
    def is_large(self) -> bool:
        """Whether a server may answer before all of the body has come, and would rather close than read the rest."""
        return self.body_bytes >= MAX_POST_HANDLER_READ_BYTES

    @property
    def is_replayable(self) -> bool:
        """Whether a lost connection may be answered by sending it again (net/http/request.go, isReplayable)."""
        return self.is_rewindable and (self.method in REPLAYABLE_METHODS or self.is_idempotent)

    @property
    def is_rewindable(self) -> bool:
        """Whether it can be sent once more at all: no body, or one with GetBody."""
        return not self.has_body or self.can_rewind


class Request:
    """One request. Its random inputs are drawn when it is created; its times are instants in ns or ABSENT."""

    __slots__ = (
        "attempts", "conn", "dial_lag", "done", "err", "exchange", "fate_draw", "gives_up_at", "host", "id",
        "idle_time", "on_done", "reused", "service_time", "srv_q",
        "started_at", "status", "t_arrival", "t_conn_done", "t_conn_start", "t_dns_done", "t_dns_start", "t_first",
        "t_getconn", "t_gotconn", "t_headers", "t_tls_done", "t_tls_start", "t_wrote", "trace", "want", "was_idle",
    )  # fmt: skip
    err: str
    """How it ended, for `on_done`: there once it is done."""

    def __init__(self, id_: int, exchange: Exchange, host: Any, service_time: int, t_arrival: int) -> None:
        self.id = id_
        self.exchange = exchange
        self.host = host
        self.service_time = service_time
        self.t_arrival = self.t_getconn = t_arrival
        self.done = False
        self.attempts = 0
        self.status = 0
        self.dial_lag = 0
        self.conn: Any = None
        self.want: Any = None
        self.on_done: Callable[[Request], object] | None = None
        self.trace: Any = None
        self.t_gotconn = self.t_wrote = self.t_first = self.idle_time = self.srv_q = ABSENT
        self.t_dns_start = self.t_dns_done = self.t_conn_start = self.t_conn_done = ABSENT
        self.t_tls_start = self.t_tls_done = self.t_headers = ABSENT
        self.started_at = 0
        self.reused = self.was_idle = False
        self.fate_draw = 1.0
        self.gives_up_at = FAR_AWAY
        """When its caller gives it up, besides its client's time-outs: a call's end, a try's, who asked it."""

    def has_headers(self, now: int) -> bool:
        """Whether the final headers of its answer are here: Do has returned."""
        conn = self.conn
        if conn is not None and conn.attempt is not None:
            return self.t_headers != ABSENT
        return ABSENT < self.t_first <= now
