"""ConnTable: the states of an HTTP/2 connection of a client, what ends it, and what follows. Not how it is done.

Source: internal/http2/transport.go, ClientConn: processGoAway, closeIfIdle, closeForLostPing, cleanup.
"""

from enum import IntEnum
from typing import Any

from models.backend.frame import GoAway
from sim.engine.machine import Table, ignore


class Conn(IntEnum):
    """Whether new streams may begin."""

    OPEN, LEAVING, CLOSED = range(3)


class On(IntEnum):
    """What ends a connection."""

    UNWANTED, GOAWAY, SPENT, EXPIRED, LOST = range(5)


def _drop(conn: Any, _: Any) -> None:
    conn.drop()


def _leave(conn: Any, frame: GoAway) -> None:
    conn.disown(frame)


def _close(conn: Any, _: Any) -> None:
    conn.close()


def _lose(conn: Any, err: str) -> None:
    conn.lose(err)


CONN_TABLE: Table = {
    Conn.OPEN: {
        On.UNWANTED: (Conn.CLOSED, _drop),
        On.GOAWAY: (Conn.LEAVING, _leave),
        On.SPENT: (Conn.CLOSED, _close),
        On.EXPIRED: (Conn.CLOSED, _close),
        On.LOST: (Conn.CLOSED, _lose),
    },
    Conn.LEAVING: {
        On.GOAWAY: (Conn.LEAVING, _leave),
        On.SPENT: (Conn.CLOSED, _close),
        On.EXPIRED: (Conn.CLOSED, _close),
        On.LOST: (Conn.CLOSED, _lose),
    },
    Conn.CLOSED: {
        # what was under way when it was closed, and what its last streams bring about
        On.GOAWAY: (Conn.CLOSED, ignore),
        On.SPENT: (Conn.CLOSED, ignore),
        On.EXPIRED: (Conn.CLOSED, ignore),
        On.LOST: (Conn.CLOSED, ignore),
    },
}
