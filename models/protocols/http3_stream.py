"""Http3Stream and Waiting: one request on an HTTP/3 connection, and one that has no stream yet.

To the request either is what a connection is in HTTP/1. Source: quic-go http3/client.go, transport.go; RFC 8470, 5.2.
"""

from models.backend.frame import Code
from models.protocols.stream import Stream
from models.request import Request
from models.transport.errors import client_error
from models.transport.http3_errors import stream_error
from sim.records.rows import ABSENT

TOO_EARLY = 425


class Waiting:
    """A request whose handshake, or whose stream, is not there yet."""

    __slots__ = ("request",)

    attempt = None
    is_certain = False
    backend = port = conn_id = ABSENT

    def __init__(self, request: Request) -> None:
        self.request: Request | None = request
        request.conn = self

    @property
    def is_still_here(self) -> bool:
        """Whether its request waits for nothing else by now, such as TCP."""
        return self.request is not None and not self.request.done and self.request.conn is self

    def close(self) -> None:
        """The caller leaves."""
        self.request = None


class Http3Stream(Stream):
    """A stream: it is tried again where the server has told that it did nothing with it."""

    __slots__ = ()

    def _answered(self, status: int) -> None:
        request, owner = self.request, self.owner
        self.conn.forget(self)
        if request is None:
            return
        self.request = None
        self.caller_leaves()
        if status == TOO_EARLY and not self.retry:
            self.conn.after_handshake(request)
            return
        request.t_first = request.t_headers = owner.engine._now
        request.status = status
        if request.trace is not None:
            request.trace.got_first_response_byte()
            request.trace.did(status)
        owner.t1.finish(request, status, "")

    def was_reset(self, code: Code) -> None:
        """RESET_STREAM: what was refused is tried again (canRetryRequest)."""
        if code is Code.REFUSED_STREAM and self.request is not None and not self.retry:
            self.go_elsewhere()
        else:
            self.lost(stream_error(code.value))

    def go_elsewhere(self) -> None:
        """The server will not serve it: another connection, once."""
        request, self.request = self.request, None
        if self.attempt is not None:
            self.attempt.end()
            self.attempt = None
        self.caller_leaves()
        if request is not None:
            self.conn.pool.again(request)

    def whole_error(self, err: str) -> str:
        """What the caller reads."""
        return client_error(err)
