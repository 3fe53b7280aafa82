"""Descriptors: RLIMIT_NOFILE of a server's program, and the connections that wait in its accept queue for one.

Not the queue's length (`listener`). Source: net/http/server.go, Server.Serve: after EMFILE it waits 5 ms, twice as long
each time, 1 s at most, and accepts nobody meanwhile. The client believes that it is connected.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from models.kernel.socket import Tcp
from sim.units import MS, SECOND

FIRST_WAIT: Final = 5 * MS
LONGEST_WAIT: Final = SECOND
"""net/http/server.go, Server.Serve: tempDelay."""


class Unaccepted:
    """The reader of an end that no program has accepted: its kernel keeps what comes."""

    __slots__ = ("_end", "_kept", "_server")

    is_leaving = False

    def __init__(self, server: Any, end: Any) -> None:
        self._server, self._end = server, end
        self._kept: list[tuple[str, Any]] = []
        end.app = self
        server.hijacked[self] = None

    def accepted(self) -> bool:
        """Hand over to the program; false where the peer has reset it meanwhile."""
        self._server.hijacked.pop(self, None)
        end = self._end
        if end.state is Tcp.CLOSED:
            return False
        self._server.accept(end)
        for name, args in self._kept:
            getattr(end.app, name)(*args)
        return True

    def received(self, message: Any) -> None:
        """Data."""
        self._kept.append(("received", (message,)))

    def peer_closed(self) -> None:
        """FIN."""
        self._kept.append(("peer_closed", ()))

    def was_reset(self) -> None:
        """RST: nothing is left to accept."""

    def timed_out(self) -> None:
        """The peer acknowledges nothing."""

    def shut_down(self) -> None:
        """The program does not know of it."""

    def disturbed(self) -> None:
        """Nobody waits for anything of it."""

    def settle(self, now: int) -> None:
        """It has no counts."""

    def die(self) -> None:
        """The listener is closed: what it has not accepted is reset (inet_csk_listen_stop)."""
        self._server.hijacked.pop(self, None)
        self._end.has_unread = True
        self._end.close()


class Descriptors:
    """Who is accepted now, and who waits."""

    def __init__(self, server: Any, limit: int, accept: Callable[[], object]) -> None:
        self._server, self._limit, self._accept = server, limit, accept
        self._waiting: deque[Unaccepted] = deque()
        self._wait = 0

    def take(self, end: Any) -> bool:
        """Whether there is a descriptor for a new connection; otherwise it waits."""
        if not self._waiting and not self._is_full:
            return True
        self._waiting.append(Unaccepted(self._server, end))
        if len(self._waiting) == 1:
            self._sleep()
        return False

    @property
    def _is_full(self) -> bool:
        server = self._server
        unaccepted = sum(each in server.hijacked for each in self._waiting)
        return len(server.connections) + len(server.hijacked) - unaccepted >= self._limit

    def _sleep(self) -> None:
        self._wait = min(max(2 * self._wait, FIRST_WAIT), LONGEST_WAIT)
        self._server.engine.call_in(self._wait, self._go_on)

    def _go_on(self, _: Any) -> None:
        server, waiting = self._server, self._waiting
        if server.is_paused:
            server.later(self._go_on, None)
            return
        while waiting:
            if waiting[0] not in server.hijacked:  # the program has died since
                waiting.popleft()
                continue
            if self._is_full:
                self._sleep()
                return
            waiting.popleft().accepted()
            self._accept()
        self._wait = 0
