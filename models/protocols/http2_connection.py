"""ClientConn: an HTTP/2 connection of the client: its streams, their limit, SETTINGS, PING, GOAWAY. Not one exchange.

Sources: internal/http2/transport.go, ClientConn: newClientConn, idleStateLocked, awaitOpenSlotForStreamLocked,
forgetStreamID, cleanupWriteRequest, clientConnReadLoop.
"""

from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from models.backend.frame import FRAME_BYTES, Code, Frame, GoAway, Ping, Preface, Reset, Settings, SettingsAck
from models.protocols.stream import Stream
from models.request import Request
from models.transport.errors import CONNECTION_RESET, CONNECTION_TIMED_OUT, EOF, UNEXPECTED_EOF
from models.transport.http2_errors import (
    CONN_LOST,
    CONN_NOT_ESTABLISHED,
    CONN_UNUSABLE,
    GOT_GOAWAY,
    SERVER_SENT_GOAWAY,
)
from sim.engine.machine import Machine, Table, ignore
from sim.engine.timers import Timer
from sim.records.rows import ABSENT
from sim.units import SECOND

INITIAL_MAX_CONCURRENT_STREAMS = 100
"""Until the server's SETTINGS are here (initialMaxConcurrentStreams)."""
DEFAULT_MAX_CONCURRENT_STREAMS = 1000
"""Where they do not say (defaultMaxConcurrentStreams)."""
MAX_STREAM_ID = (1 << 31) - 1
UNUSED_WAIT_TIME = 5 * SECOND
"""A connection that dies so early, before any request, stays in the pool until one has seen the error (cleanup)."""
WINS_NEGATIVE_IDLE_RACE = 1 / 348
"""Share of new connections that are used before a negative IdleConnTimeout closes them: 348 dials for one request."""


class Conn(IntEnum):
    """Whether new streams may begin."""

    OPEN, LEAVING, CLOSED = range(3)


class On(IntEnum):
    """What ends a connection."""

    UNWANTED, GOAWAY, SPENT, EXPIRED, LOST = range(5)


def _drop(conn: "ClientConn", _: Any) -> None:
    conn.drop()


def _leave(conn: "ClientConn", frame: GoAway) -> None:
    conn.disown(frame)


def _close(conn: "ClientConn", _: Any) -> None:
    conn.close()


def _lose(conn: "ClientConn", err: str) -> None:
    conn.lose(err)


CONN_TABLE: Table = {
    Conn.OPEN: {
        On.UNWANTED: (Conn.CLOSED, _drop),
        On.GOAWAY: (Conn.LEAVING, _leave),
        On.SPENT: (Conn.CLOSED, _close),
        On.EXPIRED: (Conn.CLOSED, _close),
        On.LOST: (Conn.CLOSED, _lose),
    },
    Conn.LEAVING: {
        On.GOAWAY: (Conn.LEAVING, _leave),
        On.SPENT: (Conn.CLOSED, _close),
        On.EXPIRED: (Conn.CLOSED, _close),
        On.LOST: (Conn.CLOSED, _lose),
    },
    Conn.CLOSED: {
        # what was under way when it was closed, and what its last streams bring about
        On.GOAWAY: (Conn.CLOSED, ignore),
        On.SPENT: (Conn.CLOSED, ignore),
        On.EXPIRED: (Conn.CLOSED, ignore),
        On.LOST: (Conn.CLOSED, ignore),
    },
}


class ClientConn(Machine, table=CONN_TABLE):
    """A connection of many streams. It is what the Transport records of a dial that ended in HTTP/2."""

    __slots__ = (
        "_closed_on_idle", "_do_not_reuse", "_go_away", "_has_settings", "_head", "_idle_timer", "_last_active",
        "_max_streams", "_next_id", "_pending_resets", "_ping_timer", "_queue", "_read_before", "_read_timer",
        "_reset_pings_blocked", "_was_used", "backend", "conn_id", "end", "host", "http2", "nreq", "pool", "port",
        "read_err", "reserved", "site", "streams", "t_close", "t_connected", "t_dial", "t_last_read", "t_read_err",
        "was_announced",
    )  # fmt: skip

    attempt = None
    """Exchanges are its streams'."""

    def __init__(self, pool: Any, dial: Any) -> None:
        self.state = Conn.OPEN
        self.pool, self.http2, self.host, self.site = pool, pool.http2, pool.host, dial.site
        self.backend, self.conn_id, self.port = dial.site.index, dial.conn_id, dial.port
        self.end = dial.end
        self.end.app = self
        self.streams: dict[int, Stream] = {}
        self.reserved = 0
        """Streams that are promised to requests which have not begun theirs."""
        self._queue: deque[Stream] = deque()
        """Requests that wait for the right to write headers, in order of their coming (reqHeaderMu)."""
        self._head: Stream | None = None
        """Who has it, and waits for a place."""
        self._max_streams = INITIAL_MAX_CONCURRENT_STREAMS
        self._next_id, self._read_before, self._pending_resets = 1, 0, 0
        self._has_settings = self._do_not_reuse = self._was_used = False
        self._closed_on_idle = self._reset_pings_blocked = False
        self.was_announced = True
        """Its first request has had its GetConn hook from the Transport (getConnCalled)."""
        self._go_away: GoAway | None = None
        engine = self.http2.engine
        self._last_active = engine._now
        self._idle_timer = Timer(engine, self._idled)
        self._read_timer = Timer(engine, self._check_health)
        self._ping_timer = Timer(engine, self._ping_expired)
        self.nreq = 0
        self.t_dial, self.t_connected = dial.started_at, dial.t_connected
        self.t_close = self.t_last_read = self.t_read_err = ABSENT
        self.read_err = ""
        self.http2.rises("conns")

    def start(self, max_streams: int) -> None:
        """Say hello; IdleConnTimeout runs from here, already before the first stream."""
        http2 = self.http2
        self._send(Preface(max_streams))
        self._await_frame()
        if http2.idle_timeout > 0:
            self._idle_timer.arm(http2.engine._now + http2.idle_timeout)
        elif http2.idle_timeout < 0 and http2.draw() >= WINS_NEGATIVE_IDLE_RACE:
            self._idled(None)

    def drop(self) -> None:
        """Nobody needs it by the time that it is there: it never joins the pool."""
        self._end()

    # which request may have it

    @property
    def can_take_new_request(self) -> bool:
        """Whether it has room, as the pool asks it (idleStateLocked)."""
        http2 = self.http2
        if http2.is_single_use and self._next_id > 1:
            return False
        if self.state is Conn.CLOSED:
            # never used: somebody has to see the error
            return self._next_id == 1 and not self.reserved and not self._closed_on_idle
        if self.state is Conn.LEAVING or self._do_not_reuse or self._next_id + 2 * len(self._queue) >= MAX_STREAM_ID:
            return False
        return http2.is_strict or self.n_current < self._max_streams

    @property
    def n_current(self) -> int:
        """What counts against the limit (currentRequestCountLocked)."""
        return len(self.streams) + self.reserved + self._pending_resets

    def carry(self, request: Request, handle: Any, retry: int) -> None:
        """GotConn: a stream, as soon as there is a place."""
        now, was_used = self.http2.engine._now, self._was_used
        self._was_used = True
        request.t_gotconn = now
        request.attempts += 1
        request.reused = was_used
        request.was_idle = was_used and not self.streams
        request.idle_time = now - self._last_active if request.was_idle else ABSENT
        request.t_wrote = request.t_first = request.t_headers = ABSENT
        self.nreq += 1
        stream = Stream(self, request, handle, retry)
        request.conn = stream
        if request.trace is not None:
            request.trace.got_conn(self)
        self.reserved += 1
        self._queue.append(stream)
        self._admit()

    def _admit(self) -> None:
        """One request at a time may write headers; it gives its reservation back and waits for a place.

        The reservations of those behind it count, so it waits for ever if they alone are as many as the limit.
        """
        while self._head is not None or self._queue:
            if self._head is None:
                self._head = self._queue.popleft()
                self._idle_timer.cancel()
                self._return_reservation()
            stream = self._head
            self._last_active = self.http2.engine._now
            if self.state is Conn.CLOSED or not self.can_take_new_request:
                self._head = None
                self._refuse(stream)
            elif self.n_current < self._max_streams:
                self._head = None
                self._open(stream)
            else:
                return

    def _return_reservation(self) -> None:
        if self.reserved > 0:
            self.reserved -= 1

    def _refuse(self, stream: Stream) -> None:
        self._over(stream)
        if self.state is Conn.CLOSED and self._next_id == 1 and not self.reserved:
            self.pool.mark_dead(self)
            stream.lost(CONN_NOT_ESTABLISHED)
        else:
            self.pool.failed(stream, CONN_UNUSABLE, was_touched=False)

    def _open(self, stream: Stream) -> None:
        stream_id = self._next_id
        self._next_id += 2
        self.streams[stream_id] = stream
        if stream.request is not None and stream.request.exchange.wants_close:
            self._do_not_reuse = True
        stream.start(stream_id)

    # ends of streams

    def _over(self, stream: Stream) -> None:
        stream.is_over = True
        self.http2.falls("streams")

    def forget(self, stream: Stream) -> None:
        """A stream is done on both sides (forgetStreamID)."""
        http2 = self.http2
        self._over(stream)
        del self.streams[stream.stream_id]
        self._last_active = http2.engine._now
        if not self.streams:
            if self._closes_on_idle and not self.reserved:
                self.feed(On.SPENT)
            elif http2.idle_timeout > 0:
                self._idle_timer.arm(self._last_active + http2.idle_timeout)
            elif http2.idle_timeout < 0:
                self._idled(None)
        self._admit()

    @property
    def _closes_on_idle(self) -> bool:
        http2 = self.http2
        leaves = self.state is Conn.LEAVING and http2.closes_on_go_away
        return bool(http2.is_single_use or self._do_not_reuse or leaves)

    def abandon(self, stream: Stream) -> None:
        """Its caller has left (cleanupWriteRequest)."""
        if stream.stream_id:
            self._send(Reset(stream.stream_id, Code.CANCEL))
            self._count_reset(stream)
            self.forget(stream)
            return
        if self._head is stream:
            self._head = None
        else:
            self._queue.remove(stream)
        self._over(stream)
        self._return_reservation()  # Go does so for the head, too, whose own is back already
        self._admit()

    def _count_reset(self, stream: Stream) -> None:
        """Where nothing was read since it began, the server may be dead: it counts until a PING is answered."""
        is_counted = self.http2.counts_resets and not self._closes_on_idle and self._read_before <= stream.stream_id
        if is_counted and not self._reset_pings_blocked:
            if not self._pending_resets:
                self._send(Ping(is_ack=False, checks_health=False))
            self._pending_resets += 1

    def expire(self, request: Request) -> None:
        """The context of a request whose body lies unread."""
        for stream in tuple(self.streams.values()):
            if stream.attempt is not None and stream.attempt.request is request:
                stream.attempt.expire()

    # what is read

    def received(self, frame: Any) -> None:
        """A frame was read."""
        self.t_last_read = self.http2.engine._now
        self._await_frame()
        _TAKE[type(frame)](self, frame)

    def take_message(self, frame: Frame) -> None:
        """HEADERS or DATA; of a stream that was cancelled they are ignored."""
        self._reset_pings_blocked = False
        stream = self._stream(frame.stream_id)
        if stream is not None:
            stream.received(frame.message)

    def take_reset(self, frame: Reset) -> None:
        """RST_STREAM."""
        stream = self._stream(frame.stream_id)
        if stream is not None:
            if frame.code is Code.PROTOCOL_ERROR:
                self._do_not_reuse = True
            self.forget(stream)
            stream.was_reset(frame.code)

    def _stream(self, stream_id: int) -> Stream | None:
        self._read_before = self._next_id
        return self.streams.get(stream_id)

    def take_settings(self, frame: Settings) -> None:
        """A new limit holds for new streams."""
        if frame.max_streams:
            self._max_streams = frame.max_streams
        elif not self._has_settings:
            self._max_streams = DEFAULT_MAX_CONCURRENT_STREAMS
        self._has_settings = True
        self._send(SettingsAck())
        self._admit()

    def take_ping(self, frame: Ping) -> None:
        """The server lives: resets are no longer in doubt."""
        if frame.checks_health:
            self._ping_timer.cancel()
        if self._pending_resets:
            self._pending_resets = 0
            self._reset_pings_blocked = True
            self._admit()

    def take_go_away(self, frame: GoAway) -> None:
        """GOAWAY: out of the pool at once."""
        self._go_away = frame
        self.feed(On.GOAWAY, frame)

    def disown(self, frame: GoAway) -> None:
        """Streams that the server has not touched go elsewhere; the others finish here (processGoAway)."""
        self.pool.mark_dead(self)
        if not self.streams:
            self.feed(On.SPENT)
        for stream_id, stream in tuple(self.streams.items()):
            if stream_id <= frame.last_stream_id:
                continue
            self.forget(stream)
            if stream_id == 1 and frame.code is not Code.NO_ERROR:
                stream.lost(GOT_GOAWAY.format(frame.code.value))
            else:
                stream.go_elsewhere()

    # clocks

    def _await_frame(self) -> None:
        timeout = self.http2.send_ping_timeout
        if timeout:
            self._read_timer.arm(self.http2.engine._now + timeout)

    def _check_health(self, _: Any) -> None:
        """SendPingTimeout: nothing was read for so long (healthCheck)."""
        self._send(Ping(is_ack=False, checks_health=True))
        self._ping_timer.arm(self.http2.engine._now + self.http2.ping_timeout)

    def _ping_expired(self, _: Any) -> None:
        self.feed(On.LOST, CONN_LOST)

    def _idled(self, _: Any) -> None:
        """IdleConnTimeout, from the end of the last stream."""
        self.close_if_idle()

    def close_if_idle(self) -> None:
        """Close, unless it is used or promised."""
        if not self.streams and not self.reserved and self._head is None:
            self._closed_on_idle = self.http2.skips_closed_on_idle
            self.feed(On.EXPIRED)

    # the end

    def peer_closed(self) -> None:
        """The server's FIN."""
        self._read_failed(EOF, UNEXPECTED_EOF)

    def was_reset(self) -> None:
        """The server's RST."""
        self._read_failed(CONNECTION_RESET, CONNECTION_RESET)

    def timed_out(self) -> None:
        """Nothing that was sent was acknowledged (tcp_retries2)."""
        self._read_failed(CONNECTION_TIMED_OUT, CONNECTION_TIMED_OUT)

    def _read_failed(self, read_err: str, err: str) -> None:
        if self.state is not Conn.CLOSED:
            self.t_read_err, self.read_err = self.http2.engine._now, read_err
            self.feed(On.LOST, err if self._go_away is None else SERVER_SENT_GOAWAY)

    def close(self) -> None:
        """Close from this side."""
        now = self.http2.engine._now
        wait = UNUSED_WAIT_TIME
        if self.http2.idle_timeout > 0:
            wait = min(wait, self.http2.idle_timeout)
        if self._was_used or self._closed_on_idle or now - self._last_active >= wait:
            self.pool.mark_dead(self)
        else:
            self.http2.engine.call_at(self._last_active + wait, self.pool.mark_dead, self)
        self._end()

    def lose(self, err: str) -> None:
        """The connection is gone: its streams fail with it, those that wait for a place go elsewhere."""
        self.close()
        streams, self.streams = self.streams, {}
        for stream in streams.values():
            self._over(stream)
            stream.lost(err)
        self._admit()

    def _end(self) -> None:
        for timer in (self._idle_timer, self._read_timer, self._ping_timer):
            timer.cancel()
        self.t_close = self.http2.engine._now
        self.http2.falls("conns")
        self.end.close()
        self.http2.t1.socket_closed(self)

    def _send(self, frame: Any) -> None:
        self.end.send(frame, FRAME_BYTES)


_TAKE: dict[type, Callable[[ClientConn, Any], object]] = {
    Frame: ClientConn.take_message,
    Reset: ClientConn.take_reset,
    Settings: ClientConn.take_settings,
    Ping: ClientConn.take_ping,
    GoAway: ClientConn.take_go_away,
}
