"""Life: how far one end of a QUIC connection is, from its handshake to its end. Not the packets that bring it there.

Source: RFC 9001, 4.1 (complete, confirmed); RFC 9000, 10 (idle time-out, CONNECTION_CLOSE, stateless reset).
"""

from enum import IntEnum
from typing import Any

from sim.engine.machine import Action, Machine, Table, ignore


class Stage(IntEnum):
    """What may be sent, and what is known of the peer."""

    HANDSHAKE, COMPLETE, CONFIRMED, CLOSED = range(4)


class On(IntEnum):
    """What moves an end on."""

    COMPLETED, CONFIRMED, CLOSE, VANISH, PEER_CLOSED, RESET, SILENT = range(7)


def _complete(life: "Life", _: Any) -> None:
    life.end.completed()


def _confirm(life: "Life", _: Any) -> None:
    life.end.confirmed()


def _say_close(life: "Life", _: Any) -> None:
    life.end.say_close()
    life.end.over()


def _over(life: "Life", _: Any) -> None:
    life.end.over()


def _peer_closed(life: "Life", _: Any) -> None:
    life.end.over()
    life.end.app.peer_closed()


def _was_reset(life: "Life", _: Any) -> None:
    life.end.over()
    life.end.app.was_reset()


def _timed_out(life: "Life", _: Any) -> None:
    life.end.over()
    life.end.app.timed_out()


_ENDS: dict[IntEnum, tuple[IntEnum, Action]] = {
    On.CLOSE: (Stage.CLOSED, _say_close),
    On.VANISH: (Stage.CLOSED, _over),
    On.PEER_CLOSED: (Stage.CLOSED, _peer_closed),
    On.RESET: (Stage.CLOSED, _was_reset),
    On.SILENT: (Stage.CLOSED, _timed_out),
}

LIFE_TABLE: Table = {
    Stage.HANDSHAKE: {On.COMPLETED: (Stage.COMPLETE, _complete), **_ENDS},
    Stage.COMPLETE: {On.CONFIRMED: (Stage.CONFIRMED, _confirm), **_ENDS},
    Stage.CONFIRMED: {
        On.CONFIRMED: (Stage.CONFIRMED, ignore),  # HANDSHAKE_DONE that was sent again
        **_ENDS,
    },
    Stage.CLOSED: {
        # what was under way when it was closed
        On.COMPLETED: (Stage.CLOSED, ignore),
        On.CONFIRMED: (Stage.CLOSED, ignore),
        On.CLOSE: (Stage.CLOSED, ignore),
        On.VANISH: (Stage.CLOSED, ignore),
        On.PEER_CLOSED: (Stage.CLOSED, ignore),
        On.RESET: (Stage.CLOSED, ignore),
        On.SILENT: (Stage.CLOSED, ignore),
    },
}


class Life(Machine, table=LIFE_TABLE):
    """The stage of `end`, which does what the table says."""

    __slots__ = ("end",)

    def __init__(self, end: Any) -> None:
        self.state = Stage.HANDSHAKE
        self.end = end
