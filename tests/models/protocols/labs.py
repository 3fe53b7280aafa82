"""Builders: a lab whose service g speaks HTTP/2; a handshake takes 1.1 ms of CPU time, everything else none."""

from typing import Any

from models.backend.http2_config import Http2ServerConfig
from models.protocols.http2_connection import ClientConn
from tests.models.worlds import Lab, a_client, a_lab, a_service

SHAKEN = 1.1
"""ms from a dial to its connection, at a round trip of 0."""


def an_http2_lab(
    max_streams: int = 100, *, service: dict[str, Any] | None = None, client: dict[str, Any] | None = None, **rest: Any
) -> Lab:
    """One client and one service; `rest` are the lab's own keywords and fields of a literal http.Transport."""
    lab_keywords = {key: rest.pop(key) for key in ("rtt", "seed", "loss") if key in rest}
    http2 = Http2ServerConfig(max_concurrent_streams=max_streams)
    services = {"g": a_service(scheme="https", http2=http2, **(service or {}))}
    return a_lab(client=a_client(transport=rest, **(client or {})), services=services, **lab_keywords)


def conns(lab: Lab) -> list[ClientConn]:
    """The connections of the pool, in order of their creation."""
    return list(lab.pools["g"].http2.conns)
