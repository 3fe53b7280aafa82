"""Moving: a client has another address, or another port behind a NAT: what becomes of its connections.

TCP is bound to both: what either end sends on such a connection vanishes, until a clock of one of them ends it. QUIC
goes on (`models/quic/client_end.py`). Not when it happens (`models/timeline/path_change.py`).

Simplified: what was under way still arrives over TCP, and connections that are only being made are not touched.
"""

from typing import Any

from models.kernel.socket import Endpoint
from models.network.link import Link
from models.transport.config import minor
from models.transport.keep_alive import GO_OF_SERVERS, SilentPath, keep_alive


def move(world: Any, transport: Any, *, host: bool) -> None:
    """All connections of one instance of a client: `host` says whether its address changes, or only its port."""
    cut: dict[int, Link] = {}
    for conn in transport.connections:
        if isinstance(conn.end, Endpoint) and conn.end.peer is not None:
            if conn.backend not in cut:
                cut[conn.backend] = conn.site.link.severed(world.ends_at + 1)
            conn.end.link = conn.end.peer.link = cut[conn.backend]
    for backend, link in cut.items():
        server = world.hosts[backend].server
        silent = SilentPath(world.engine, link)
        silent.client(transport.keep_alive, transport.connections)
        silent.server(keep_alive(server.config.keep_alive, minor(GO_OF_SERVERS)), server.connections)
    if transport.http3 is not None:
        transport.http3.moved(host=host)
