"""Pings: what a client's program sends on connections that lie idle, so that whoever is on the way knows of them.

Source: Elasticsearch 8, TransportKeepAlive: every interval, on each connection on which nothing went since the last;
the peer's program answers, nobody waits for it. A lost one ends its connection as lost data does. Not TCP's keepalive,
which the kernel sends, nor HTTP/2's PING.
"""

from typing import Any, Final

from models.backend.message import PING
from models.transport.connection import PersistConn

PING_BYTES: Final = 6
"""'ES' and a length of -1."""


class Pings:
    """Those of one instance, on its connections of HTTP/1.

    Simplified: on a path on which nothing can happen to a connection a ping is counted, not sent.
    """

    def __init__(self, transport: Any, every: int) -> None:
        self._transport, self._engine, self._every = transport, transport.engine, every
        self._last_round = 0
        self.sent = 0
        """Pings so far."""
        self._engine.call_in(every, self._round)

    def _round(self, _: Any) -> None:
        for conn in tuple(self._transport.connections):
            if isinstance(conn, PersistConn) and conn.request is None and conn.idle_at <= self._last_round:
                self.sent += 1
                if not conn.is_certain:
                    conn.end.send(PING, PING_BYTES)
        self._last_round = self._engine.now
        self._engine.call_in(self._every, self._round)
