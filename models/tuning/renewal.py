"""Renewal: a new Transport takes the place of the old one, as Go wants it done: what the old one holds, it finishes.

The fields of a Transport must not be changed while it is used (net/http, Transport), so a program that wants others
makes a new one, calls CloseIdleConnections of the old one, and pays for it with its pool.

Simplified: dials under way and who waits for them go over to the new one, and it goes on counting the connections of
the old one against MaxConnsPerHost until they are closed.
"""

from typing import Any

from models.transport.connection import PersistConn


def renew(transport: Any) -> None:
    """Close what is idle, and what carries a request when that is done."""
    for host in transport.pool.hosts:
        for conn in tuple(host.idle):
            conn.close()
    multiplexed = [conn for pool in transport.http2.pools for conn in pool.conns] if transport.http2 else []
    for conn in multiplexed:
        conn.retire()
    for conn in transport.connections:
        if isinstance(conn, PersistConn):
            conn.is_retired = True
