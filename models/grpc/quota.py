"""Quota: the limit of streams of a gRPC connection. Who finds none waits here, in order, and nobody is reserved for.

Source: grpc-go internal/transport/http2_client.go, NewStream (streamQuota, waitingStreams).
"""

from typing import Any, Final

from models.protocols.admission import Admission
from models.protocols.stream import Stream

NO_LIMIT: Final = (1 << 32) - 1
"""Where SETTINGS do not say (defaultMaxStreamsClient before they come is 100, but nobody sends before)."""


class Quota(Admission):
    """An admission without reservations."""

    __slots__ = ("on_wait",)

    def __init__(self, conn: Any) -> None:
        super().__init__(conn)
        self.on_wait: Any = None
        """Told of a stream that has to wait, and of one that no longer does (defects)."""

    def announce(self, max_streams: int) -> None:
        """SETTINGS: a limit, 0 where they do not say."""
        super().announce(max_streams or (0 if self._has_settings else NO_LIMIT))

    def enter(self, stream: Stream) -> None:
        """A call that the channel sends here."""
        self.n_waiting += 1
        self._queue.append(stream)
        self.go_on()
        if self.on_wait is not None and not stream.stream_id and not stream.is_over:
            self.on_wait(stream)
