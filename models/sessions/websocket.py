"""WebSocket on a session: upgrade, messages, pings, the close handshake. Not what notices a silent peer (`pinger`).

Source: RFC 6455: 4 (opening handshake), 5.2 (frames), 5.5.2 (ping), 7.1.1 (the server closes TCP first), 7.1.2.
"""

from collections.abc import Callable
from typing import Any

from models.sessions.crowd import LEFT
from models.sessions.ping_config import PingConfig
from models.sessions.pinger import PING_BYTES, Ping, Pinger, Pong
from models.sessions.seam import ClientLine, Line
from models.sessions.served import Opening, ServedSession
from models.sessions.websocket_config import WebSocketConfig
from sim.records.rows import ABSENT

CLOSED_BY_SERVER = "closed by server"
CLOSED_BY_CLIENT = "closed by client"
GOING_AWAY = "going away"
UPGRADE_BYTES = 400
"""GET with Upgrade, and the answer 101, with the headers of a browser."""
CLOSE_BYTES = 8
"""A Close frame with its status: 2 of header, 4 of mask, 2."""


class _Mark:
    """A message that says no more than what it is."""

    __slots__ = ()


SWITCHED, CLOSE, MESSAGE = _Mark(), _Mark(), _Mark()
"""101 Switching Protocols; a Close frame; a message of the application."""


class WebSocket:
    """The dialect: what a fleet and its server have in common."""

    def __init__(self, config: WebSocketConfig, draw: Callable[[], float]) -> None:
        self.config, self.draw = config, draw
        self._phases: dict[Any, int] = {}

    def client(self, line: ClientLine) -> "WebSocketClient":
        """A device's end."""
        return WebSocketClient(line, self)

    def server(self, line: Line) -> "WebSocketServer":
        """The server's end."""
        return WebSocketServer(line, self)

    def phase(self, program: Any, told: PingConfig) -> int:
        """Where in its period the ticker of a program stands at the instant 0."""
        if program not in self._phases:
            self._phases[program] = round(self.draw() * told.every)
        return self._phases[program]


class _Frames:
    """What both ends do."""

    __slots__ = ("_line", "_pinger", "_said_close", "_why", "dialect")

    def __init__(self, line: Any, dialect: WebSocket) -> None:
        self._line, self.dialect = line, dialect
        self._pinger: Pinger | None = None
        self._said_close = False
        self._why = ""

    def say(self) -> None:
        """Send a message of the application."""
        if not self._said_close:
            told = self.dialect.config.messages
            self._line.send(MESSAGE, told.size if told is not None else PING_BYTES)

    def disturbed(self) -> None:
        """Path or peer may fail from now on."""
        if self._pinger is not None:
            self._pinger.disturbed()

    def settle(self, now: int) -> None:
        """Count the pings that were not played."""
        if self._pinger is not None:
            self._pinger.settle(now)

    def over(self) -> None:
        """Nothing outlives the connection."""

    def _read_control(self, message: Any) -> None:
        """Answer a ping, or take the answer to one; `Pong` is a `Ping`, so it is looked for first."""
        if isinstance(message, Pong):
            if self._pinger is not None:
                self._pinger.heard(message)
        elif isinstance(message, Ping):
            self._line.send(Pong(message.number), PING_BYTES)

    def _ping(self, told: PingConfig, program: Any) -> None:
        if told.every:
            self._pinger = Pinger(self._line, told, self.dialect.phase(program, told) if told.aligned else 0)

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


class WebSocketClient(_Frames):
    """The protocol at a device."""

    __slots__ = ()

    def start(self) -> None:
        """Ask for the upgrade."""
        self._line.send(Opening(self._line, self.dialect), UPGRADE_BYTES)

    def received(self, message: Any) -> None:
        """A frame, or the answer to the upgrade."""
        line = self._line
        if message is MESSAGE:
            line.life.received += 1
        elif message is SWITCHED:
            line.is_up()
            self._ping(self.dialect.config.client, line)
        elif message is not CLOSE:
            self._read_control(message)
        elif not self._said_close:  # answered, TCP is the server's to close
            self._knows(CLOSED_BY_SERVER, "server")

    def say_goodbye(self) -> None:
        """The user leaves: Close, the server's Close, then the server ends TCP."""
        self._knows(LEFT, "client")

    def _knows(self, why: str, by: str) -> None:
        life = self._line.life
        life.ends(why, by)
        if life.noticed_at == ABSENT:
            life.noticed_at = self._line.engine._now
        self._say_close(why)


class WebSocketServer(_Frames):
    """The protocol at the server."""

    __slots__ = ()

    _line: ServedSession

    def start(self) -> None:
        """The request for the upgrade has come: its handler answers."""
        server = self._line.server
        if self.dialect.draw() >= server.unanswered_share:
            server.engine.call_in(server.overhead, self._answer, None)

    def _answer(self, _: Any) -> None:
        line = self._line
        if line.is_stopped:
            line.later(self._answer, None)
        elif line.is_open:
            line.send(SWITCHED, UPGRADE_BYTES)
            self._ping(self.dialect.config.server, line.server)

    def received(self, message: Any) -> None:
        """A frame."""
        if message is MESSAGE:
            self._line.life.sent += 1
        elif message is not CLOSE:
            self._read_control(message)
        else:
            if not self._said_close:
                self._line.send(CLOSE, CLOSE_BYTES)
            self._line.close(CLOSED_BY_CLIENT)

    def say_goodbye(self) -> None:
        """A shutdown: what the program has been told to do with its hijacked connections, or nothing."""
        if self.dialect.config.going_away:
            self._line.is_leaving = True
            self._line.life.ends(GOING_AWAY, "server")
            self._say_close(GOING_AWAY)
