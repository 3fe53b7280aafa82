"""Admission: the limit of streams of an HTTP/2 connection, and who waits for a place (awaitOpenSlotForStreamLocked).

A request that the pool has sent here holds a reservation, which counts. One at a time may write headers (reqHeaderMu):
it gives its reservation back and waits for a place, while the reservations of those behind it count on. If they alone
are as many as the limit, nobody ever moves (golang/go#70809).

Source: internal/http2/transport.go, ReserveNewRequest, writeRequest, awaitOpenSlotForStreamLocked, processSettings.
"""

from collections import deque
from typing import Any

from models.protocols.stream import Stream

INITIAL_MAX_CONCURRENT_STREAMS = 100
"""Until the server's SETTINGS are here (initialMaxConcurrentStreams)."""
DEFAULT_MAX_CONCURRENT_STREAMS = 1000
"""Where they do not say (defaultMaxConcurrentStreams)."""


class Admission:
    """The way from the pool to a stream. `conn` opens or refuses, and says whether it still takes requests."""

    __slots__ = (
        "_cap",
        "_conn",
        "_has_settings",
        "_head",
        "_of_server",
        "_queue",
        "max_streams",
        "n_waiting",
        "reserved",
    )

    def __init__(self, conn: Any, cap: int = 0) -> None:
        self._conn, self._cap = conn, cap
        self._of_server = INITIAL_MAX_CONCURRENT_STREAMS
        self.max_streams = min(self._of_server, cap or self._of_server)
        """The server's limit, or the client's own where that is lower."""
        self._has_settings = False
        self.reserved = 0
        """Places that are promised to requests which have not begun their streams."""
        self.n_waiting = 0
        """Requests that wait here."""
        self._queue: deque[Stream] = deque()
        """Who waits for the right to write headers, in order of coming."""
        self._head: Stream | None = None
        """Who has it, and waits for a place."""

    def announce(self, max_streams: int) -> None:
        """SETTINGS: a limit, 0 where they do not say; it holds for new streams."""
        if max_streams:
            self._of_server = max_streams
        elif not self._has_settings:
            self._of_server = DEFAULT_MAX_CONCURRENT_STREAMS
        self._has_settings = True
        self.cap(self._cap)

    def cap(self, most: int) -> None:
        """The client's own limit from now on, 0 none: it holds for new streams, those above it finish."""
        self._cap = most
        self.max_streams = min(self._of_server, most or self._of_server)
        self.go_on()

    def enter(self, stream: Stream) -> None:
        """The pool sends a request here."""
        self.reserved += 1
        self.n_waiting += 1
        self._queue.append(stream)
        self.go_on()

    def leave(self, stream: Stream) -> None:
        """Its caller will not wait any longer."""
        if self._head is stream:
            self._head = None
        else:
            self._queue.remove(stream)
        self.n_waiting -= 1
        self._return_reservation()  # Go does so for the head, too, whose own is back already (cleanupWriteRequest)

    def go_on(self) -> None:
        """Something has changed: let in whom there is a place for, and refuse all where there will be none."""
        conn = self._conn
        while self._head is not None or self._queue:
            if self._head is None:
                self._head = self._queue.popleft()
                conn.stop_idling()
                self._return_reservation()
            stream = self._head
            if conn.is_closed or not conn.can_take_new_request:
                self._head = None
                self.n_waiting -= 1
                conn.refuse(stream)
            elif conn.n_current < self.max_streams:
                self._head = None
                self.n_waiting -= 1
                conn.open(stream)
            else:
                return

    def _return_reservation(self) -> None:
        if self.reserved > 0:
            self.reserved -= 1
