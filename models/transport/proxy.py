"""Tunnel: a proxy's CONNECT, as one client sees it. What a proxy costs http requests is said by its service.

Source: net/http/transport.go, dialConn, cm.targetScheme == "https".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.backend.config import TlsConfig
from models.backend.secure import Flight
from models.tls.session import Ticket
from sim.units import MINUTE

CONNECT_TIMEOUT = MINUTE
"""The longest wait for the answer to a CONNECT; it cannot be set (testHookProxyConnectTimeout)."""
CONNECT_BYTES = 200
"""Of the request and of its answer: both fit into a segment."""
BAD_GATEWAY = "Bad Gateway"
"""The text of the answer's status is the error; 502 is what proxies say when they cannot reach the target."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A TLS handshake on the way: with whom, and which ticket can resume it."""

    server_name: str
    tls: TlsConfig
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The way to an https target through a proxy."""

    proxy_name: str
    proxy_is_secure: bool
    draw_connect_time: Callable[[], int]
    draw_refused: Callable[[], bool]
    leg: Leg
    """TLS with the target, through the tunnel. Simplified: whichever backend of the target it leads to, it reads the
    tickets of the others."""


class ConnectRequest(Flight):
    """One CONNECT: `then(err)` is called with the answer. It is itself the message of both ways."""

    __slots__ = ("_connect_time", "_end", "_is_refused", "_then")

    def __init__(self, end: Any, tunnel: Tunnel, then: Callable[[str], object]) -> None:
        self._end, self._then = end, then
        self._connect_time, self._is_refused = tunnel.draw_connect_time(), tunnel.draw_refused()

    def start(self) -> None:
        """Send it."""
        self._end.send(self, CONNECT_BYTES)

    def served_at(self, server: Any) -> int:
        """When the proxy, which has just read it, has dialed the target."""
        return int(server.engine._now) + self._connect_time

    def arrived(self) -> None:
        """The answer is here."""
        self._then(BAD_GATEWAY if self._is_refused else "")
