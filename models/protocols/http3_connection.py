"""Http3Conn: an HTTP/3 connection of the client, from the handshake on: its streams and those who wait for one.

Not which requests it gets (`Http3Pool`), not packets (`models/quic`). Source: quic-go http3/conn.go, client.go.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.backend.frame import FRAME_BYTES, Code, Frame, GoAway, Reset
from models.protocols.http3_flow import Http3Flow
from models.protocols.http3_stream import Http3Stream, Waiting
from models.protocols.stream import Stream
from models.quic.client_end import ClientEnd
from models.quic.handshake import ClientHello, HandshakeDone
from models.quic.journal import Journal
from models.request import Request
from models.tls.cost import CLIENT_CPU, RESUMED_CLIENT_CPU
from models.transport.http3_errors import CONN_CLOSED, IDLE_TIMEOUT, STATELESS_RESET
from models.transport.site import Site
from sim.records.rows import ABSENT

FIRST_STREAM, STEP = 0, 4
"""Bidirectional streams of the client (RFC 9000, 2.1)."""


class Http3Conn:
    """A connection of many streams. It is what the Transport records of a handshake that ended in HTTP/3."""

    attempt = None
    """Exchanges are its streams'."""
    is_certain = False

    def __init__(self, pool: Any, site: Site, conn_id: int, started_at: int) -> None:
        self.pool, self.http2, self.host, self.site = pool, pool.http3, pool.host, site
        self.backend, self.conn_id = site.index, conn_id
        self.port: int = self.http2.port
        self.end = ClientEnd(pool.listener(site.index), site.link, self.http2.config.http3, self.http2.counts)
        self.end.app = self
        if self.http2.book is not None:
            self.end.journal = Journal(self.http2.book, conn_id, "client", self.end.recovery)
        self.end.verify = self._verify
        self.flow = Http3Flow(self.http2.engine, self.end)
        self.streams: dict[int, Stream] = {}
        self.waiting: deque[Waiting] = deque()
        """Who waits for the handshake, or for a stream."""
        self.is_secured = self.is_leaving = self.is_closed = False
        self._takes_early = self._was_used = False
        self._next_id = FIRST_STREAM
        self._last_active = started_at
        self.asked_by: Request | None = None
        """Whose request began it."""
        self.nreq, self.read_err = 0, ""
        self.t_dial = self.started_at = started_at
        self.t_connected = self.t_close = self.t_last_read = self.t_read_err = ABSENT

    # the handshake

    def start(self, hello: ClientHello, *, has_token: bool) -> None:
        """The ClientHello goes out, and with it what may be sent early."""
        self._takes_early = hello.offers_early
        self.end.start(hello, has_token=has_token)

    def _verify(self, is_resumed: bool, then: Callable[[Any], object]) -> None:
        cost = RESUMED_CLIENT_CPU if is_resumed else CLIENT_CPU[self.site.tls.key]
        self.http2.kernel.cpu.work(cost, then)

    def secured(self) -> None:
        """The handshake is complete here: all who wait get their streams."""
        self.is_secured = True
        self.t_connected = self.http2.engine._now
        self.http2.opened(self)
        self.pool.secured(self)
        self._let_in()

    def confirmed(self, done: HandshakeDone) -> None:
        """The server's ticket and token are here."""
        self.pool.keep(done)

    # who may have it

    @property
    def takes_requests(self) -> bool:
        """Whether new requests come here."""
        return not (self.is_leaving or self.is_closed)

    @property
    def request(self) -> Request | None:
        """The last request that still waits for its answer, if any."""
        stream = next(reversed(self.streams.values()), None)
        return None if stream is None else stream.request

    def enter(self, request: Request) -> bool:
        """A request comes: it has a stream at once (true), or waits for the handshake or a place."""
        may_go = self.is_secured or (self._takes_early and request.exchange.is_early)
        if may_go and len(self.streams) < self.pool.max_streams:
            self._open(request)
            return True
        self.waiting.append(Waiting(request))
        return False

    def after_handshake(self, request: Request) -> None:
        """The server will not have it early (425): once more, when the handshake is complete."""
        request.t_wrote = request.t_first = request.t_headers = ABSENT
        self._takes_early = False
        if self.is_secured and len(self.streams) < self.pool.max_streams:
            self._open(request, retry=1)
        else:
            self.waiting.append(Waiting(request))

    def _let_in(self) -> None:
        while self.waiting and self.is_secured and self.takes_requests and len(self.streams) < self.pool.max_streams:
            waiting = self.waiting.popleft()
            if waiting.is_still_here:
                assert waiting.request is not None, "who is still here has a request"
                self.pool.leave_tcp(waiting.request)
                self._open(waiting.request)

    def _open(self, request: Request, retry: int = 0) -> None:
        now, was_used = self.http2.engine._now, self._was_used
        self._was_used = True
        request.t_gotconn = now
        request.attempts += 1
        request.reused = was_used
        request.was_idle = was_used and not self.streams
        request.idle_time = now - self._last_active if request.was_idle else ABSENT
        request.t_wrote = request.t_first = request.t_headers = ABSENT
        self.nreq += 1
        stream = Http3Stream(self, request, None, retry)
        request.conn = stream
        stream_id = self._next_id
        self._next_id += STEP
        self.streams[stream_id] = stream
        if request.trace is not None:
            request.trace.got_conn(self)
        stream.start(stream_id)

    # ends of streams

    def forget(self, stream: Stream) -> None:
        """A stream is done on both sides: there is room for one who waits."""
        self._over(stream)
        if self.streams.pop(stream.stream_id, None) is None:
            return
        self.end.forget(stream.stream_id)
        self._last_active = self.http2.engine._now
        self._let_in()
        if self.is_leaving and not self.streams:
            self.close()

    def _over(self, stream: Stream) -> None:
        if not stream.is_over:
            stream.is_over = True
            self.http2.falls("streams")

    def give_back(self, stream: Stream) -> None:
        """What was unread of a stream that is over has been thrown away; no window waits for it."""

    def abandon(self, stream: Stream) -> None:
        """Its caller has left."""
        self.end.send(Reset(stream.stream_id, Code.CANCEL), FRAME_BYTES)
        self.forget(stream)

    def expire(self, request: Request) -> None:
        """The context of a request whose body lies unread."""
        for stream in tuple(self.streams.values()):
            if stream.attempt is not None and stream.attempt.request is request:
                stream.attempt.expire()

    # what is read

    def received(self, frame: Any) -> None:
        """A message of a stream, its reset, or GOAWAY."""
        self.t_last_read = self.http2.engine._now
        if type(frame) is Frame:
            stream = self.streams.get(frame.stream_id)
            if stream is not None:
                stream.received(frame.message)
        elif type(frame) is Reset:
            self._take_reset(frame)
        elif type(frame) is GoAway:
            self._take_go_away(frame)

    def _take_reset(self, frame: Reset) -> None:
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            self.forget(stream)
            stream.was_reset(frame.code)

    def _take_go_away(self, frame: GoAway) -> None:
        """No new streams; those that the server has not touched go elsewhere (RFC 9114, 5.2)."""
        self.is_leaving = True
        self.pool.forget(self)
        for stream_id, stream in tuple(self.streams.items()):
            if stream_id > frame.last_stream_id:
                self.streams.pop(stream_id)
                self._over(stream)
                stream.go_elsewhere()
        self._send_on()
        if not self.streams:
            self.close()

    def _send_on(self) -> None:
        waiting, self.waiting = self.waiting, deque()
        for one in waiting:
            if one.is_still_here and one.request is not None:
                self.pool.again(one.request)

    # the way

    def moved(self, *, host: bool) -> None:
        """The client has another address, or its NAT another port: a balancer may lead elsewhere now.

        A handshake does not survive a new address (RFC 9000, 9), and a client that knows of it begins another.
        """
        if host and not self.is_secured:
            self._begin_again()
            return
        self.end.listener = self.pool.listener_after_move(self)
        self.end.moved(host=host)

    def _begin_again(self) -> None:
        self.is_closed = True
        self.end.vanish()
        for stream in tuple(self.streams.values()):
            self._give_back(stream)
        requests = [one.request for one in self.waiting if one.is_still_here and one.request]
        self.pool.gave_up(self, requests)

    def _give_back(self, stream: Stream) -> None:
        """0-RTT that nobody has heard of: its request waits again."""
        self._over(stream)
        request, stream.request = stream.request, None
        stream.caller_leaves()
        if request is not None:
            self.waiting.append(Waiting(request))

    # the end

    def close_if_idle(self) -> None:
        """CloseIdleConnections."""
        if self.is_secured and not self.streams and not self.waiting:
            self.close()

    def close(self) -> None:
        """Close from this side."""
        self._gone()
        self.end.close()

    def peer_closed(self) -> None:
        """CONNECTION_CLOSE."""
        self._lost(CONN_CLOSED)

    def was_reset(self) -> None:
        """A stateless reset."""
        self._lost(STATELESS_RESET)

    def timed_out(self) -> None:
        """Nothing was received for too long, in the handshake or after it."""
        self._lost(IDLE_TIMEOUT)

    def _lost(self, err: str) -> None:
        if self.is_closed:
            return
        self.t_read_err, self.read_err = self.http2.engine._now, err
        self._gone()
        streams, self.streams = self.streams, {}
        for stream in streams.values():
            if self.is_secured:
                self._over(stream)
                stream.lost(err)
            else:
                self._give_back(stream)
        if self.is_secured:
            self._send_on()
        else:
            waiting, self.waiting = self.waiting, deque()
            self.pool.failed(self, err, [one.request for one in waiting if one.is_still_here and one.request])

    def _gone(self) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        self.t_close = self.http2.engine._now
        self.pool.forget(self)
        if self.is_secured:
            self.http2.closed(self)
