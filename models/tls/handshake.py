"""Handshake: the flights of TLS between two ends, by version and resumption. Not records, not certificates.

Sources: RFC 8446, 2 and 2.2; RFC 5246, 7.3; crypto/tls, clientHandshake.
"""

from collections.abc import Callable
from typing import Any

from models.backend.config import TlsConfig
from models.backend.secure import Flight
from models.tls.cost import CLIENT_CPU, RESUMED_CLIENT_CPU, RESUMED_SERVER_CPU, SERVER_CPU

ROUND_TRIPS = {"1.2": 2, "1.3": 1}
"""After the TCP handshake, full (recordings E16: set-up 3.13 and 2.13 RTT in all); Go sends no 0-RTT data for HTTP."""

RESUMED_ROUND_TRIPS = {"1.2": 1, "1.3": 1}
"""RFC 5246, 7.3 (abbreviated handshake); RFC 8446, 2.2."""

CLIENT_FLIGHT_BYTES = 1_513
"""Go 1.27's ClientHello; its other flights are shorter, and all fit into the first window."""


class Handshake(Flight):
    """One handshake, seen from the client's end. It is itself the message of each of its flights.

    The server signs when the first flight is there, the client verifies when the last one is.
    """

    __slots__ = ("_client_cpu", "_end", "_rounds", "_server_cpu", "_then")

    def __init__(self, end: Any, config: TlsConfig, then: Callable[[Any], object], *, resumed: bool) -> None:
        self._end, self._then = end, then
        self._rounds = (RESUMED_ROUND_TRIPS if resumed else ROUND_TRIPS)[config.version]
        self._client_cpu = RESUMED_CLIENT_CPU if resumed else CLIENT_CPU[config.key]
        self._server_cpu = RESUMED_SERVER_CPU if resumed else SERVER_CPU[config.key]

    def start(self) -> None:
        """Send the ClientHello; what comes back is handed to `arrived`."""
        self._end.send(self, CLIENT_FLIGHT_BYTES)

    def served_at(self, server: Any) -> int:
        """When the server, which has just read a flight, has done its work on it: all of it is with the first."""
        cost, self._server_cpu = self._server_cpu, 0
        return int(server.take_tls_cpu(cost))

    def arrived(self) -> None:
        """A flight of the server has arrived: answer it, or be done."""
        self._rounds -= 1
        if self._rounds:
            self.start()
        else:
            self._end.side.engine.call_in(self._client_cpu, self._over)

    def _over(self, _: Any) -> None:
        self._then(self)
