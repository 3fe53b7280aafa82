"""Hijack: the first message of another protocol, by which a server's connection leaves HTTP. Not what follows.

Source: net/http, Hijacker: the server forgets the connection; Shutdown neither closes it nor waits for it.
"""

from typing import Any


class Hijack:
    """A first message of a protocol of its own."""

    __slots__ = ()

    def take(self, server: Any, end: Any) -> Any:
        """Who has the connection from now on: it reads from `end`, and knows `die`, `shut_down` and `is_leaving`."""
        raise NotImplementedError


def hand_over(conn: Any, first: Hijack) -> None:
    """The server's connection `conn`, which has read `first`, is its protocol's from now on."""
    server = conn.server
    if conn.is_open:
        del server.connections[conn]
        conn.is_open = False
        conn.wait = None
        conn.successor = first.take(server, conn.end)
        server.hijacked[conn.successor] = None
        if server.tally is not None:
            server.level(server.tally.rise_sessions)
        conn.successor.received(first)
