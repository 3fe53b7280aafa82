"""Tally: what the handshakes of one instance of a client came to: ends, CPU time, bytes. Nothing is decided here."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

Record = Callable[[int, bool, str], object]
"""Told of each that has ended: the backend, whether it was resumed, and the error."""


class Tally:
    """Counts, at both ends of the handshakes that one Transport began."""

    __slots__ = (
        "bytes_received", "bytes_sent", "carried", "client_cpu", "failed", "full", "record", "resumed", "server_cpu",
    )  # fmt: skip

    def __init__(self) -> None:
        self.full = self.resumed = 0
        self.failed: Counter[str] = Counter()
        """By error."""
        self.client_cpu = self.server_cpu = 0
        """ns, those of handshakes that failed, too."""
        self.bytes_sent = self.bytes_received = 0
        """As the client sees it."""
        self.carried: Counter[int] = Counter()
        """Requests by the backend, of connections over TLS that are over."""
        self.record: Record | None = None

    def carried_with(self, still_open: Iterable[Any]) -> Counter[int]:
        """Requests by the backend, of connections over TLS: those that are over, and those that are `still_open`."""
        carried = self.carried.copy()
        for conn in still_open:
            if conn.host.is_secure:
                carried[conn.backend] += conn.nreq
        return carried

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
