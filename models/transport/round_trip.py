"""Transport: a client's way from Do to the end of the body: getConn, exchange, time-outs, retries.

Sources: net/http/transport.go, roundTrip, getConn, dialConnFor, shouldRetryRequest;
net/http/client.go, setRequestCancel.
"""

from collections.abc import Callable, Collection
from typing import Any

from models.kernel.connect import Connect
from models.kernel.host import ClientKernel
from models.kernel.keep_alive import KeepAlive
from models.request import Read, Request
from models.transport import errors
from models.transport.bodies import Bodies
from models.transport.config import ClientConfig, minor
from models.transport.connection import PersistConn, give_up
from models.transport.deadline import Deadlines, HeaderWait
from models.transport.dial import Dial
from models.transport.dialer import Dialer
from models.transport.hooks import Watch
from models.transport.keep_alive import keep_alive
from models.transport.lateness import Lateness
from models.transport.log import Log
from models.transport.phase import CONNECTING, OVER, PHASE_LEVELS, RESOLVING, Phase
from models.transport.pool import HostPool, Pool
from models.transport.retry import should_retry
from models.transport.site import Site
from models.transport.wake import wake_order
from models.transport.want import Want
from sim.records.levels import Levels
from sim.records.rows import ABSENT
from sim.records.trace import Trace


class Transport:
    """One instance of a client: its http.Client, its Transport, its host."""

    __slots__ = (
        "_changes", "_detaches_dials", "_dial_deadlines", "_dials", "_draw_race", "_goes_on", "_has_timeout",
        "_header_deadlines", "_inflight_down", "_inflight_up", "_next_conn_id", "_notes_activity", "_open",
        "_open_down", "_open_up", "_opened", "_pending", "_phase_codes", "awaits_headers", "bodies", "config", "cpu",
        "deadlines", "dial_context", "dialer", "drains_bodies", "draw_wake", "engine", "http2", "http3", "kernel",
        "lateness", "log", "new_conn", "overhead", "pool", "sites", "watch",
    )  # fmt: skip

    def __init__(
        self, config: ClientConfig, kernel: ClientKernel, trace: Trace, *, name: str, draw_race: Callable[[], float]
    ) -> None:
        engine = kernel.engine
        self.engine, self.config, self.kernel, self.cpu = engine, config, kernel, kernel.cpu
        self.overhead = config.overhead
        """CPU time between getting a connection and writing."""
        self.new_conn: Callable[[Any, Dial], PersistConn] = PersistConn
        """Makes of a dial a connection of HTTP/1."""
        self.log = Log(trace, name)
        self._changes = trace.levels.changes
        self.pool = Pool(engine, trace.levels, config.transport, self.start_dial)
        self.sites: list[Site] = []
        self._detaches_dials = minor(config.go_version) >= 23
        self.drains_bodies = minor(config.go_version) >= 27
        self._draw_race, self._next_conn_id = draw_race, 0
        self.dialer = Dialer(engine, trace.levels, config)
        self._dial_deadlines = self.dialer.deadlines
        self._dials: dict[Dial, None] = {}
        self._open: dict[Any, None] = {}
        self._pending: dict[Request, None] = {}
        self._code(trace.levels)
        self.bodies = Bodies(engine, trace.levels)
        self.dial_context: Callable[[Dial], object] | None = None
        """Transport.DialContext, where it is not the Dialer's own: called with the dial, it ends in `begin_dial`."""
        self.lateness = Lateness(engine, config.cold_dial)
        self._notes_activity = self.lateness.delays_dials
        self.draw_wake: Callable[[], float] = float
        """Orders the goroutines that an instant wakes."""
        self.watch: Watch | None = None
        self.http2: Any = None
        """Its http2.Transport, where it speaks HTTP/2 with anybody."""
        self.http3: Any = None
        """The http3.Transport in front of it, where there is one."""
        deadlines = self.deadlines = Deadlines(engine, config, self._leave)
        self._has_timeout, self._header_deadlines = deadlines.has_client_timeout, deadlines.headers
        self.awaits_headers = deadlines.headers is not None

    def _code(self, level: Levels) -> None:
        """The codes of what it changes."""
        phases = self._phase_codes = tuple((level.rise(name), level.fall(name)) for name in PHASE_LEVELS)
        self._open_up, self._open_down = level.rise("open_conns"), level.fall("open_conns")
        self._goes_on = level.bundle((0, phases[RESOLVING][1]), (0, phases[CONNECTING][0]))
        self._opened = tuple(level.bundle((0, leaves), (0, self._open_up)) for _, leaves in phases)
        self._inflight_up, self._inflight_down = level.rise("inflight"), level.fall("inflight")

    @property
    def dials(self) -> Collection[Dial]:
        """The dials that are running."""
        return self._dials

    @property
    def pending(self) -> Collection[Request]:
        """The requests whose callers wait or read."""
        return self._pending

    @property
    def connections(self) -> Collection[Any]:
        """The connections that the client has not closed."""
        return self._open

    def do(self, request: Request) -> None:
        """http.Client.Do."""
        self._changes.append(self.engine._now << 12 | self._inflight_up)
        self._pending[request] = None
        if self._has_timeout or request.exchange.deadline:
            self.deadlines.watch(request)
        host: HostPool = request.host
        if host.http2 is not None:
            host.http2.round_trip(request)
            return
        if request.trace is not None:
            request.trace.get_conn()
        conn = self.pool.take_idle(host)
        if conn is not None:  # as in get_conn; written out, since it is what most requests find
            conn.carry(request, was_idle=True)
        else:
            self.wait(request)
        if self._notes_activity:
            self.lateness.active_at = self.engine._now

    def get_conn(self, request: Request) -> None:
        """GetConn of HTTP/1: an idle connection, or wait for one."""
        if request.trace is not None:
            request.trace.get_conn()
        conn = self.pool.take_idle(request.host)
        if conn is not None:
            conn.carry(request, was_idle=True)
        else:
            self.wait(request)

    def wait(self, request: Request) -> None:
        """Nothing is idle: wait for a connection, and dial."""
        want = request.want = Want(request)
        self.pool.wait(want)

    def got(self, request: Request) -> None:
        """A connection carries `request` now: ResponseHeaderTimeout runs from the end of its writing."""
        if self._header_deadlines is not None:
            self._header_deadlines.push(HeaderWait(request))

    def wrote(self, request: Request) -> None:
        """A request was written that did not go out whole: ResponseHeaderTimeout runs from here."""
        if self.deadlines.headers_after_body is not None:
            self.deadlines.headers_after_body.push(HeaderWait(request))

    # dials

    def start_dial(self, want: Want) -> None:
        """A dial for somebody who waits."""
        dial = want.dial = Dial(self, want, self.next_conn_id())
        self._dials[dial] = None
        if self.dial_context is not None:
            self.dial_context(dial)
            return
        lag = want.request.dial_lag + (self.lateness.of_dial() if self._notes_activity else 0)
        if lag:
            dial.hold(lag)
            return
        if self._dial_deadlines is not None:  # as in begin_dial
            self._dial_deadlines.push(dial)
        dial.start()

    def next_conn_id(self) -> int:
        """The number of the next dial."""
        self._next_conn_id += 1
        return self._next_conn_id - 1

    def begin_dial(self, dial: Dial) -> None:
        """net.Dialer.DialContext: Dialer.Timeout runs from here."""
        if self._dial_deadlines is not None:
            self._dial_deadlines.push(dial)
        dial.start()

    def connect_to(self, backend: int, on_done: Callable[[Connect], object]) -> Connect:
        """A connect() to `backend`, not yet started."""
        site = self.sites[backend]
        return Connect(self.kernel, site.host, site.link, on_done)

    @property
    def keep_alive(self) -> KeepAlive | None:
        """What its Dialer sets on each socket."""
        config = self.config
        return keep_alive(config.dialer.keep_alive, minor(config.go_version), config.kernel.tcp_keepalive_probes)

    def dial_enters(self, phase: Phase) -> None:
        """A dial goroutine is in `phase`."""
        self._changes.append(self.engine._now << 12 | self._phase_codes[phase][0])

    def dial_leaves(self, phase: Phase) -> None:
        """A dial goroutine leaves `phase`."""
        self._changes.append(self.engine._now << 12 | self._phase_codes[phase][1])

    def dial_connects(self) -> None:
        """A dial goroutine has its addresses: it leaves the one phase for the next."""
        self._changes.append(self.engine._now << 12 | self._goes_on)

    def dialed(self, dial: Dial) -> None:
        """A dial succeeded: its own request takes it, or somebody who waits, or the idle list, or nobody."""
        del self._dials[dial]
        want = dial.want
        want.dial = None
        host: HostPool = want.request.host
        if host.http2 is not None:
            host.http2.dialed(dial)
            return
        self.dialed_http1(dial)

    def dialed_http1(self, dial: Dial) -> None:
        """The same, of one that ended in HTTP/1."""
        want = dial.want
        conn = self.new_conn(self, dial)
        self.opened(dial, conn)
        if self._notes_activity:
            self.lateness.active_at = self.engine._now
        if not want.done:
            self.pool.leave(want)
            conn.carry(want.request, was_idle=False)
        elif self.pool.put_idle(conn):
            conn.close()

    def opened(self, dial: Dial, conn: Any) -> None:
        """A dial has become a connection."""
        now = self.engine._now << 12
        self._changes.append(now | self._opened[dial.phase])
        dial.phase = OVER
        self._changes.append(now | dial.aimed_at().rise)
        self._open[conn] = None
        if self.watch is not None:
            self.watch.dialed(dial, conn)

    def opened_over_udp(self, conn: Any) -> None:
        """A connection that has no socket of its own: it counts, and has its row."""
        self._changes.append(self.engine._now << 12 | self._open_up)
        self._open[conn] = None

    def closed_over_udp(self, conn: Any) -> None:
        """It is gone."""
        self._changes.append(self.engine._now << 12 | self._open_down)
        del self._open[conn]
        self.log.connection(conn)

    def dial_failed(self, dial: Dial, err: str) -> None:
        """Only its own request notices, and the slot."""
        del self._dials[dial]
        want = dial.want
        want.dial = None
        self.log.dial(dial, err)
        if self.watch is not None:
            self.watch.dial_failed(dial, err)
        if not want.done:
            if want.request.trace is not None:
                want.request.trace.dial_failed(dial, err)
            self.pool.leave(want)
            self.finish(want.request, 0, err)
        self.pool.release_slot(want.request.host)
        if want.on_failed is not None:
            want.on_failed(dial, err)

    def drop(self, end: Any) -> None:
        """Close a socket that never became a connection of the pool."""
        end.close()
        self.kernel.files.close()

    # connections

    def client_closes_first(self) -> bool:
        """Who wins the race after Connection: close."""
        return bool(self._draw_race() < self.config.close_race)

    def conn_closed(self, conn: PersistConn) -> None:
        """Free what a connection held, its slot, too, and write its row."""
        self.socket_closed(conn)
        if self.pool.max_conns > 0:
            self.pool.release_slot(conn.host)

    def socket_closed(self, conn: Any) -> None:
        """The same, of a connection that has no slot of its own."""
        site: Site = conn.site
        host: HostPool = conn.host
        self.kernel.files.close()
        now = self.engine._now << 12
        self._changes.append(now | self._open_down)
        self._changes.append(now | site.fall)
        if host.on_closed is not None:
            host.on_closed(conn.backend)
        del self._open[conn]
        if host.is_secure:
            self.dialer.tally.carried[conn.backend] += conn.nreq
        self.log.connection(conn)
        if self.watch is not None:
            self.watch.conn_closed(conn)

    def lost(self, request: Request, err: str, *, reused: bool, unsent: bool) -> None:
        """The connection went before the answer began: once more, or the error (shouldRetryRequest)."""
        if should_retry(request.exchange, err, reused=reused, unsent=unsent):
            request.t_first = ABSENT
            if not self.lateness.delays_reads:
                self.get_conn(request)
            else:  # behind the readLoops that were woken with it
                self.engine.call_in(0, self._try_again, request)
        else:
            self.finish(request, 0, err)

    def _try_again(self, request: Request) -> None:
        if not request.done:
            self.get_conn(request)

    # ends of requests

    def finish(self, request: Request, status: int, err: str) -> None:
        """The caller is done with `request`: record it and tell the workload."""
        now = self.engine._now
        request.done = True
        del self._pending[request]
        self._changes.append(now << 12 | self._inflight_down)
        self.log.request(request, now, status, err)
        if self._notes_activity:
            self.lateness.active_at = now
        want: Want | None = None if self._detaches_dials else request.want
        if want is not None and want.dial is not None:
            want.dial.end_with(request, self.deadlines)
        if request.trace is not None:
            request.trace.done(request, err)
        host: HostPool = request.host
        if host.member is not None:
            host.member.ended(request, status, err)
        request.want = request.conn = None
        if request.on_done is not None:
            request.status, request.err = status, err
            request.on_done(request)

    def refuse(self, request: Request, status: int, err: str) -> None:
        """The caller's own protection answers: `request` never comes to Do, and its backend was not asked."""
        request.done, request.status, request.err = True, status, err
        self.log.refused(request, self.engine._now, status, err)
        if request.host.member is not None:
            request.host.member.ended(request, 0, errors.CANCELED)

    def cancel(self, request: Request, err: str) -> None:
        """The request's context ends, perhaps after the request: up to Go 1.22 its surplus dial ends with it."""
        for dial in tuple(self._dials) if not self._detaches_dials else ():
            if dial.want.request is request and dial.want.done:
                dial.cancel()
        if not request.done:
            self._leave(request, err)
        elif request.exchange.read is Read.NONE:
            for each in (self.http2, self.http3):
                if each is not None:
                    each.expire(request)
            for conn in tuple(self._open):
                if conn.attempt is not None and conn.attempt.request is request:
                    conn.attempt.expire()

    def _leave(self, request: Request, err: str) -> None:
        want, status = request.want, 0
        if request.has_headers(self.engine._now):
            status = request.status
            if request.conn.attempt is None and request.t_first < self.engine._now:
                self.bodies.was_read(request.t_first)
        if want is not None and not want.done:
            self.pool.leave(want)
            if not self._detaches_dials and want.dial is not None:
                want.dial.cancel()
        else:
            give_up(request)
        self.finish(request, status, err)

    def cancel_all(self) -> None:
        """Every caller gives up."""
        for request in wake_order(self._pending, self.draw_wake):
            self._leave(request, errors.CUT_OFF)

    def close_idle_connections(self) -> None:
        """http.Transport.CloseIdleConnections; since Go 1.23 it ends the running dials that nobody waits for, too."""
        self.pool.close_idle()
        if self._detaches_dials:
            for dial in tuple(self._dials):
                if dial.want.done:
                    dial.cancel()
        for each in (self.http2, self.http3):
            if each is not None:
                each.close_idle()

    def cut_off(self) -> None:
        """The run ends: write what is still open, as pending."""
        for request in self._pending:
            if request.has_headers(self.engine._now) and request.conn.attempt is None:
                self.bodies.is_read(request.t_first)
            self.log.request(request, self.engine._now, 0, errors.CUT_OFF)
        for conn in self._open:
            self.log.connection(conn)
        for dial in self._dials:
            self.log.dial(dial, errors.CUT_OFF)
