"""Messages: the parts in which a request or an answer travels where it does not travel whole. Not who sends them."""

from models.reply import Framing
from models.request import Request

HEADER_BYTES = 200
"""Status line and headers of an answer."""
CONTINUE = 100
"""The status that lets the body of a request come (RFC 9110, 15.2.1)."""
BODILESS_STATUS = frozenset({204, 304})
"""Final statuses whose answers have no body (net/http/transfer.go, bodyAllowedForStatus)."""


class Ping:
    """What a client's program sends on an idle connection."""

    __slots__ = ()


class Pong:
    """What its peer's program says to that."""

    __slots__ = ()


PING, PONG = Ping(), Pong()


class Answer:
    """A whole response on its way: to which request, and whether the connection ends with it."""

    __slots__ = ("body_bytes", "closes", "request", "status")

    def __init__(self, request: Request, status: int, body_bytes: int, *, closes: bool) -> None:
        self.request, self.status, self.body_bytes, self.closes = request, status, body_bytes, closes


class RequestHead:
    """The headers of a request whose body follows."""

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request


class RequestBody:
    """A part of a request's body."""

    __slots__ = ("is_last", "request")

    def __init__(self, request: Request, *, is_last: bool) -> None:
        self.request, self.is_last = request, is_last


class Interim:
    """A 1xx answer."""

    __slots__ = ("request", "status")

    def __init__(self, request: Request, status: int) -> None:
        self.request, self.status = request, status


class Head:
    """The headers of an answer, with as much of the body as came in the same flight."""

    __slots__ = ("body_bytes", "closes", "framing", "is_closed_by_peer", "request", "status")

    def __init__(self, request: Request, status: int, body_bytes: int, framing: Framing, *, closes: bool) -> None:
        self.request, self.status = request, status
        self.body_bytes, self.framing, self.closes = body_bytes, framing, closes
        self.is_closed_by_peer = closes
        """Whether the server closes as well, so that there is a race who is first."""

    @property
    def has_body(self) -> bool:
        """Whether there is anything to read (net/http/transport.go, readLoop, hasBody)."""
        bodiless = self.request.exchange.method == "HEAD" or self.status in BODILESS_STATUS
        return not bodiless and (self.body_bytes > 0 or self.framing is not Framing.LENGTH)

    @property
    def declared_bytes(self) -> int:
        """Response.ContentLength; -1 where it is not known beforehand."""
        return self.body_bytes if self.framing is Framing.LENGTH else -1


class Body:
    """A part of an answer's body: `upto` bytes of it are here; those up to `write.stop` were written with them."""

    __slots__ = ("is_last", "request", "upto", "write")

    def __init__(self, request: Request, upto: int, write: range, *, is_last: bool) -> None:
        self.request, self.upto, self.is_last = request, upto, is_last
        self.write = write
        """The bytes of the body that one Write sent, in flights; from below 0 where the headers went with them."""


class Noise:
    """Bytes that are no answer; `error` is what Go says where it waits for one."""

    __slots__ = ("error",)

    def __init__(self, error: str) -> None:
        self.error = error
