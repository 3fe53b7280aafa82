"""Http2Pool: the HTTP/2 connections of one host key, and who gets which. Not what a connection does.

Sources: net/http/transport.go, roundTrip, getConn, dialConn (ALPN), dialConnFor; internal/http2/client_conn_pool.go,
getClientConn, addConnIfNeeded, MarkDead; internal/http2/transport.go, RoundTripOpt, shouldRetryRequest.
"""

from typing import Any

from models.backend.http2_config import Http2ServerConfig
from models.protocols.conn_table import On
from models.protocols.http2_connection import ClientConn
from models.request import Request
from models.transport.http2_errors import CANNOT_RETRY
from models.transport.pool import HostPool
from sim.records.rows import ABSENT
from sim.units import SECOND

MAX_RETRIES = 7
"""RoundTripOpt: retry <= 6."""
JITTER = 0.1
"""Of the wait before a retry; below 10 s it is lost in the truncation to whole seconds."""


class Handle:
    """Go's persistConn with `alt`: an entry of the idle list that leads to the HTTP/2 pool, not to one connection."""

    __slots__ = ("_pool", "conn_id", "host", "idle_at", "is_broken", "is_idle")

    def __init__(self, pool: "Http2Pool", host: HostPool, conn_id: int) -> None:
        self._pool, self.host, self.conn_id = pool, host, conn_id
        self.idle_at = ABSENT
        self.is_idle = self.is_broken = False

    def list_at(self, now: int) -> None:
        """It joins the idle list."""
        self.idle_at, self.is_idle = now, True
        self._pool.http2.rises("handles")

    def close(self) -> None:
        """Leave the list and give the slot back; the connection lives on (persistConn.closeLocked)."""
        if self.is_broken:
            return
        self.is_broken = True
        t1 = self._pool.http2.t1
        if self.is_idle:
            t1.pool.remove_idle(self)
            self._pool.http2.falls("handles")
        t1.pool.release_slot(self.host)


class Http2Pool:
    """The connections of a host in order of their creation: a request gets the first that has room."""

    def __init__(self, http2: Any, host: HostPool, server: Http2ServerConfig) -> None:
        self.http2, self.host, self.server = http2, host, server
        self.conns: list[ClientConn] = []

    def round_trip(self, request: Request) -> None:
        """Transport.roundTrip of https: ask here first, then the way of HTTP/1."""
        if not self.try_cached(request, None, 0):
            self.get_conn(request)

    def try_cached(self, request: Request, handle: Handle | None, retry: int) -> bool:
        """GetClientConn without dialing; False means "no cached connection"."""
        for conn in self.conns:
            if conn.can_take_new_request:
                if request.trace is not None and not conn.was_announced:
                    request.trace.get_conn()
                conn.was_announced = False
                conn.carry(request, handle, retry)
                return True
        return False

    def get_conn(self, request: Request) -> None:
        """GetConn: a handle of the idle list leads back here; where it is of no use it is dropped, and so on."""
        t1 = self.http2.t1
        while True:
            if request.trace is not None:
                request.trace.get_conn()
            handle = t1.pool.newest_shared(self.host)
            if handle is None:
                t1.wait(request)
                return
            if self.try_cached(request, handle, 0):
                return
            handle.close()

    # dials

    def dialed(self, dial: Any) -> None:
        """TLS is there and says h2: the connection joins the pool, unless another has room by now (addConnIfNeeded).

        Its handle goes to the dial's own request and to all who wait.
        """
        t1 = self.http2.t1
        conn = ClientConn(self, dial)
        t1.opened(dial, conn)
        if any(each.can_take_new_request for each in self.conns):
            conn.feed(On.UNWANTED)
        else:
            self.conns.append(conn)
            conn.start(self.server)
        requests = []
        if not dial.want.done:
            t1.pool.leave(dial.want)
            requests.append(dial.want.request)
        handle = Handle(self, self.host, dial.conn_id)
        waiting, refusal = t1.pool.put_shared(handle)
        if refusal:
            handle.close()
        self._deliver(handle, requests + waiting)

    def _deliver(self, handle: Handle, requests: list[Request]) -> None:
        """All are awake now. Who was woken last runs first, then the others in order (runtime/proc.go, ready: runnext).

        With one processor, as in the recordings (E12: the first to find the connection is the last to have waited);
        with several the order is anybody's.
        """
        for request in requests[-1:] + requests[:-1]:
            if not request.done and not self.try_cached(request, handle, 0):
                if handle.is_idle:
                    handle.close()
                self.get_conn(request)

    def mark_dead(self, conn: ClientConn) -> None:
        """No more requests for this one."""
        if conn in self.conns:
            self.conns.remove(conn)

    # retries

    def failed(self, stream: Any, err: str, *, was_touched: bool) -> None:
        """An attempt failed in a way that allows another, where the body can be had again.

        Parameters
        ----------
        err : the error if it is not tried again.
        was_touched : whether the body may have been read, so that GetBody is needed.
        """
        request = stream.request
        if request is None:
            return
        stream.request = None
        if not request.exchange.is_rewindable and was_touched:
            self.http2.finish(request, 0, CANNOT_RETRY)
        elif stream.retry >= MAX_RETRIES:
            self.http2.finish(request, 0, err)
        else:
            stream.caller_leaves()
            request.t_wrote = request.t_first = request.t_headers = ABSENT
            if stream.retry == 0:
                self._again(stream, request)
            else:
                backoff = 1 << stream.retry - 1
                wait = int(backoff + backoff * JITTER * self.http2.draw())
                self.http2.engine.call_in(wait * SECOND, self._retry, (stream, request))

    def _retry(self, held: tuple[Any, Request]) -> None:
        stream, request = held
        if not request.done:
            self._again(stream, request)

    def _again(self, stream: Any, request: Request) -> None:
        handle = stream.handle
        if not self.try_cached(request, handle, stream.retry + 1):
            if handle is not None and handle.is_idle:
                handle.close()
            self.get_conn(request)
