"""Http2: Go's http2.Transport behind one http.Transport: settings, clocks and counts that its connections share.

Not which connection a request gets (`Http2Pool`), not what a connection does. It stands between streams and the
Transport (`t1`): to a stream it is what the Transport is to an HTTP/1 connection.

Sources: internal/http2/transport.go, Transport, configFromTransport; http2/config.go, setConfigDefaults.
"""

from collections.abc import Callable

from models.backend.flow import Windows
from models.backend.http2_config import Http2ServerConfig
from models.protocols.http2_connection import ClientConn
from models.protocols.http2_pool import Http2Pool
from models.request import Request
from models.transport.attempt import Reading
from models.transport.bodies import Bodies
from models.transport.config import minor
from models.transport.deadline import HeaderWait
from models.transport.pool import HostPool
from models.transport.round_trip import Transport
from sim.records.levels import Levels
from sim.units import SECOND

DEFAULT_PING_TIMEOUT = 15 * SECOND
"""http2/config.go, setConfigDefaults."""
READING_LEVELS = {Reading.BODY: "h2_reading_body"}


class Http2:
    """HTTP/2 of one Transport."""

    drains_bodies = False
    """A body closed early costs its stream, not the connection: nothing is drained."""

    def __init__(self, t1: Transport, levels: Levels, draw: Callable[[], float]) -> None:
        self.t1, self.engine, self.kernel = t1, t1.engine, t1.kernel
        self.config, self.overhead, self.deadlines = t1.config, t1.overhead, t1.deadlines
        self.bodies = Bodies(t1.engine, levels, READING_LEVELS)
        self.draw = draw
        """For races and jitter."""
        transport, version = t1.config.transport, minor(t1.config.go_version)
        settings = transport.http2
        self.is_strict = settings.strict_max_concurrent_requests
        self.stream_cap = settings.max_concurrent_streams
        """The client's own limit of streams per connection; 0 means none."""
        self.send_ping_timeout = settings.send_ping_timeout
        self.ping_timeout = settings.ping_timeout or DEFAULT_PING_TIMEOUT
        self.idle_timeout = transport.idle_conn_timeout
        self.is_single_use = transport.disable_keep_alives
        self.closes_on_go_away = version >= 20
        """Whether the end of the last stream closes a connection that has seen GOAWAY (V19.6 of Go 1.19)."""
        self.counts_resets = version >= 24
        """pendingResets."""
        self.surfaces_early_losses = version >= 24
        """Whether a connection that dies unused stays in the pool for a while (unusedWaitTime; the version is told from
        the order of the changes around golang/go#70515, nobody has run it)."""
        self.skips_closed_on_idle = version >= 25
        """closedOnIdle (golang/go#70515)."""
        self.stream_ends = levels.bundle((0, levels.fall("h2_streams")), (0, levels.fall("h2_callers")))
        self._fails_at_once = transport.response_header_timeout < 0
        self.awaits_headers = t1.awaits_headers or self._fails_at_once
        self.windows = Windows(
            stream=settings.max_receive_buffer_per_stream, connection=settings.max_receive_buffer_per_connection
        )
        """What servers may send it."""
        self.change = levels.change
        """Records a coded change."""
        self.stream_begins = levels.bundle((0, levels.rise("h2_streams")), (0, levels.rise("h2_callers")))
        self._codes = {
            name: (levels.rise(f"h2_{name}"), levels.fall(f"h2_{name}"))
            for name in ("conns", "handles", "streams", "callers")
        }
        self.pools: list[Http2Pool] = []

    def join(self, host: HostPool, server: Http2ServerConfig) -> None:
        """From now on `host` speaks HTTP/2, with a server that is configured so."""
        host.http2 = Http2Pool(self, host, server)
        self.pools.append(host.http2)

    def rises(self, level: str) -> None:
        """One more of conns, handles, streams or callers."""
        self.change(self.engine._now << 12 | self._codes[level][0])

    def falls(self, level: str) -> None:
        """One less."""
        self.change(self.engine._now << 12 | self._codes[level][1])

    # what a stream asks of its Transport

    def got(self, request: Request) -> None:
        """A request is on its way whole: ResponseHeaderTimeout runs from the end of its writing."""
        self.t1.got(request)
        if self._fails_at_once:
            self.engine.call_in(self.overhead, self.deadlines.expire_headers, HeaderWait(request))

    def wrote(self, request: Request) -> None:
        """The body is written: it runs from here; unlike HTTP/1 it tests != 0 (writeRequest)."""
        self.t1.wrote(request)
        if self._fails_at_once:
            self.engine.call_in(0, self.deadlines.expire_headers, HeaderWait(request))

    def finish(self, request: Request, status: int, err: str) -> None:
        """The caller is done."""
        request.conn.caller_leaves()
        self.t1.finish(request, status, err)

    # what the Transport asks

    def cap_streams(self, most: int) -> None:
        """The client's own limit of streams per connection from now on; 0 means none."""
        self.stream_cap = most
        for pool in self.pools:
            for conn in tuple(pool.conns):
                conn.admission.cap(most)

    def close_idle(self) -> None:
        """CloseIdleConnections."""
        for pool in self.pools:
            for conn in tuple(pool.conns):
                conn.close_if_idle()

    def expire(self, request: Request) -> None:
        """The context of a request ends whose caller has left the body unread."""
        attempts = [stream.attempt for conn in self.conns for stream in conn.streams.values()]
        for attempt in attempts:
            if attempt is not None and attempt.request is request:
                attempt.expire()

    @property
    def conns(self) -> list[ClientConn]:
        """All its connections."""
        return [conn for pool in self.pools for conn in pool.conns]
