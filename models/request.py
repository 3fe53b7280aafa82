"""Request: one call of http.Client.Do, from its arrival to the end of its body. Not what carries it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sim.records.rows import ABSENT

NEVER_ANSWERS = 1 << 62
"""A service time of one who never answers."""

ONE_FLIGHT_BYTES = 14_480
"""10 segments of 1448 bytes: what a fresh connection sends at once (include/net/tcp.h, TCP_INIT_CWND)."""

REPLAYABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that may be sent twice without harm (net/http/request.go, isReplayable)."""


class Read(IntEnum):
    """What the caller does with the body of its response."""

    FULL, CLOSE, NONE = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is asked and how the caller behaves: shared by all requests of a workload, never changed."""

    workload: str
    method: str = "GET"
    url: str = "http://service/"
    request_bytes: int = 200
    response_bytes: int = 128
    has_body: bool = False
    can_rewind: bool = True
    is_idempotent: bool = False
    wants_close: bool = False
    read: Read = Read.FULL

    label: int = 0
    """Index of `workload` in the vocabulary of the records."""
    is_simple: bool = field(init=False)
    """One flight, and the connection is kept: how long it takes to arrive is known when it is sent."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_simple", self.request_bytes <= ONE_FLIGHT_BYTES and not self.wants_close)

    @property
    def is_replayable(self) -> bool:
        """Whether a lost connection may be answered by sending it again (net/http/request.go, isReplayable)."""
        return (not self.has_body or self.can_rewind) and (self.method in REPLAYABLE_METHODS or self.is_idempotent)


class Request:
    """One request. Its random inputs are drawn when it is created; its times are instants in ns or ABSENT."""

    __slots__ = (
        "attempts", "conn", "done", "err", "exchange", "host", "id",
        "idle_time", "on_done", "reused", "service_time", "srv_q",
        "stall_draw", "started_at", "status", "t_arrival", "t_conn_done", "t_conn_start", "t_dns_done", "t_dns_start",
        "t_first", "t_getconn", "t_gotconn", "t_tls_done", "t_tls_start", "t_wrote", "trace", "want", "was_idle",
    )  # fmt: skip

    def __init__(self, id_: int, exchange: Exchange, host: Any, service_time: int, t_arrival: int) -> None:
        self.id = id_
        self.exchange = exchange
        self.host = host
        self.service_time = service_time
        self.t_arrival = self.t_getconn = t_arrival
        self.done = False
        self.attempts = 0
        self.status = 0
        self.err = 0
        self.conn: Any = None
        self.want: Any = None
        self.on_done: Callable[[Request], object] | None = None
        self.trace: Any = None
        self.t_gotconn = self.t_wrote = self.t_first = self.idle_time = self.srv_q = ABSENT
        self.t_dns_start = self.t_dns_done = self.t_conn_start = self.t_conn_done = ABSENT
        self.t_tls_start = self.t_tls_done = ABSENT
        self.started_at = 0
        self.reused = self.was_idle = False
        self.stall_draw = 1.0
