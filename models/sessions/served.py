"""ServedSession: the server's end of a session. Not the protocol on it, which is a `Speaker`.

`Opening` is the first message of a session; it takes the connection out of the server's HTTP.
"""

from typing import Any

from models.backend.hijack import Hijack
from models.sessions.life import Life
from models.sessions.seam import Dialect, Speaker
from sim.engine.environment import Engine
from sim.engine.timers import NEVER

SERVER_ENDED = "server ended"


class Opening(Hijack):
    """The first message of a device on a connection."""

    __slots__ = ("dialect", "session")

    def __init__(self, session: Any, dialect: Dialect) -> None:
        self.session, self.dialect = session, dialect

    def take(self, server: Any, end: Any) -> "ServedSession":
        """The server's end from now on."""
        served = self.session.served = ServedSession(server, end, self)
        return served


class ServedSession:
    """A connection that lasts, as the server's program has it. It is the `Line` of the speaker on it."""

    __slots__ = ("_session", "end", "engine", "is_leaving", "is_open", "life", "opened_at", "server", "speaker")

    def __init__(self, server: Any, end: Any, opening: Opening) -> None:
        self.server, self.end, self._session = server, end, opening.session
        self.engine: Engine = server.engine
        self.life: Life = opening.session.life
        self.life.open_ends += 1
        self.opened_at = self.engine._now
        self.is_open = True
        self.is_leaving = False
        """Whether the server says goodbye, and a shutdown waits for it."""
        end.app = self
        self.speaker: Speaker = opening.dialect.server(self)

    @property
    def is_calm(self) -> bool:
        """Whether neither the path nor one of the programs is disturbed."""
        session = self._session
        return session.life is self.life and session.is_calm

    @property
    def is_stopped(self) -> bool:
        """Whether the server's program is stopped."""
        stopped: bool = self.server.is_paused
        return stopped

    def later(self, fn: Any, arg: Any) -> None:
        """Keep a step for the end of the server's pause."""
        self.server.later(fn, arg)

    def send(self, message: Any, size_bytes: int) -> None:
        """Write a message."""
        if self.is_open:
            self.end.send(message, size_bytes)

    def close(self, why: str) -> None:
        """Close in order; the client may have known before."""
        self._end(why)
        self.end.close()

    give_up = close

    # what its kernel says

    def received(self, message: Any) -> None:
        """A message was read."""
        if self.server.is_paused:
            self.end.has_unread = True
            self.server.later(self._read_late, message)
        elif isinstance(message, Opening):
            self.speaker.start()
        elif self.is_open:
            self.speaker.received(message)

    def _read_late(self, message: Any) -> None:
        self.end.has_unread = False
        self.received(message)

    def peer_closed(self) -> None:
        """The device's FIN."""
        if self.server.is_paused:
            self.server.later(self._read_eof, None)
        else:
            self._read_eof(None)

    def _read_eof(self, _: Any) -> None:
        if self.is_open:
            self.close("EOF")

    def was_reset(self) -> None:
        """The device's RST, or a middlebox's."""
        self._end("connection reset by peer")

    def timed_out(self) -> None:
        """Keepalive, or nothing was acknowledged."""
        self._end("connection timed out")

    # what its program does

    def shut_down(self) -> None:
        """The server's Shutdown begins; what of it concerns sessions, their protocol decides."""
        if self.is_open:
            self.speaker.say_goodbye()

    def die(self) -> None:
        """The program ends: its kernel closes what it had open."""
        if self.is_open:
            self.life.breaks(self.engine._now, NEVER)
            self.close(SERVER_ENDED)

    def settle(self, now: int) -> None:
        """Count what its protocol has not played."""
        self.speaker.settle(now)

    def disturbed(self) -> None:
        """Path or programs may fail from now on."""
        if not self.is_open:
            return
        if self._session.life is self.life:
            self._session.settle()
        self.speaker.disturbed()
        if self.end.link.blocked_until > self.engine._now:
            self._session.crowd.probes.watch(self.end, self.opened_at)

    def _end(self, why: str) -> None:
        if not self.is_open:
            return
        now = self.engine._now
        self.speaker.settle(now)
        self.is_open = self.is_leaving = False
        self.life.server_noticed_at = now
        self.life.ends(why, "server")
        self.speaker.over()
        server = self.server
        server.hijacked.pop(self, None)
        server.level(server.fall_connections)
        if server.tally is not None:
            server.level(server.tally.fall_sessions)
        self._session.crowd.end_closed(self.life)
