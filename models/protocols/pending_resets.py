"""PendingResets: streams that were reset towards a server which may be dead; they count until a PING is answered.

Since Go 1.24. Source: internal/http2/transport.go, cleanupWriteRequest, streamByID, processPing (golang/go#70575).
"""


class PendingResets:
    """How many resets are in doubt. `n` counts against the limit of streams."""

    __slots__ = ("_is_blocked", "_read_before", "n")

    def __init__(self) -> None:
        self.n = 0
        self._read_before = 0
        self._is_blocked = False

    def frame_read(self, next_id: int) -> None:
        """A frame of a stream was read: all streams below `next_id` were sent to a server that lives."""
        self._read_before = next_id

    def message_read(self, next_id: int) -> None:
        """HEADERS or DATA, which are frames of a stream: the server will not mind a PING again."""
        self._is_blocked, self._read_before = False, next_id

    def add(self, stream_id: int) -> bool:
        """A stream was reset by its caller; True where a PING has to go with it, since none is under way."""
        if self._is_blocked or self._read_before > stream_id:
            return False
        self.n += 1
        return self.n == 1

    def ping_answered(self) -> bool:
        """The server lives; whether that settles anything."""
        if not self.n:
            return False
        self.n, self._is_blocked = 0, True
        return True
