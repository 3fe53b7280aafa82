"""Goroutines: closed formulas over the levels, by Go version. Nothing counts them one by one.

Source: go_transport.md, 5.1 and 5.2 (net/http/transport.go; net/fd_unix.go; net/http/server.go).
"""

from collections.abc import Mapping

from models.transport.config import minor

SERVER = {"srv_connections": 1, "srv_handlers": 1, "srv_h2_conns": 1}
"""One per connection and one more of HTTP/2 (serve, readFrames); one per running handler, which of HTTP/1 is the
connection's own with a backgroundRead beside it; one per listener is added as a constant."""


_IDLE = {"pool_idle": 1, "h2_handles": -1}
_BUSY = {"open_conns": 1, "h2_conns": -1, "pool_idle": -1, "h2_handles": 1, "unread": -1, "draining": -1}
"""HTTP/1 connections that are idle, and that carry a request whose caller waits or reads: each has exactly one."""
_HTTP3: Mapping[str, Mapping[str, int]] = {
    "caller_awaiting_conn": {"h3_conns": 1, "h3_streams": -1},
    "caller_awaiting_headers": {"h3_conns": -1, "h3_streams": 1, "h3_reading_body": -1},
    "caller_reading_body": {"h3_reading_body": 1},
    "read_loop_awaiting_headers": {"h3_conns": -1},
    "write_loop": {"h3_conns": -1},
}
"""What connections of HTTP/3, which are open ones too, change in these states: its callers wait and read as all others,
and its connections have no loops of net/http. Goroutines of a QUIC connection itself are not counted."""


def _minus(weights: Mapping[str, int]) -> dict[str, int]:
    return {level: -weight for level, weight in weights.items()}


def client_states(go_version: str, *, has_http3: bool = False) -> dict[str, Mapping[str, int]]:
    """What the goroutines of a client do, as weights by level for each state; every goroutine is in one of them.

    The states are those that stacks tell apart (go_transport.md, 5.3), and idle and waiting readLoops besides, which
    have the same stack. Up to Go 1.25 each connect and each handshake has a watcher more. In a race of two families
    each racer connects, and the dial itself waits without a watcher.
    """
    watcher = 1 if minor(go_version) < 26 else 0
    awaiting_headers = {**_BUSY, "reading_body": -1}
    states: dict[str, Mapping[str, int]] = {
        "caller_awaiting_conn": {"inflight": 1, **_minus(_BUSY), "h2_callers": -1},
        "caller_awaiting_headers": awaiting_headers,
        "caller_reading_body": {"reading_body": 1},
        "read_loop_idle": _IDLE,
        "read_loop_awaiting_headers": awaiting_headers,
        "read_loop_body_being_read": {"reading_body": 1},
        "read_loop_body_unread": {"unread": 1},
        "read_loop_draining": {"draining": 1},
        "drain": {"draining": 1},
        "write_loop": {"open_conns": 1, "h2_conns": -1},
        "h2_caller_awaiting_headers": {"h2_callers": 1, "h2_reading_body": -1},
        "h2_caller_reading_body": {"h2_reading_body": 1},
        "h2_read_loop": {"h2_conns": 1},
        "h2_stream": {"h2_streams": 1},
        "dial_resolving": {"resolving": 1},
        "lookup": {"lookups": 3, "lookups_left": 1},
        "dial_connecting": {"connecting": 1 + watcher},
        "dial_racing": {"racers": 1, "both_racing": watcher},
        "dial_handshaking": {"handshaking": 2 + watcher},
        "dial_awaiting_proxy": {"connect_waiting": 2},  # the dial, and who writes the CONNECT and reads its answer
    }
    return {state: {**of, **_HTTP3.get(state, {})} for state, of in states.items()} if has_http3 else states


def client_goroutines(go_version: str, *, has_http3: bool = False) -> Mapping[str, int]:
    """Goroutines of the client, as a weight for each level: the closed formula, the sum of all its states."""
    total: dict[str, int] = {}
    for weights in client_states(go_version, has_http3=has_http3).values():
        for level, weight in weights.items():
            total[level] = total.get(level, 0) + weight
    return {level: weight for level, weight in total.items() if weight}
