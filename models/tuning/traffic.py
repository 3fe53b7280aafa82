"""Traffic: what a Transport has seen lately, from which features are made. Not what is made of them."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from models.request import Request
from models.transport.log import Log
from models.tuning.concurrency import Concurrency, concurrency
from models.tuning.features import Features, burst_entropy, percentile, rate, skewness, volatility
from sim.records.rows import ABSENT


class Span(NamedTuple):
    """A request: when Do was called and when it was done, its bytes, its host."""

    asked_at: int
    done_at: int
    size: int
    host: Any


class Traffic(Log):
    """A Log that keeps what was written to it for one window, beside the log that it stands before."""

    def __init__(self, transport: Any, window: int) -> None:  # not Log's own: the other log has the rows
        self._transport, self._window = transport, window
        self._log: Log = transport.log
        self.label = self._log.label
        self._done: deque[Span] = deque()
        self._closed: deque[tuple[int, int]] = deque()
        transport.log = self

    def request(self, request: Request, now: int, status: int, err: str) -> None:  # parameters: those of Log
        """A request is done."""
        self._done.append(Span(request.t_getconn, now, request.exchange.request_bytes, request.host))
        self._log.request(request, now, status, err)

    def refused(self, request: Request, now: int, status: int, err: str) -> None:  # parameters: those of Log
        """A request that never came to Do is none of the Transport's."""
        self._log.refused(request, now, status, err)

    def dial(self, dial: Any, err: str) -> None:
        """A dial became no connection."""
        self._log.dial(dial, err)

    def connection(self, conn: Any) -> None:
        """A connection is closed."""
        if conn.t_close != ABSENT:
            self._closed.append((conn.t_close, conn.t_close - conn.t_connected))
        self._log.connection(conn)

    def features(self, now: int, slices: int) -> Features:
        """Of the window that ends now; at the start of a run, of what there is."""
        start = max(now - self._window, 0)
        self._forget(start)
        spans = [*self._done, *self._pending(now)]
        began = [span for span in spans if start <= span.asked_at < now]
        ended = np.array([(span.done_at, span.done_at - span.asked_at) for span in self._done], np.int64).reshape(-1, 2)
        width = (now - start) / slices
        arrivals = np.array([span.asked_at for span in began], np.int64)
        flow = self._busiest(spans, start, now)
        return Features(
            qps=rate(len(began), now - start),
            p99=percentile(ended[:, 1], 0.99),
            p99_volatility=volatility(ended[:, 1], _slices(ended[:, 0] - start, width, slices)),
            packet_size=sum(span.size for span in began) / len(began) if began else 0.0,
            burst_entropy=burst_entropy(np.bincount(_slices(arrivals - start, width, slices), minlength=slices)),
            lifetime_skewness=skewness(self._lifetimes(now)),
            concurrency=flow.p99,
            lull=flow.lull,
            hosts=len(Counter(span.host for span in spans)),
        )

    def _forget(self, start: int) -> None:
        while self._done and self._done[0].done_at <= start:
            self._done.popleft()
        while self._closed and self._closed[0][0] <= start:
            self._closed.popleft()

    def _pending(self, now: int) -> Iterator[Span]:
        for request in self._transport.pending:
            yield Span(request.t_getconn, now, request.exchange.request_bytes, request.host)

    def _lifetimes(self, now: int) -> list[int]:
        ages = [now - conn.t_connected for conn in self._transport.connections]
        return [lasted for _, lasted in self._closed] + ages

    def _busiest(self, spans: list[Span], start: int, now: int) -> Concurrency:
        """Of the host with the most requests at a time."""
        by_host: dict[Any, list[tuple[int, int]]] = {}
        for span in spans:
            by_host.setdefault(span.host, []).append((span.asked_at, span.done_at))
        each = [concurrency(one, start, now) for one in by_host.values()]
        return max(each, key=lambda one: one.p99, default=Concurrency(0, now - start))


def _slices(since: Any, width: float, slices: int) -> Any:
    """In which of the slices, each `width` ns long, an instant lies."""
    return np.minimum((since / width).astype(np.int64), slices - 1) if len(since) else since
