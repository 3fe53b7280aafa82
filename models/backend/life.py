"""Life: how a server's program ends in order: keep-alives off, Shutdown. Its sudden death is `Server.die`.

Sources: net/http/server.go, Server.SetKeepAlivesEnabled, Server.Shutdown, Server.closeIdleConns.
"""

from collections.abc import Generator
from typing import Any

from sim.units import MS, SECOND

FIRST_POLL = 1 * MS
LONGEST_POLL = 500 * MS
"""Shutdown looks for idle connections again and again (shutdownPollIntervalMax). Simplified: without its jitter."""
NEW_COUNTS_AS_BUSY = 5
"""Whole seconds for which a connection without any request is spared (closeIdleConns, issue 22682)."""


def close_idle(server: Any) -> bool:
    """Close what is idle; whether nothing is left."""
    now = server.engine._now // SECOND
    all_gone = True
    for conn in list(server.connections):
        is_spared = conn.is_new and conn.idle_since // SECOND >= now - NEW_COUNTS_AS_BUSY
        if conn.is_busy or is_spared:
            all_gone = False
        else:
            conn.close()
    return all_gone and not any(conn.is_leaving for conn in server.hijacked)


def disable_keep_alives(server: Any) -> None:
    """Server.SetKeepAlivesEnabled(false): idle connections end now, the others with their answers."""
    server.closes = True
    close_idle(server)


def shutdown(server: Any) -> Generator[Any, Any, None]:
    """Server.Shutdown, a script: run it with ``engine.process(shutdown(server))``; the kernel refuses dials by then."""
    server.closes = True
    for conn in (*server.connections, *server.hijacked):
        conn.shut_down()
    poll = FIRST_POLL
    while server.closes and not close_idle(server):
        yield server.engine.timeout(poll)
        poll = min(2 * poll, LONGEST_POLL)
    for conn in list(server.hijacked):  # main returns
        conn.die()
