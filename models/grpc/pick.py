"""Pick: a call that waits for a connection of its channel. To its request it is what a connection would be.

Source: grpc-go picker_wrapper.go, pick (blocks while CONNECTING and IDLE, and with wait-for-ready).
"""

from typing import Any

from models.request import Request
from sim.records.rows import ABSENT


class Pick:
    """A waiting call."""

    __slots__ = ("_channel", "request", "retry")

    attempt = None
    is_certain = False
    backend = port = conn_id = ABSENT

    def __init__(self, channel: Any, request: Request, retry: int) -> None:
        self._channel, self.retry = channel, retry
        self.request: Request | None = request

    def close(self) -> None:
        """Its caller leaves."""
        self._channel.leave(self)

    def caller_leaves(self) -> None:
        """It was never counted as one who has a stream."""
