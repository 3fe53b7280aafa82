"""Server: one backend as a program: it accepts, serves with its workers and closes. Not its kernel, not its faults."""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.backend.config import ServiceConfig
from models.backend.cpu import Cpu
from models.backend.secure import SecureStart
from models.request import NEVER_ANSWERS, ONE_FLIGHT_BYTES, Request
from sim.engine.environment import Engine
from sim.engine.timers import NEVER, Timer
from sim.records.levels import Levels
from sim.records.rows import ABSENT

STATUS_OK, STATUS_UNAVAILABLE = 200, 503


class Answer:
    """A response on its way: to which request, and whether the connection ends with it."""

    __slots__ = ("body_bytes", "closes", "request", "status")

    def __init__(self, request: Request, status: int, body_bytes: int, closes: bool) -> None:
        self.request, self.status, self.body_bytes, self.closes = request, status, body_bytes, closes


class ServerConnection:
    """A connection as the server's program sees it: it reads requests and writes answers."""

    __slots__ = ("end", "idle_since", "is_open", "peer_is_gone", "request", "server")

    def __init__(self, server: "Server", end: Any) -> None:
        self.server, self.end = server, end
        end.app = self
        self.request: Request | None = None
        self.is_open = True
        self.peer_is_gone = False
        self.idle_since = server.engine._now

    def received(self, request: Request) -> None:
        """A request was read to its end."""
        if self.server.is_paused:
            self.server.later(self.received, request)
            return
        self.request = request
        self.server.serve(self, request)

    def answer_late(self, request: Request) -> None:
        """A handler whose answer had been foreseen ends, and its client has left meanwhile."""
        if self.request is request:
            self.server.reply(self, request, STATUS_OK)

    def peer_closed(self) -> None:
        """The client's FIN: an idle connection is closed at once, a busy one when the handler ends."""
        server = self.server
        if server.is_paused:
            server.later(self._read_eof, None)
        else:
            self._read_eof(None)

    def was_reset(self) -> None:
        """The client's RST."""
        self._forget()
        if self.server.config.honours_cancel:
            self.server.cancel(self)

    def timed_out(self) -> None:
        """The client acknowledges nothing: as after its RST."""
        self.was_reset()

    def _read_eof(self, _: Any) -> None:
        if not self.is_open:
            return
        if self.request is None:
            self.close()
        else:
            self.peer_is_gone = True
            if self.server.config.honours_cancel:
                self.server.cancel(self)

    def close(self) -> None:
        """Close from this side."""
        if self.is_open:
            self._forget()
            self.end.close()

    def _forget(self) -> None:
        if self.is_open:
            self.is_open = False
            self.server.connections.pop(self, None)
            self.server.level(self.server.fall_connections)


class Server:
    """A backend's program. Requests wait first in, first out for one of its workers."""

    def __init__(self, engine: Engine, config: ServiceConfig, levels: Levels, index: int) -> None:
        self.engine, self.config, self.index = engine, config, index
        self.change = levels.change
        self.rise_handlers, self.fall_handlers = levels.rise("srv_handlers"), levels.fall("srv_handlers")
        self.rise_connections, self.fall_connections = levels.rise("srv_connections"), levels.fall("srv_connections")
        self.connections: dict[ServerConnection, None] = {}
        self.is_paused = False
        self.unanswered_share = 0.0
        """Share of requests that come now and are never answered (a fault)."""
        self._deferred: list[tuple[Callable[[Any], object], Any]] = []
        self._busy = 0
        self._waiting: deque[ServerConnection] = deque()
        self._response_bytes = config.response_size + 200  # status line and headers
        self._workers = config.workers or NEVER
        self.overhead, self._closes = config.overhead, config.disable_keep_alives
        bounded = config.workers or config.idle_timeout or config.honours_cancel or config.disable_keep_alives
        self.foresees = not bounded and self._response_bytes <= ONE_FLIGHT_BYTES
        """Whether its answers are certain when a request is sent, as long as nothing happens to it."""
        self._idle_timer = Timer(engine, self._expire_idle)
        self._is_secure = config.scheme == "https"
        self._tls_cpu = Cpu(config.tls.cpus) if config.tls.cpus else None
        self._lives = 0
        self.on_accepting: Callable[[], object] = lambda: None
        """Called when a pause ends, so that the kernel hands over who waits."""

    def foresee(self, request: Request, arrives_at: int, half_rtt: int) -> None:
        """As if `request` were received at `arrives_at`, by a server whose every step is certain (`foresees`).

        Nothing can come between sending and answer but the client's own leaving, so the steps between are recorded now
        with their instants; `t_first` says when the answer is there, ABSENT that it never is.
        """
        request.srv_q, request.started_at = 0, arrives_at
        self.change(arrives_at << 12 | self.rise_handlers)
        if request.service_time < NEVER_ANSWERS:
            answered_at = arrives_at + request.service_time + self.overhead
            self.change(answered_at << 12 | self.fall_handlers)
            request.t_first = answered_at + half_rtt

    @property
    def ticket_key(self) -> tuple[int, int]:
        """With what it writes and reads session tickets: by default a key of this program's life (crypto/tls)."""
        return (ABSENT, ABSENT) if self.config.tls.shared_tickets else (self.index, self._lives)

    def take_tls_cpu(self, cost: int) -> int:
        """The instant at which so much work for a handshake is done."""
        now = self.engine._now
        return now + cost if self._tls_cpu is None else self._tls_cpu.take(now, cost)

    def level(self, code: int) -> None:
        """Record a change of one of this server's levels."""
        self.change(self.engine._now << 12 | code)

    def accept(self, end: Any) -> None:
        """Take a new connection."""
        conn = ServerConnection(self, end)
        self.connections[conn] = None
        self.level(self.rise_connections)
        if self._is_secure:
            SecureStart(conn)

    def serve(self, conn: ServerConnection, request: Request) -> None:
        """Give `request` a worker, a place in the queue, or 503."""
        now = self.engine._now
        self.change(now << 12 | self.rise_handlers)
        request.started_at = now
        if self._busy < self._workers:
            self._busy += 1
            request.srv_q = 0
            if request.stall_draw < self.unanswered_share:
                request.service_time = NEVER_ANSWERS
            if request.service_time < NEVER_ANSWERS:
                self.engine.call_at(now + request.service_time + self.overhead, self._finish, conn)
        elif self.config.queue and len(self._waiting) >= self.config.queue:
            self.level(self.fall_handlers)
            self.reply(conn, request, STATUS_UNAVAILABLE)
        else:
            self._waiting.append(conn)

    def _start(self, conn: ServerConnection, request: Request) -> None:
        """As `serve` does for those who need not wait; written out there, since most need not."""
        if request.stall_draw < self.unanswered_share:
            request.service_time = NEVER_ANSWERS
        if request.service_time < NEVER_ANSWERS:
            self.engine.call_in(request.service_time + self.overhead, self._finish, conn)

    def _finish(self, conn: ServerConnection) -> None:
        if self.is_paused:
            self.later(self._finish, conn)
            return
        request = conn.request
        if request is None:  # its handler was cancelled
            return
        if self._waiting:
            self._release()
        else:
            self._busy -= 1
        self.change(self.engine._now << 12 | self.fall_handlers)
        self.reply(conn, request, STATUS_OK)

    def _release(self) -> None:
        waiting = self._waiting
        while waiting:
            conn = waiting.popleft()
            if conn.request is not None:
                conn.request.srv_q = self.engine._now - conn.request.started_at
                self._start(conn, conn.request)
                return
        self._busy -= 1

    def reply(self, conn: ServerConnection, request: Request, status: int) -> None:
        """Answer, unless the client is known to be gone, and close where the connection ends with it."""
        conn.request = None
        now = self.engine._now
        if not conn.is_open:
            return
        closes = self._closes or request.exchange.wants_close
        arrives_at = conn.end.send(Answer(request, status, self.config.response_size, closes), self._response_bytes)
        link = conn.end.link
        request.t_first = now + link.half_rtt if link.is_whole else arrives_at
        conn.idle_since = now
        if closes or conn.peer_is_gone:
            conn.close()
        elif self.config.idle_timeout and self._idle_timer.deadline == NEVER:
            self._idle_timer.arm(now + self.config.idle_timeout)

    def cancel(self, conn: ServerConnection) -> None:
        """The client of a running handler is gone and the handler honours that."""
        request = conn.request
        if request is None:
            return
        conn.request = None
        self.level(self.fall_handlers)
        if conn in self._waiting:
            self._waiting.remove(conn)
        else:
            self._release()
        conn.close()

    def later(self, fn: Callable[[Any], object], arg: Any) -> None:
        """Keep a step for the end of the pause."""
        self._deferred.append((fn, arg))

    def pause(self) -> None:
        """Stop reading, writing and accepting (SIGSTOP, a collector that stops the world)."""
        self.is_paused = True

    def resume(self) -> None:
        """Go on; what came meanwhile is done now, in order of its coming."""
        self.is_paused = False
        deferred, self._deferred = self._deferred, []
        self.on_accepting()
        for fn, arg in deferred:
            fn(arg)

    def die(self) -> None:
        """All connections close at once; nothing that runs will answer."""
        self._lives += 1
        for conn in list(self.connections):
            if conn.request is not None:
                self.level(self.fall_handlers)
                conn.request = None
            conn.close()
        self._waiting.clear()
        self._busy = 0

    def _expire_idle(self, _: Any) -> None:
        timeout, now = self.config.idle_timeout, self.engine._now
        nearest = NEVER
        for conn in list(self.connections):
            if conn.request is None:
                due = conn.idle_since + timeout
                if due <= now:
                    conn.close()
                else:
                    nearest = min(nearest, due)
        if nearest != NEVER:
            self._idle_timer.arm(nearest)
