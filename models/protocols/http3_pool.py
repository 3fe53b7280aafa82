"""Http3Pool: a host key whose service speaks HTTP/3: when its requests go by QUIC, and when by TCP as before.

One connection for all requests, as in quic-go; whether QUIC is tried at all, and how long TCP waits for it, is
Chromium's. Not what a connection does. Source: quic-go http3/transport.go; Chromium net/http, quic_session_pool and
broken_alternative_services; RFC 7838.
"""

from functools import partial
from typing import Any

from models.protocols.http3_connection import Http3Conn
from models.quic.config import ALT_SVC_LIFETIME, HEAD_START, LONGEST_BROKEN, TICKET_LIFETIME, TOKEN_LIFETIME
from models.quic.handshake import ClientHello, HandshakeDone
from models.request import Request
from models.transport.errors import OPERATION_WAS_CANCELED, client_error
from models.transport.http3_errors import CANNOT_OPEN
from models.transport.phase import HANDSHAKING, RESOLVING
from models.transport.pool import HostPool

MOST_ATTEMPTS = 8
"""Connections that a request is carried by at most."""


class Http3Pool:
    """Stands where the HTTP/2 connections of a `HostPool` would, before them or before those of HTTP/1."""

    def __init__(self, http3: Any, host: HostPool, behind: Any, service: Any) -> None:
        self.http3, self.host, self._service = http3, host, service
        self._behind = behind
        """Its pool of HTTP/2 connections; None where TCP means HTTP/1.1."""
        self.max_streams: int = service.max_concurrent_streams
        self._t1, self._engine, self._config = http3.t1, http3.t1.engine, http3.config.http3
        self.conns: list[Http3Conn] = []
        """Those that take requests: one, or none."""
        self._all: dict[Http3Conn, None] = {}
        self._known_until = 1 << 62 if self._config.discovery == "told" else 0
        self._broken_until = self._n_failures = 0
        self._is_resolving = False
        self._resolving: list[Request] = []
        self._token_until = 0
        self._last_rtt = 0

    # what the Transport asks

    def round_trip(self, request: Request) -> None:
        """By QUIC, if the service is known to speak it, and it is not known to fail."""
        if request.trace is not None:
            request.trace.get_conn()
        now = self._engine._now
        if now >= self._known_until or now < self._broken_until:
            self._by_tcp(request)
            return
        self._by_quic(request)

    def dialed(self, dial: Any) -> None:
        """A connection over TCP is there."""
        if self._behind is not None:
            self._behind.dialed(dial)
        else:
            self._t1.dialed_http1(dial)

    # TCP

    def _by_tcp(self, request: Request) -> None:
        if self._engine._now >= self._known_until:
            request.on_done = partial(self._heard, request.on_done)
        self.http3.counts["quic.by_tcp"] += 1
        if self._behind is not None:
            self._behind.round_trip(request)
        else:
            self._t1.get_conn(request)

    def _heard(self, then: Any, request: Request) -> None:
        """An answer over TCP says that there is HTTP/3 as well (Alt-Svc)."""
        if request.status:
            self._known_until = self._engine._now + ALT_SVC_LIFETIME
        if then is not None:
            then(request)

    def _race(self, waits: tuple[Request, Any]) -> None:
        """The head start is over: TCP begins beside a handshake that is not complete."""
        request, waiting = waits
        if waiting.is_still_here and request.want is None and not self._has_conn:
            self.http3.counts["quic.raced"] += 1
            self._by_tcp(request)

    @property
    def _has_conn(self) -> bool:
        return any(conn.is_secured for conn in self.conns)

    def leave_tcp(self, request: Request) -> None:
        """QUIC was first: the dial goes on without its request."""
        if request.want is not None and not request.want.done:
            self._t1.pool.leave(request.want)

    @property
    def _head_start(self) -> int:
        told: int | str = self._config.head_start
        if isinstance(told, int):
            return told
        return 3 * self._last_rtt // 2 if self._last_rtt else HEAD_START

    # QUIC

    def _by_quic(self, request: Request) -> None:
        conn = next((one for one in self.conns if one.takes_requests), None)
        if conn is not None:
            self._enter(conn, request)
        else:
            self._resolving.append(request)
            if not self._is_resolving:
                self._dial(request)

    def _enter(self, conn: Http3Conn, request: Request) -> None:
        has_stream = conn.enter(request)
        if not has_stream and not conn.is_secured and self._config.fallback == "race":
            self._engine.call_in(self._head_start, self._race, (request, request.conn))

    def _dial(self, request: Request) -> None:
        """Resolve the name; all who come meanwhile wait for the same handshake."""
        started_at, resolver = self._engine._now, self.host.resolver
        if resolver.is_literal:
            self._found(started_at, resolver.literal(), "")
            return
        self._is_resolving = True
        self._t1.dial_enters(RESOLVING)
        request.t_dns_start = started_at
        resolver.resolve(partial(self._resolved, request, started_at))

    def _resolved(self, request: Request, started_at: int, addresses: tuple[int, ...], err: str = "") -> None:
        request.t_dns_done = self._engine._now
        self._is_resolving = False
        self._t1.dial_leaves(RESOLVING)
        self._found(started_at, addresses, err)

    def _found(self, started_at: int, addresses: tuple[int, ...], err: str) -> None:
        requests, self._resolving = self._resolving, []
        if not addresses:
            for request in requests:
                if not request.done:
                    self._t1.finish(request, 0, err)
            return
        backend, _ = self.host.balance(addresses[0])
        conn = Http3Conn(self, self._t1.sites[backend], self._t1.next_conn_id(), started_at)
        self.conns.append(conn)
        self._all[conn] = None
        self._t1.dial_enters(HANDSHAKING)
        first = next((request for request in requests if not request.done), None)
        if first is not None:
            first.t_conn_start = first.t_tls_start = self._engine._now
            conn.asked_by = first
        conn.start(self._hello(requests), has_token=self._engine._now < self._token_until)
        for request in requests:
            if not request.done:
                self._enter(conn, request)

    def _hello(self, requests: list[Request]) -> ClientHello:
        ticket = self.http3.ticket(self.host.name)
        offers = ticket is not None and any(request.exchange.is_early for request in requests)
        return ClientHello(ticket, offers, self._config.post_quantum)

    def secured(self, conn: Http3Conn) -> None:
        """A handshake is complete: QUIC works here."""
        self._t1.dial_leaves(HANDSHAKING)
        self._n_failures = self._broken_until = 0
        self._last_rtt = conn.end.recovery.rtt.smoothed
        if conn.asked_by is not None:
            conn.asked_by.t_conn_done = conn.asked_by.t_tls_done = conn.t_connected

    def keep(self, done: HandshakeDone) -> None:
        """A ticket for the next session, and a token."""
        now = self._engine._now
        self.http3.keep_ticket(self.host.name, done.ticket, now + TICKET_LIFETIME)
        if self._config.token_store:
            self._token_until = now + TOKEN_LIFETIME

    def failed(self, conn: Http3Conn, err: str, requests: list[Request]) -> None:
        """A handshake has failed: no QUIC for a while, and TCP for those who wait, where that is allowed."""
        self._t1.dial_leaves(HANDSHAKING)
        self._t1.log.dial(conn, err)
        wait = min(self._config.broken_for << min(self._n_failures, 40), LONGEST_BROKEN)
        if self._config.fallback != "never":
            self._n_failures += 1
            self._broken_until = self._engine._now + wait
            self.http3.counts["quic.broken"] += 1
        for request in requests:
            if request.want is not None and not request.want.done:
                continue  # TCP is on its way
            if self._config.fallback == "never":
                self._t1.finish(request, 0, err)
            else:
                self._by_tcp(request)

    def gave_up(self, conn: Http3Conn, requests: list[Request]) -> None:
        """A handshake was left because the client has moved: another begins for those who wait."""
        self._t1.dial_leaves(HANDSHAKING)
        self._t1.log.dial(conn, OPERATION_WAS_CANCELED)
        self.forget(conn)
        for request in requests:
            if request.want is None or request.want.done:
                self.again(request)

    def forget(self, conn: Http3Conn) -> None:
        """No more requests for this one."""
        if conn.is_closed:
            self._all.pop(conn, None)
        if conn in self.conns:
            self.conns.remove(conn)
            if self.host.on_closed is not None:
                self.host.on_closed(conn.backend)

    def again(self, request: Request) -> None:
        """A request that the server has not touched: another connection."""
        if request.attempts >= MOST_ATTEMPTS:
            self._t1.finish(request, 0, client_error(CANNOT_OPEN))
            return
        self.round_trip(request)

    # ways

    def all_conns(self) -> tuple[Http3Conn, ...]:
        """All that are not closed, those in a handshake and those that leave, too."""
        return tuple(self._all)

    def listener(self, backend: int) -> Any:
        """Where the datagrams of a backend arrive."""
        return self.http3.listener(backend)

    def listener_after_move(self, conn: Http3Conn) -> Any:
        """The same, unless a balancer in front chooses by the client's address."""
        resolver = self.host.resolver
        if self._service.routes_by_cid or not resolver.is_literal:
            return conn.end.listener
        backend, _ = self.host.balance(resolver.literal()[0])
        if self.host.on_closed is not None:
            self.host.on_closed(backend)
        return self.listener(backend)
