"""Goroutines: closed formulas over the levels, by Go version. Nothing counts them one by one.

Source: go_transport.md, 5.1 and 5.2 (net/http/transport.go; net/fd_unix.go; net/http/server.go).
"""

from collections.abc import Mapping

from models.transport.config import minor

SERVER = {"srv_connections": 1, "srv_handlers": 1}
"""One per connection, one more per running handler (backgroundRead); one per listener is added as a constant."""


def client_goroutines(go_version: str) -> Mapping[str, int]:
    """Goroutines of the client, as a weight for each level: callers, connections, dials, handshakes, lookups.

    Up to Go 1.25 each connect and each handshake has a watcher more. In a race of two families each racer connects, and
    the dial itself waits without a watcher.
    """
    watcher = 1 if minor(go_version) < 26 else 0
    return {
        "inflight": 1,
        "open_conns": 2,
        "connecting": 1 + watcher,
        "handshaking": 2 + watcher,
        "resolving": 1,
        "lookups": 3,
        "lookups_left": 1,
        "racers": 1,
        "both_racing": watcher,
        "connect_waiting": 1,
    }
