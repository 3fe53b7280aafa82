"""Http3: quic-go's http3.Transport in front of one http.Transport: tickets and counts that its connections share.

Not which way a request goes (`Http3Pool`), not what a connection does. It stands between streams and the Transport
(`t1`), as `Http2` does. Source: quic-go http3/transport.go.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from models.protocols.http3_connection import Http3Conn
from models.protocols.http3_pool import Http3Pool
from models.quic.journal import Book
from models.request import Request
from models.tls.session import Session, SessionCache, Ticket
from models.transport.attempt import Reading
from models.transport.bodies import Bodies
from models.transport.pool import HostPool
from models.transport.round_trip import Transport
from sim.records.levels import Levels

HTTP3_LEVELS = ("h3_conns", "h3_streams", "h3_reading_body")
"""HTTP/3: connections, streams, callers that read a body; goroutines of quic-go are not told from them."""
READING_LEVELS = {Reading.BODY: "h3_reading_body"}


class Http3:
    """HTTP/3 of one Transport. `listener(backend)` says where the datagrams for a backend arrive."""

    drains_bodies = False
    """A body closed early costs its stream, not the connection."""

    def __init__(self, t1: Transport, levels: Levels, listener: Callable[[int], Any], counts: Counter[str]) -> None:
        self.t1, self.engine, self.kernel = t1, t1.engine, t1.kernel
        self.config, self.overhead, self.deadlines = t1.config, t1.overhead, t1.deadlines
        self.bodies = Bodies(t1.engine, levels, READING_LEVELS)
        self.listener, self.counts = listener, counts
        self.port = t1.config.kernel.ip_local_port_range[0]
        """Of its UDP socket, which all its connections share (quic.Transport)."""
        capacity = t1.config.tls.client_session_cache
        self._sessions = SessionCache(capacity) if capacity else None
        self._expires: dict[str, int] = {}
        self.change = levels.change
        """Records a coded change."""
        self._codes = {name: (levels.rise(f"h3_{name}"), levels.fall(f"h3_{name}")) for name in ("conns", "streams")}
        self.stream_begins = self._codes["streams"][0]
        self.pools: list[Http3Pool] = []
        self.book: Book | None = None
        """Where its packets are written down, if anywhere."""

    def join(self, host: HostPool, service: Any) -> None:
        """From now on `host` is asked by HTTP/3, and what it was asked by so far is behind that."""
        host.http2 = pool = Http3Pool(self, host, host.http2, service)
        self.pools.append(pool)

    # sessions

    def ticket(self, name: str) -> Ticket | None:
        """Of the last session with this name, if it counts yet."""
        if self._sessions is None or self._expires.get(name, 0) <= self.engine._now:
            return None
        session = self._sessions.get(name)
        return None if session is None else session.ticket

    def keep_ticket(self, name: str, ticket: Ticket, expires_at: int) -> None:
        """The server's newest."""
        if self._sessions is not None:
            self._sessions.put(name, Session(ticket, self.engine._now))
            self._expires[name] = expires_at

    # what a stream asks of its Transport

    def rises(self, level: str) -> None:
        """One more of conns or streams."""
        if level in self._codes:
            self.change(self.engine._now << 12 | self._codes[level][0])

    def falls(self, level: str) -> None:
        """One less."""
        if level in self._codes:
            self.change(self.engine._now << 12 | self._codes[level][1])

    def got(self, request: Request) -> None:
        """A request is on its way; http3.Transport has no ResponseHeaderTimeout."""

    def wrote(self, request: Request) -> None:
        """Its body is written."""

    def finish(self, request: Request, status: int, err: str) -> None:
        """The caller is done."""
        self.t1.finish(request, status, err)

    # connections

    def opened(self, conn: Http3Conn) -> None:
        """A handshake has become a connection."""
        self.t1.opened_over_udp(conn)
        self.rises("conns")

    def closed(self, conn: Http3Conn) -> None:
        """It is gone."""
        self.falls("conns")
        self.t1.closed_over_udp(conn)

    # what the Transport asks

    def close_idle(self) -> None:
        """CloseIdleConnections."""
        for pool in self.pools:
            for conn in tuple(pool.conns):
                conn.close_if_idle()

    def moved(self, *, host: bool) -> None:
        """The client has another address, or its NAT another port; its UDP socket takes what comes there."""
        for pool in self.pools:
            for conn in pool.all_conns():
                conn.moved(host=host)

    def expire(self, request: Request) -> None:
        """The context of a request ends whose caller has left the body unread."""
        for pool in self.pools:
            for conn in tuple(pool.conns):
                conn.expire(request)
