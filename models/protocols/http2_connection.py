"""ClientConn: an HTTP/2 connection of the client: its streams, their limit, SETTINGS, PING, GOAWAY. Not one exchange.

Sources: internal/http2/transport.go, ClientConn: newClientConn, idleStateLocked, awaitOpenSlotForStreamLocked,
forgetStreamID, cleanupWriteRequest, clientConnReadLoop.
"""

from collections.abc import Callable
from typing import Any

from models.backend.flow import Flow, Windows
from models.backend.frame import FRAME_BYTES, Code, Data, Frame, GoAway, Ping, Preface, Reset, Settings, SettingsAck
from models.backend.health import HealthCheck
from models.backend.http2_config import Http2ServerConfig
from models.backend.secure import Alert
from models.protocols.admission import Admission
from models.protocols.conn_table import CONN_TABLE, Conn, On
from models.protocols.pending_resets import PendingResets
from models.protocols.stream import Stream
from models.request import Request
from models.transport.errors import CONNECTION_RESET, CONNECTION_TIMED_OUT, EOF, UNEXPECTED_EOF
from models.transport.http2_errors import (
    CONN_LOST,
    CONN_NOT_ESTABLISHED,
    CONN_UNUSABLE,
    GOT_GOAWAY,
    SERVER_SENT_GOAWAY,
    go_away_details,
)
from sim.engine.machine import Machine
from sim.engine.timers import Timer
from sim.records.rows import ABSENT
from sim.units import SECOND

MAX_STREAM_ID = (1 << 31) - 1
UNUSED_WAIT_TIME = 5 * SECOND
"""A connection that dies so early, before any request, stays in the pool until one has seen the error (cleanup)."""
WINS_NEGATIVE_IDLE_RACE = 1 / 348
"""Share of new connections that are used before a negative IdleConnTimeout closes them: 348 dials for one request."""


class ClientConn(Machine, table=CONN_TABLE):
    """A connection of many streams. It is what the Transport records of a dial that ended in HTTP/2."""

    __slots__ = (
        "_closed_on_idle", "_do_not_reuse", "_health", "_idle_timer", "_last_active", "_next_id", "_resets",
        "_was_used", "admission", "backend", "conn_id", "end", "flow", "go_away_details", "host", "http2", "is_certain",
        "nreq", "peer", "pool", "port", "read_err", "site", "streams", "t_close", "t_connected", "t_dial",
        "t_last_read", "t_read_err", "was_announced",
    )  # fmt: skip

    attempt = None
    """Exchanges are its streams'."""

    def __init__(self, pool: Any, dial: Any) -> None:
        self.state = Conn.OPEN
        self.pool, self.http2, self.host, self.site = pool, pool.http2, pool.host, dial.site
        self.backend, self.conn_id, self.port = dial.site.index, dial.conn_id, dial.port
        self.end = dial.end
        self.end.share(self)
        self.streams: dict[int, Stream] = {}
        self.admission = Admission(self, self.http2.stream_cap)
        self.flow = Flow(self.http2.engine, self.end, Windows())
        """What it may send: what the RFC begins with, until SETTINGS are here."""
        self.is_certain = False
        """Whether answers can be foreseen (docs/adr/0005): not before SETTINGS are here."""
        self.peer: Any = None
        """The server's connection, once its SETTINGS are here."""
        self._next_id = 1
        self._do_not_reuse = self._was_used = self._closed_on_idle = False
        self._resets = PendingResets()
        self.was_announced = True
        """Its first request has had its GetConn hook from the Transport (getConnCalled)."""
        self.go_away_details = ""
        """What the server said when it went away."""
        self._last_active = self.http2.engine._now
        self._idle_timer = Timer(self.http2.engine, self._idled)
        self._health: HealthCheck | None = None
        self.nreq, self.read_err = 0, ""
        self.t_dial, self.t_connected = dial.started_at, dial.t_connected
        self.t_close = self.t_last_read = self.t_read_err = ABSENT
        self.http2.rises("conns")

    def start(self, server: Http2ServerConfig) -> None:
        """Say hello; IdleConnTimeout runs from here, already before the first stream."""
        http2 = self.http2
        self.send_frame(Preface(server, http2.windows))
        if http2.send_ping_timeout:
            self._health = HealthCheck(http2.engine, self.send_frame, self._ping_lost)
            self._health.start(http2.send_ping_timeout, http2.ping_timeout)
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
        http2, admission, next_id = self.http2, self.admission, self._next_id
        if http2.is_single_use and next_id > 1:
            return False
        if self.state is Conn.CLOSED:
            # never used: somebody has to see the error
            is_unused = next_id == 1 and not admission.reserved
            return http2.surfaces_early_losses and is_unused and not self._closed_on_idle
        if self.state is Conn.LEAVING or self._do_not_reuse or next_id + 2 * admission.n_waiting >= MAX_STREAM_ID:
            return False
        n_current = len(self.streams) + admission.reserved + self._resets.n  # as below
        return http2.is_strict or n_current < admission.max_streams

    @property
    def request(self) -> Request | None:
        """The last request that still waits for its answer, if any."""
        stream = next(reversed(self.streams.values()), None)
        return None if stream is None else stream.request

    @property
    def is_closed(self) -> bool:
        """Whether this side has closed it."""
        return self.state is Conn.CLOSED

    @property
    def n_current(self) -> int:
        """What counts against the limit (currentRequestCountLocked)."""
        return len(self.streams) + self.admission.reserved + self._resets.n

    def carry(self, request: Request, handle: Any, retry: int) -> None:
        """GotConn: a stream, as soon as there is a place."""
        now, was_used, admission = self.http2.engine._now, self._was_used, self.admission
        self._was_used = True
        request.t_gotconn = now
        request.attempts += 1
        request.reused = was_used
        if was_used and not self.streams:
            request.was_idle, request.idle_time = True, now - self._last_active
        else:
            request.was_idle, request.idle_time = False, ABSENT
        request.t_wrote = request.t_first = request.t_headers = ABSENT
        self.nreq += 1
        stream = Stream(self, request, handle, retry)
        request.conn = stream
        if request.trace is not None:
            request.trace.got_conn(self)
        if (
            not admission.n_waiting
            and self.state is Conn.OPEN
            and (not self.http2.is_strict or self.n_current < admission.max_streams)
        ):  # as `enter` does with all others, and the pool has seen the place
            self._idle_timer.cancel()
            self._last_active = now
            self.open(stream)
        else:
            admission.enter(stream)

    def stop_idling(self) -> None:
        """Somebody is about to use it."""
        self._idle_timer.cancel()
        self._last_active = self.http2.engine._now

    def refuse(self, stream: Stream) -> None:
        """A request gets no place here, and never will."""
        self._over(stream)
        if self.state is Conn.CLOSED and self._next_id == 1 and not self.admission.reserved:
            self.pool.mark_dead(self)
            stream.lost(CONN_NOT_ESTABLISHED)
        else:
            self.pool.failed(stream, CONN_UNUSABLE, was_touched=False)

    def open(self, stream: Stream) -> None:
        """There is a place."""
        stream_id = self._next_id
        self._next_id += 2
        self.streams[stream_id] = stream
        if stream.wants_close:
            self._do_not_reuse = True
        stream.start(stream_id)

    # ends of streams

    def _over(self, stream: Stream) -> None:
        stream.is_over = True
        self.http2.falls("streams")

    def forget(self, stream: Stream) -> None:
        """A stream is done on both sides (forgetStreamID)."""
        self._over(stream)
        self.complete(stream, self.http2.engine._now)

    def complete(self, stream: Stream, now: int) -> None:
        """The same of one that is no longer counted."""
        del self.streams[stream.stream_id]
        if stream.has_flow:
            self.flow.drop(stream.stream_id)
        self._last_active = now
        if not self.streams:
            self._rest()
        if self.admission.n_waiting:
            self.admission.go_on()

    def _rest(self) -> None:
        """The last stream is over."""
        http2 = self.http2
        if self._closes_on_idle and not self.admission.reserved:
            self.feed(On.SPENT)
        elif http2.idle_timeout > 0:
            self._idle_timer.arm(self._last_active + http2.idle_timeout)
        elif http2.idle_timeout < 0:
            self._idled(None)

    @property
    def _closes_on_idle(self) -> bool:
        leaves = self.state is Conn.LEAVING and self.http2.closes_on_go_away
        return bool(self.http2.is_single_use or self._do_not_reuse or leaves)

    def abandon(self, stream: Stream) -> None:
        """Its caller has left (cleanupWriteRequest)."""
        if stream.stream_id:
            if self.is_certain:
                self.unforesee()
            self.send_frame(Reset(stream.stream_id, Code.CANCEL))
            # where nothing was read since it began, the server may be dead; not if the connection ends soon anyway
            if self.http2.counts_resets and not self._closes_on_idle and self._resets.add(stream.stream_id):
                self.send_frame(Ping(is_ack=False, checks_health=False))
            self.forget(stream)
            return
        self.admission.leave(stream)
        self._over(stream)
        self.admission.go_on()

    def give_back(self, stream: Stream) -> None:
        """What was unread of a stream that is over has been thrown away: WINDOW_UPDATE of the connection."""
        if self.peer is not None:
            self.http2.engine.call_in(self.end.link.half_rtt, self.peer.flow.release, stream.stream_id)

    def unforesee(self) -> None:
        """From now on step by step: what runs at the server has to be counted there (scheduleHandler)."""
        self.is_certain = False
        for stream in self.streams.values():
            if stream.served_at != ABSENT:
                self.peer.runs(stream, stream.served_at, stream.answered_at)

    # what is read

    def received(self, frame: Any) -> None:
        """A frame was read."""
        self.t_last_read = self.http2.engine._now
        if self._health is not None:
            self._health.frame_read()
        if type(frame) is Frame:  # HEADERS or DATA; of a stream that was cancelled they are ignored
            self._resets.message_read(self._next_id)
            stream = self.streams.get(frame.stream_id)
            if stream is not None:
                stream.received(frame.message)
        else:
            _TAKE[type(frame)](self, frame)

    def reads_answer(self) -> None:
        """An answer that was foreseen is here."""
        self.t_last_read = self.http2.engine._now
        self._resets.message_read(self._next_id)

    def take_data(self, _: Data) -> None:
        """A part of a body, whose last part will say so."""
        self._resets.message_read(self._next_id)

    def take_reset(self, frame: Reset) -> None:
        """RST_STREAM."""
        self._resets.frame_read(self._next_id)
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            if frame.code is Code.PROTOCOL_ERROR:
                self._do_not_reuse = True
            self.forget(stream)
            stream.was_reset(frame.code)

    def take_settings(self, frame: Settings) -> None:
        """A new limit holds for new streams."""
        self.send_frame(SettingsAck())
        if frame.windows is not None:
            self.flow.announce(frame.windows)
            self.peer = frame.by
            self.is_certain = frame.by.is_certain and self.site.is_certain and self._health is None
        self.admission.announce(frame.max_streams)

    def take_ping(self, frame: Ping) -> None:
        """An answer: the server lives, resets are no longer in doubt. Or a question."""
        if not frame.is_ack:
            self.send_frame(Ping(is_ack=True, announces_end=frame.announces_end))
            return
        if frame.checks_health and self._health is not None:
            self._health.answered()
        if self._resets.ping_answered():
            self.admission.go_on()

    def take_go_away(self, frame: GoAway) -> None:
        """GOAWAY: out of the pool at once."""
        self.go_away_details = go_away_details(frame.last_stream_id, frame.code.value)
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

    def _ping_lost(self) -> None:
        """PingTimeout."""
        self.feed(On.LOST, CONN_LOST)

    def _idled(self, _: Any) -> None:
        """IdleConnTimeout, from the end of the last stream."""
        self.close_if_idle()

    def close_if_idle(self) -> None:
        """Close, unless it is used or promised."""
        if not self.streams and not self.admission.reserved:
            self._closed_on_idle = self.http2.skips_closed_on_idle
            self.feed(On.EXPIRED)

    def retire(self) -> None:
        """No new requests: close when the last of its streams is over."""
        self._do_not_reuse = True
        self.close_if_idle()

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
            self.feed(On.LOST, SERVER_SENT_GOAWAY if self.go_away_details else err)

    def close(self) -> None:
        """Close from this side."""
        now = self.http2.engine._now
        idle = self.http2.idle_timeout
        wait = min(UNUSED_WAIT_TIME, idle) if idle > 0 else UNUSED_WAIT_TIME
        is_kept = self.http2.surfaces_early_losses and not self._closed_on_idle
        if self._was_used or not is_kept or now - self._last_active >= wait:
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
        self.admission.go_on()

    def _end(self) -> None:
        self._idle_timer.cancel()
        if self._health is not None:
            self._health.stop()
        self.t_close = self.http2.engine._now
        self.flow.stop()
        self.http2.falls("conns")
        self.end.close()
        self.http2.t1.socket_closed(self)

    def send_frame(self, frame: Any) -> None:
        """Send what is no message."""
        self.end.send(frame, FRAME_BYTES)


_TAKE: dict[type, Callable[[ClientConn, Any], object]] = {
    Data: ClientConn.take_data,
    Reset: ClientConn.take_reset,
    Settings: ClientConn.take_settings,
    Ping: ClientConn.take_ping,
    GoAway: ClientConn.take_go_away,
    Alert: lambda conn, alert: conn._read_failed(alert.err, alert.err),
}
