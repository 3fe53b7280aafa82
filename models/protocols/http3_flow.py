"""Http3Flow: the flow of an HTTP/3 connection, whose windows are taken to be wide enough. It lets everything pass.

Simplified: QUIC's flow control is left out. quic-go's windows grow up to 6 MB a stream and 15 MB a connection
(quic-go interface.go, MaxStreamReceiveWindow, MaxConnectionReceiveWindow), which are what a reader that stands still
takes.
"""

from typing import Any, Final

from models.backend.flow import Flow, Windows
from models.backend.frame import Frame

WIDEST: Final = Windows(stream=6 << 20, connection=15 << 20)


class Http3Flow(Flow):
    """One direction."""

    __slots__ = ()

    def __init__(self, engine: Any, end: Any) -> None:
        super().__init__(engine, end, WIDEST)

    def fits(self, stream_id: int, data_bytes: int, reads_at: int) -> bool:
        """Everything does."""
        return True

    def send(  # parameters: as of every flow
        self, stream_id: int, message: Any, data_bytes: int, *, size_bytes: int, delay: int = 0, reads_at: int = 0
    ) -> int:
        """Send it at once; when it arrives."""
        return self._end.send(Frame(stream_id, message), size_bytes, delay)  # type: ignore[no-any-return]
