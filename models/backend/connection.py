"""ServerConnection: a connection as the server's program sees it. Not who serves, not what a handler does."""

from typing import TYPE_CHECKING, Any

from models.backend.frame import Preface
from models.backend.handler import UNREAD_FITS_BYTES, Handler, parts
from models.backend.hijack import Hijack, hand_over
from models.backend.message import (
    CONTINUE,
    HEADER_BYTES,
    PONG,
    Head,
    Interim,
    Noise,
    Ping,
    RequestBody,
    RequestHead,
)
from models.backend.timeouts import Wait
from models.reply import PLAIN, Act, Upload
from models.request import Request
from models.status import OK
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

if TYPE_CHECKING:
    from models.backend.server import Server


class ServerConnection:
    """A connection as the server's program sees it: it reads requests and writes answers."""

    __slots__ = (
        "end", "expires_at", "failed", "handler", "headers_at", "idle_since", "is_known", "is_open", "next_act",
        "peer_is_gone", "reading", "request", "server", "successor", "wait",
    )  # fmt: skip

    is_stream = blocks = False
    unread_fits_bytes = UNREAD_FITS_BYTES

    def __init__(self, server: "Server", end: Any) -> None:
        self.server, self.end = server, end
        end.app = self
        self.request: Request | None = None
        """Whose handler runs."""
        self.reading: Request | None = None
        """Whose body is still under way."""
        self.failed: Request | None = None
        """Whose body can be read no more, since ReadTimeout has passed."""
        self.handler: Handler | None = None
        self.next_act: Act | None = None
        self.wait: Wait | None = None
        self.successor: Any = None
        """What the connection has become where ALPN chose h2: it hears what was deferred before that."""
        self.headers_at = ABSENT
        """When the last request's headers were read."""
        self.expires_at = NEVER
        """When it is too old: the next answer says Connection: close."""
        self.is_open = True
        self.is_known = False
        """Whether its program has begun a request of it."""
        self.peer_is_gone = False
        self.idle_since = server.engine._now

    @property
    def carrier(self) -> "ServerConnection":
        """The connection that carries it: this one."""
        return self

    def is_secured(self) -> None:
        """The TLS handshake is over: the first request has to come."""
        if self.is_open:
            self.wait = None
            self.idle_since = self.server.engine._now
            self.server.timeouts.accepted(self)

    def received(self, request: Any) -> None:
        """A request was read to its end; or a part of one, where it does not come whole."""
        if self.server.is_paused:
            self.end.has_unread = True
            self.server.later(self._read_late, request)
            return
        self.wait = None
        if type(request) is not Request:
            self._received_part(request)
        elif self.next_act is None:
            self.request = request
            self.headers_at = self.server.engine._now
            self.server.serve(self, request)
        else:
            self._lose()

    def _read_late(self, request: Any) -> None:
        self.end.has_unread = False
        self.received(request)

    def _received_part(self, part: RequestHead | RequestBody | Preface | Ping | Hijack) -> None:
        if isinstance(part, Ping):
            self._pinged()
            return
        if self.successor is not None:
            self.successor.received(part)
            return
        if isinstance(part, Preface):
            self.server.speak_http2(self, part)
            return
        if isinstance(part, Hijack):
            hand_over(self, part)
            return
        request, server = part.request, self.server
        if self.next_act is not None:
            self._lose()
        elif isinstance(part, RequestHead):
            server.timeouts.headers_read(self, request)
            self.reading = request
            self.headers_at = server.engine._now
            plan = server.plan_of(request) or PLAIN
            if request.exchange.expects_continue and plan.upload is Upload.READ and plan.continue_after >= 0:
                server.engine.call_in(plan.continue_after, self._say_continue, request)
            if plan.upload is not Upload.READ:
                self._serve(request)
        elif part.is_last and self.reading is request:
            self._body_read(request)

    def _pinged(self) -> None:
        """Bytes have come, though no request: the wait for one begins anew."""
        self.write(PONG)
        if self.is_open and not self.is_busy:
            self.idle_since = self.server.engine._now
            self.server.answered(self)

    def _body_read(self, request: Request) -> None:
        self.reading = None
        if (self.server.plan_of(request) or PLAIN).upload is Upload.READ:
            self._serve(request)
        elif self.handler is not None:
            self.handler.body_read()
        elif self.is_open:  # answered before
            self.idle_since = self.server.engine._now
            self.server.answered(self)

    def _serve(self, request: Request) -> None:
        self.request = request
        self.server.serve(self, request)

    def _say_continue(self, request: Request) -> None:
        if self.reading is request and self.is_open:
            self.write(Interim(request, CONTINUE))

    def _lose(self) -> None:
        """What an earlier answer has announced for this request: it is read, and lost."""
        if self.next_act is Act.RESET:
            self.reset()
        else:
            self.close()

    def write(self, message: Any, size_bytes: int = HEADER_BYTES) -> None:
        """Send a part of an answer; what a closed connection is told is lost."""
        if self.is_open:
            self.end.send(message, size_bytes)

    def await_flush(self) -> None:
        """Nothing waits here."""

    def write_parts(self, head: Head) -> None:
        """Send an answer head first, to a caller who may not read it to its end."""
        self.write(head)
        if head.has_body:
            for part, size_bytes in parts(head.request, head.body_bytes, 0, is_last=True):
                self.write(part, size_bytes)

    def say_unasked(self, noise: Noise) -> None:
        """Say what nobody asked for, and close."""
        self.write(noise)
        self.close()

    def close_if_idle_since(self, instant: int) -> None:
        """Close, unless a request came after `instant`."""
        if self.idle_since == instant and not self.is_busy:
            self.close()

    def expired(self, wait: Wait) -> None:
        """A server that waits for bytes has waited long enough."""
        if self.server.is_paused:
            self.server.later(self.expired, wait)
        elif not wait.done:
            self.close()

    def body_expired(self, request: Request) -> None:
        """ReadTimeout: reads of the body fail, those of a handler that runs too; where none does, that is the end."""
        if self.reading is not request:
            return
        if self.request is not request:
            self.close()
            return
        self.reading, self.failed = None, request
        if self.handler is not None:  # and not one that still waits for its worker
            self.handler.body_failed()

    @property
    def is_busy(self) -> bool:
        """Whether a request is being read or served."""
        return self.request is not None or self.reading is not None

    @property
    def is_new(self) -> bool:
        """Whether no request has come yet (StateNew)."""
        return self.headers_at == ABSENT and not self.is_busy

    def answer_late(self, request: Request) -> None:
        """A handler whose answer had been foreseen ends, and its client has left meanwhile."""
        if self.request is request:
            self.server.reply(self, request, OK)

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
        if self.successor is not None:
            self.successor.peer_closed()
        if not self.is_open:
            return
        if self.request is None:
            self.close()
        else:
            self.peer_is_gone = True
            if self.reading is not None and self.handler is not None:
                self.handler.body_read()  # as far as it came
            if self.server.config.honours_cancel:
                self.server.cancel(self)

    def shut_down(self) -> None:
        """Server.Shutdown begins: HTTP/1.1 says Connection: close in its next answer."""

    def die(self) -> None:
        """Close; a handler that runs will never answer."""
        if self.request is not None:
            self.server.level(self.server.fall_handlers)
            self.request = None
        self.close()

    def close(self) -> None:
        """Close from this side."""
        if self.is_open:
            self._forget()
            self.end.close()

    def reset(self) -> None:
        """Close with unread data, or with SO_LINGER 0: the client gets a RST."""
        if self.is_open:
            self._forget()
            self.end.has_unread = True
            self.end.close()

    def _forget(self) -> None:
        if self.is_open:
            self.is_open = False
            self.server.forget(self)
            if self.handler is not None:
                self.handler.connection_lost()
