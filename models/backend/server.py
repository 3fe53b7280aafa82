"""Server: one backend as a program: it accepts, serves with its workers and closes. Not its kernel, not its faults."""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.backend.age import Age
from models.backend.config import ServiceConfig
from models.backend.connection import ServerConnection
from models.backend.cpu import Cpu
from models.backend.footprint import Tally
from models.backend.frame import Preface
from models.backend.handler import Handler
from models.backend.http2 import Http2Connection
from models.backend.message import HEADER_BYTES, Answer, Head
from models.backend.pace import Pace
from models.backend.secure import SecureStart
from models.backend.timeouts import Timeouts
from models.backend.usual_reply import usual_reply
from models.certificates.holder import Holder
from models.programs.program import Program
from models.reply import PLAIN, Act, Framing, Reply
from models.request import NEVER_ANSWERS, ONE_FLIGHT_BYTES, Request
from models.status import OK, SERVICE_UNAVAILABLE
from sim.engine.agenda import Agenda
from sim.engine.timers import NEVER
from sim.records.levels import Levels
from sim.records.rows import ABSENT
from sim.units import US

CLOSE_DELAY = 150 * US
"""From the write of an answer with Connection: close to the FIN (net/http/server.go, conn.serve): on short paths the
client's FIN comes first in a part of the cases, and its end alone keeps TIME_WAIT (recording E02-tw0-dka)."""


class Server:
    """A backend's program. Requests wait first in, first out for one of its workers."""

    __slots__ = (
        "_busy", "_deferred", "_lives", "_panics", "_plan", "_stops", "_tls_cpu", "_waiting", "_workers", "age",
        "changes", "closes", "config", "connections", "engine", "fall_connections", "fall_handlers", "fall_http2",
        "foresees", "hijacked", "holder", "index", "is_mid_accept", "is_paused", "negotiates", "on_accepting",
        "on_life", "on_stop", "overhead", "pace", "program", "response_bytes", "rise_connections", "rise_handlers",
        "rise_http2", "screens_stream", "tally", "timeouts", "unanswered_share",
    )  # fmt: skip

    def __init__(self, engine: Agenda, config: ServiceConfig, levels: Levels, index: int) -> None:
        self.engine, self.index = engine, index
        self.changes = levels.changes
        self.rise_handlers, self.fall_handlers = levels.rise("srv_handlers"), levels.fall("srv_handlers")
        self.rise_connections, self.fall_connections = levels.rise("srv_connections"), levels.fall("srv_connections")
        self.rise_http2, self.fall_http2 = levels.rise("srv_h2_conns"), levels.fall("srv_h2_conns")
        self.tally: Tally | None = None
        """Where connections that are not of TCP or have left HTTP are counted besides."""
        self.connections: dict[ServerConnection | Http2Connection, None] = {}
        self.hijacked: dict[Any, None] = {}
        """Connections that have left HTTP (`hijack`): they end with the program."""
        self.is_paused = self.is_mid_accept = False
        self._stops = self._busy = self._lives = 0
        self.program: Program | None = None
        """What decides how long a request takes, where that is more than its service time."""
        self.unanswered_share = 0.0
        """Share of requests that come now and are never answered (a fault)."""
        self.pace: Pace | None = None
        """What changes service times here; None where nothing does."""
        self._deferred: list[tuple[Callable[[Any], object], Any]] = []
        self._waiting: deque[tuple[int, Any]] = deque()
        self.configure(config)
        self.negotiates = config.scheme == "https"
        """Whether something comes before the first request: TLS; at a proxy, CONNECT."""
        self._tls_cpu = Cpu(config.tls.cpus) if config.tls.cpus else None
        self.holder: Holder | None = None
        """What it shows and judges in handshakes; None where no certificate's time matters."""
        self.screens_stream: Callable[[Http2Connection, int], bool] | None = None
        """A rogue's: asked with each new stream of HTTP/2 whether it is served."""
        self.on_accepting: Callable[[], object] = lambda: None
        """Called when a pause ends, so that the kernel hands over who waits."""
        self.on_life: Callable[[bool], object] = lambda _: None
        """Told that the program is there, or that it has ended."""
        self.on_stop: Callable[[], object] = lambda: None
        """Called when a pause begins."""

    def configure(self, config: ServiceConfig) -> None:
        """Be a program that is configured so: at its start, before there is a connection."""
        self.config = config
        self.response_bytes = config.response_size + HEADER_BYTES
        self._workers = config.workers or NEVER
        self.overhead, self.closes = config.overhead, config.disable_keep_alives
        self.timeouts = Timeouts(self.engine, config)
        self.age = Age(self.engine, config) if config.max_connection_age else None
        self._plan = usual_reply(config)
        self._panics = Reply(act=Act.CUT if config.response_pause else Act.EOF, pause=config.response_pause)
        bounded = config.workers or config.honours_cancel or config.disable_keep_alives or config.panics
        timed = config.idle_timeout or config.read_timeout or config.read_header_timeout or config.write_timeout
        one_flight = self.response_bytes <= ONE_FLIGHT_BYTES and self._plan is None
        self.foresees = one_flight and not bounded and not timed and self.age is None and config.program is None
        self.foresees &= config.tls.client_auth == "none"  # a rejected client finds out by its first request
        """Whether its answers are certain when a request is sent, as long as nothing happens to it."""

    @property
    def busy(self) -> int:
        """Requests that its workers are at."""
        return self._busy

    @property
    def waiting(self) -> int:
        """Requests that wait for a worker."""
        return len(self._waiting)

    def foresee(self, request: Request, arrives_at: int, half_rtt: int) -> None:
        """As if `request` were received at `arrives_at`, by a server whose every step is certain (`foresees`).

        Nothing can come between sending and answer but the client's own leaving, so the steps between are recorded now
        with their instants; `t_first` says when the answer is there, ABSENT that it never is.
        """
        request.srv_q, request.started_at = 0, arrives_at
        self.changes.append(arrives_at << 12 | self.rise_handlers)
        if request.service_time < NEVER_ANSWERS:
            answered_at = arrives_at + request.service_time + self.overhead
            self.changes.append(answered_at << 12 | self.fall_handlers)
            request.t_first = answered_at + half_rtt

    @property
    def ticket_key(self) -> tuple[int, int]:
        """With what it writes and reads session tickets: by default a key of this program's life (crypto/tls)."""
        return (ABSENT, ABSENT) if self.config.tls.shared_tickets else (self.index, self._lives)

    @property
    def life(self) -> int:
        """How often its program has ended."""
        return self._lives

    def take_tls_cpu(self, cost: int) -> int:
        """The instant at which so much work for a handshake is done."""
        now = self.engine._now
        return now + cost if self._tls_cpu is None else self._tls_cpu.take(now, cost)

    def level(self, code: int) -> None:
        """Record a change of one of this server's levels."""
        self.changes.append(self.engine._now << 12 | code)

    def accept(self, end: Any) -> None:
        """Take a new connection."""
        self._start_clock(self._take(end, self.engine._now))

    def accept_at(self, end: Any, instant: int) -> None:
        """Take a connection that is certain to be accepted at `instant`: its clock, if there is one, runs from then."""
        conn = self._take(end, instant)
        if self.timeouts.run_from_accept:
            conn.idle_since = instant
            self.engine.call_at(instant, self._start_clock, conn)

    def _take(self, end: Any, instant: int) -> ServerConnection:
        conn = ServerConnection(self, end)
        if self.age is not None:
            self.age.begins(conn, instant)
        self.connections[conn] = None
        self.level(self.rise_connections)
        if self.negotiates:
            SecureStart(conn)
        return conn

    def _start_clock(self, conn: ServerConnection) -> None:
        if self.negotiates:
            self.timeouts.shakes_hands(conn)
        else:
            self.timeouts.accepted(conn)

    def speak_http2(self, conn: ServerConnection, preface: Preface) -> None:
        """ALPN chose h2: the connection goes on as one of streams (http2.Server.ServeConn)."""
        if not conn.is_open:
            return
        del self.connections[conn]
        conn.is_open = False
        http2 = conn.successor = Http2Connection(self, conn.end, preface)
        self.connections[http2] = None
        conn.end.share(http2)
        self.level(self.rise_http2)
        if self.age is not None:
            self.age.goes_on(conn, http2)
        http2.greet()

    def forget(self, conn: ServerConnection | Http2Connection) -> None:
        """A connection is gone."""
        self.connections.pop(conn, None)
        self.level(self.fall_connections)

    def forget_http2(self, conn: Http2Connection) -> None:
        """A connection of streams is gone."""
        self.forget(conn)
        self.level(self.fall_http2)

    def serve(self, conn: Any, request: Request) -> None:
        """Give `request` a worker, a place in the queue, or 503."""
        now = self.engine._now
        self.changes.append(now << 12 | self.rise_handlers)
        request.started_at = now
        if self._busy < self._workers:
            self._busy += 1
            request.srv_q = 0
            self._start(conn, request)
        elif self.config.queue and len(self._waiting) >= self.config.queue:
            self.level(self.fall_handlers)
            self.reply(conn, request, SERVICE_UNAVAILABLE)
        else:
            self._waiting.append((now, conn))
            if self.program is not None:
                self.program.queued(len(self._waiting))

    def _start(self, conn: Any, request: Request) -> None:
        if self.pace is not None:  # Simplified: a request that is sent again keeps what the last backend made of it
            request.service_time = self.pace.service_time(request.service_time)
        plan = self.plan_of(request)
        if self.program is not None:
            self._begin(conn, request, plan)
        elif plan is not None:
            Handler(self, conn, request, plan).go_on()
        elif request.service_time < NEVER_ANSWERS:
            self.engine.call_in(request.service_time + self.overhead, self._finish, conn)

    def _begin(self, conn: Any, request: Request, plan: Reply | None) -> None:
        assert self.program is not None, "who calls has looked"
        self.program.busy(1)
        self.program.queued(len(self._waiting))
        if plan is not None:
            Handler(self, conn, request, plan).go_on()
        elif request.service_time < NEVER_ANSWERS:
            self.program.begin(conn, request, self._worked)

    def _worked(self, conn: Any, status: int) -> None:
        """The program is done with the request of a connection."""
        request = conn.request
        self.leave_handler(request, status)
        self.reply(conn, request, status)

    def plan_of(self, request: Request) -> Reply | None:
        """How `request` is answered, step by step; None where its answer goes out whole."""
        exchange, panics = request.exchange, self.config.panics
        if request.fate_draw < panics + self.unanswered_share:
            if request.fate_draw < panics:
                return self._panics
            request.service_time = NEVER_ANSWERS
        return exchange.reply or self._plan or (None if exchange.is_whole else PLAIN)

    def _finish(self, conn: Any) -> None:
        if self.is_paused:
            self.later(self._finish, conn)
            return
        request = conn.request
        if request is None:  # its handler was cancelled
            return
        self.leave_handler(request, OK)
        self.reply(conn, request, OK)

    def leave_handler(self, request: Request, status: int) -> None:
        """The handler of `request` returns, with what it answers: its worker goes on with who waits."""
        if self.program is not None:
            self.program.busy(-1)
        if self._waiting:
            self._release()
        else:
            self._busy -= 1
        self.changes.append(self.engine._now << 12 | self.fall_handlers)

    def _release(self) -> None:
        waiting = self._waiting
        while waiting:
            _, conn = waiting.popleft()
            if conn.request is not None:
                conn.request.srv_q = self.engine._now - conn.request.started_at
                self._start(conn, conn.request)
                return
        self._busy -= 1

    def reply(self, conn: Any, request: Request, status: int) -> None:
        """Answer, unless the client is known to be gone, and close where the connection ends with it."""
        conn.request = None
        if conn.is_stream:
            conn.answer(request, status)
            return
        now = self.engine._now
        if not conn.is_open:
            return
        timeout = self.config.write_timeout
        if timeout and now > conn.headers_at + timeout:  # the write fails, whatever the handler did (conn.serve)
            conn.close()
            return
        closes = self.closes or request.exchange.wants_close or now >= conn.expires_at
        if request.exchange.is_whole:
            answer = Answer(request, status, self.config.response_size, closes=closes)
            arrives_at = conn.end.send(answer, self.response_bytes)
            link = conn.end.link
            if link.is_whole:
                request.t_first = now + link.half_rtt
            else:  # the first flight; Simplified: as long before the last as it would be at the mean round trip
                request.t_first = max(arrives_at - (link.rounds(self.response_bytes) - 1) * link.rtt, now)
            request.status = status
        else:
            conn.write_parts(Head(request, status, self.config.response_size, Framing.LENGTH, closes=closes))
        conn.idle_since = now
        if conn.peer_is_gone:
            conn.close()
        elif closes:
            self.close_soon(conn)
        else:
            self.answered(conn)

    def close_soon(self, conn: Any) -> None:
        """Close after an answer that says so; the client, who closes as well, may be first."""
        self.engine.call_in(CLOSE_DELAY, _close, conn)

    def answered(self, conn: Any) -> None:
        """The connection is idle."""
        self.timeouts.answered(conn)

    def cancel(self, conn: Any) -> None:
        """The client of a running handler is gone and the handler honours that: it returns, which writes an answer.

        Whoever sent a FIN answers that with RST, so that neither side keeps TIME_WAIT (recording E15-honour).
        """
        request = conn.request
        if request is None:
            return
        conn.request = None
        self.level(self.fall_handlers)
        waits = (request.started_at, conn)
        if waits in self._waiting:
            self._waiting.remove(waits)
            if self.program is not None:
                self.program.queued(len(self._waiting))
        else:
            if self.program is not None:
                self.program.abandon(conn)
                self.program.busy(-1)
            self._release()
        self.reply(conn, request, OK)

    def later(self, fn: Callable[[Any], object], arg: Any) -> None:
        """Keep a step for the end of the pause."""
        self._deferred.append((fn, arg))

    def pause(self, *, mid_accept: bool = False) -> None:
        """Stop reading, writing and accepting (SIGSTOP, a collector that stops the world).

        With `mid_accept` an accept() under way still completes, for the next connection that comes.
        """
        self._stops += 1
        self.is_paused, self.is_mid_accept = True, mid_accept
        if self.program is not None:
            self.program.freeze()
        self.on_stop()

    def resume(self) -> None:
        """Go on, unless it was paused twice; what came meanwhile is done now, in order of its coming."""
        self._stops -= 1
        if self._stops:
            return
        self.is_paused = False
        if self.program is not None:
            self.program.thaw()
        deferred, self._deferred = self._deferred, []
        lives = self._lives
        self.on_accepting()
        for i, (fn, arg) in enumerate(deferred):
            if self.is_paused:  # one of these steps needed a collection
                self._deferred += deferred[i:]
                return
            if self._lives != lives:  # or ended the program
                return
            fn(arg)

    def die(self) -> None:
        """All connections close at once; nothing that runs will answer."""
        self._lives += 1
        for conn in (*self.connections, *self.hijacked):
            conn.die()
        self._waiting.clear()
        self._busy = 0
        if self.program is not None:
            self._deferred.clear()
            self.program.die()

    def exit(self) -> None:
        """The program ends by itself; its host refuses dials from now on."""
        self.on_life(False)
        self.die()

    def listen(self, *, yes: bool) -> None:
        """Accept dials from now on, or have them refused."""
        self.on_life(yes)

    def start_again(self) -> None:
        """A program that has ended is there again, as new."""
        self.on_life(True)
        if self.program is not None:
            self.program.start()


def _close(conn: ServerConnection) -> None:
    conn.close()
