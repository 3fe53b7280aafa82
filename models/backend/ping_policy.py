"""PingPolicy: which PINGs of a client a gRPC server counts as strikes, and when it has had enough. It sends nothing.

Source: grpc-go internal/transport/http2_server.go, handlePing, resetPingStrikes.
"""

from typing import Final

from sim.units import HOUR

MAX_STRIKES: Final = 2
"""maxPingStrikes: the third strike ends the connection."""
WITHOUT_STREAM: Final = 2 * HOUR
"""defaultPingTimeout: without a stream a PING may come so often, where they are not permitted at all."""
LONG_AGO: Final = -(1 << 62)


class PingPolicy:
    """The state of one connection."""

    __slots__ = ("_last_at", "_min_interval", "_permits_without_stream", "_wrote", "strikes")

    def __init__(self, min_interval: int, *, permits_without_stream: bool) -> None:
        self._min_interval, self._permits_without_stream = min_interval, permits_without_stream
        self._last_at, self._wrote = LONG_AGO, False
        self.strikes = 0

    def wrote(self) -> None:
        """The server has sent HEADERS or DATA: the client may well ask whether there is more."""
        self._wrote = True

    def is_too_much(self, now: int, *, has_streams: bool) -> bool:
        """A PING has come: whether it ends the connection."""
        gap, self._last_at = now - self._last_at, now
        if self._wrote:
            self._wrote, self.strikes = False, 0
            return False
        judged_by = self._min_interval if has_streams or self._permits_without_stream else WITHOUT_STREAM
        if gap < judged_by:
            self.strikes += 1
        return self.strikes > MAX_STRIKES
