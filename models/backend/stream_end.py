"""StreamEnd: one end of a stream, as if it were one of a connection: what is sent travels in frames.

Not how long DATA waits for its windows (flow.py).
"""

from typing import Any

from models.backend.flow import Flow
from models.backend.frame import Frame
from models.backend.message import Answer, Body, RequestBody, RequestHead
from models.request import Request


class StreamEnd:
    """One end of a stream. `reads_at`: from when on the other side's program reads what is sent."""

    __slots__ = ("_end", "_flow", "_sent", "_stream_id", "reads_at")

    def __init__(self, end: Any, stream_id: int, flow: Flow) -> None:
        self._end, self._stream_id, self._flow = end, stream_id, flow
        self._sent = 0
        self.reads_at = 0

    @property
    def link(self) -> Any:
        """The path of the connection."""
        return self._end.link

    @property
    def side(self) -> Any:
        """The kernel of the connection."""
        return self._end.side

    def send(self, message: Any, size_bytes: int, delay: int = 0) -> int:
        """As `Endpoint.send`; FAR_AWAY where a window decides when it arrives."""
        data = self._data_of(message)
        if not data:
            return self._end.send(Frame(self._stream_id, message), size_bytes, delay)  # type: ignore[no-any-return]
        self._sent += data
        if isinstance(message, Request) and not self._flow.fits(self._stream_id, data, self.reads_at):
            # HEADERS wait for no window, and streams begin in the order of their numbers
            self._end.send(Frame(self._stream_id, RequestHead(message)), message.exchange.request_bytes - data, delay)
            message, size_bytes = RequestBody(message, is_last=True), data
        return self._flow.send(
            self._stream_id, message, data, size_bytes=size_bytes, delay=delay, reads_at=self.reads_at
        )

    def _data_of(self, message: Any) -> int:
        """Bytes of a message that windows count: what is new of a body."""
        if isinstance(message, Body):
            return message.upto - self._sent
        if isinstance(message, Answer):
            return message.body_bytes
        if isinstance(message, Request):
            return message.exchange.body_bytes
        if isinstance(message, RequestBody):
            whole: int = message.request.exchange.body_bytes
            return whole - self._sent if message.is_last else whole // 2
        return 0
