"""RawHttp2: a bare HTTP/2 server of a script: it refuses its first streams, or answers one with GOAWAY."""

from typing import Any

from models.backend.frame import Code
from models.script.case import Listener


class RawHttp2:
    """Screens the streams of a server, counted over all its connections."""

    def __init__(self, listener: Listener) -> None:
        self._refused, self._goaway_at = listener.refuse, listener.goaway
        self._n_streams = 0

    def screens(self, conn: Any, stream_id: int) -> bool:
        """Whether the stream is served; otherwise it has been refused or disowned."""
        self._n_streams += 1
        if self._n_streams <= self._refused:
            conn.reset(stream_id, Code.REFUSED_STREAM)
        elif self._n_streams == self._goaway_at:
            conn.say_go_away(stream_id - 2)
        else:
            return True
        return False
