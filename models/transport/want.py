"""Want: a request in the queue for a connection (Go's wantConn). Not the dial that it started."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models.request import Request

if TYPE_CHECKING:
    from models.transport.dial import Dial


class Want:
    """One attempt of a request to get a connection; the first deliverer wins."""

    __slots__ = ("dial", "done", "on_failed", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.done = False
        self.dial: Dial | None = None
        self.on_failed: Callable[[Any, str], object] | None = None
        """Told of a dial that failed and of its error, where somebody else than a request of the pool wants it."""
