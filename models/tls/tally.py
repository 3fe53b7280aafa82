"""Tally: what the handshakes of one instance of a client came to: ends, CPU time, bytes. Nothing is decided here."""

from collections import Counter
from collections.abc import Callable

Record = Callable[[int, bool, str], object]
"""Told of each that has ended: the backend, whether it was resumed, and the error."""


class Tally:
    """Counts, at both ends of the handshakes that one Transport began."""

    __slots__ = ("bytes_received", "bytes_sent", "client_cpu", "failed", "full", "record", "resumed", "server_cpu")

    def __init__(self) -> None:
        self.full = self.resumed = 0
        self.failed: Counter[str] = Counter()
        """By error."""
        self.client_cpu = self.server_cpu = 0
        """ns, those of handshakes that failed, too."""
        self.bytes_sent = self.bytes_received = 0
        """As the client sees it."""
        self.record: Record | None = None

    def ended(self, backend: int, *, resumed: bool, err: str = "") -> None:
        """A handshake with a backend is over."""
        if err:
            self.failed[err] += 1
        elif resumed:
            self.resumed += 1
        else:
            self.full += 1
        if self.record is not None:
            self.record(backend, resumed, err)
