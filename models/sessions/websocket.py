"""WebSocket on a session: upgrade, messages, the close handshake. Not what notices a silent peer (`pinger`).

Source: RFC 6455: 4 (opening handshake), 5.2 (frames), 7.1.1 (the server closes TCP first), 7.1.2.
"""

from typing import Any

from models.sessions.crowd import LEFT
from models.sessions.seam import ClientLine, Line
from models.sessions.served import Opening, ServedSession
from models.sessions.websocket_config import WebSocketConfig

CLOSED_BY_SERVER = "closed by server"
UPGRADE_BYTES = 400
"""GET with Upgrade, and the answer 101, with the headers of a browser."""
CLOSE_BYTES = 8
"""A Close frame with its status: 2 of header, 4 of mask, 2."""


class _Switched:
    """101 Switching Protocols."""


class _Close:
    """A Close frame."""


SWITCHED, CLOSE = _Switched(), _Close()


class WebSocket:
    """The dialect: what a fleet and its server have in common."""

    def __init__(self, config: WebSocketConfig) -> None:
        self.config = config

    def client(self, line: ClientLine) -> "WebSocketClient":
        """A device's end."""
        return WebSocketClient(line, self)

    def server(self, line: Line) -> "WebSocketServer":
        """The server's end."""
        return WebSocketServer(line, self)


class _Closing:
    """What both ends do to end a connection."""

    __slots__ = ("_line", "_said_close", "_why", "dialect")

    def __init__(self, line: Any, dialect: WebSocket) -> None:
        self._line, self.dialect = line, dialect
        self._said_close = False
        self._why = ""

    def disturbed(self) -> None:
        """Path or peer may fail from now on."""

    def settle(self, now: int) -> None:
        """Nothing is left uncounted."""

    def _say_close(self, why: str) -> None:
        if not self._said_close:
            self._said_close, self._why = True, why
            line = self._line
            line.send(CLOSE, CLOSE_BYTES)
            line.engine.call_in(self.dialect.config.close_timeout, self._close_expired, line.life)

    def _close_expired(self, life: Any) -> None:
        line = self._line
        if line.is_open and line.life is life:
            if line.is_stopped:
                line.later(self._close_expired, life)
            else:
                line.give_up(self._why)


class WebSocketClient(_Closing):
    """The protocol at a device."""

    __slots__ = ()

    def start(self) -> None:
        """Ask for the upgrade."""
        self._line.send(Opening(self._line, self.dialect), UPGRADE_BYTES)

    def received(self, message: Any) -> None:
        """A frame, or the answer to the upgrade."""
        line = self._line
        if message is SWITCHED:
            line.is_up()
        elif message is CLOSE and not self._said_close:  # the server's; answered, TCP is the server's to close
            line.life.ends(CLOSED_BY_SERVER, "server")
            self._say_close(CLOSED_BY_SERVER)

    def say_goodbye(self) -> None:
        """The user leaves: Close, the server's Close, then the server ends TCP."""
        self._line.life.ends(LEFT, "client")
        self._say_close(LEFT)


class WebSocketServer(_Closing):
    """The protocol at the server."""

    __slots__ = ()

    _line: ServedSession

    def start(self) -> None:
        """The request for the upgrade has come: its handler answers."""
        server = self._line.server
        if server.unanswered_share < 1:
            server.engine.call_in(server.overhead, self._answer, None)

    def _answer(self, _: Any) -> None:
        line = self._line
        if line.is_stopped:
            line.later(self._answer, None)
        else:
            line.send(SWITCHED, UPGRADE_BYTES)

    def received(self, message: Any) -> None:
        """A frame."""
        if message is CLOSE:
            if not self._said_close:
                self._line.send(CLOSE, CLOSE_BYTES)
            self._line.close("closed by client")

    def say_goodbye(self) -> None:
        """A shutdown: hijacked connections are the program's own affair, and this one leaves them alone."""
