"""Transfer: a message on its way from one end of MQTT to the other, as its sender knows it. Not what its receiver does.

Source: MQTT 5.0, 4.3 (delivery protocols) and 4.4 (delivery retry); Appendix B of 3.1.1 has the same in prose.
"""

from enum import IntEnum
from typing import Any

from sim.engine.machine import Machine, Table, ignore
from sim.records.rows import ABSENT


class State(IntEnum):
    """What its sender waits for."""

    WAITING, SENT, RELEASED, DONE = range(4)


class On(IntEnum):
    """What may happen to it."""

    SEND, RECORDED, ACKED, DROP = range(4)


def _first(transfer: "Transfer", _: Any) -> None:
    transfer.outbox.transmit(transfer)


def _again(transfer: "Transfer", _: Any) -> None:
    transfer.outbox.transmit(transfer)


def _release(transfer: "Transfer", _: Any) -> None:
    transfer.outbox.release(transfer)


def _end(transfer: "Transfer", _: Any) -> None:
    transfer.outbox.ended(transfer)


def _drop(transfer: "Transfer", why: str) -> None:
    transfer.err = why
    transfer.outbox.dropped(transfer)


TRANSFER_TABLE: Table = {
    State.WAITING: {On.SEND: (State.SENT, _first), On.DROP: (State.DONE, _drop)},
    State.SENT: {
        On.SEND: (State.SENT, _again),
        On.RECORDED: (State.RELEASED, _release),
        On.ACKED: (State.DONE, _end),
        On.DROP: (State.DONE, _drop),
    },
    State.RELEASED: {
        # after a reconnect PUBREL goes once more; a second PUBREC answers a PUBLISH that was sent twice
        On.SEND: (State.RELEASED, _release),
        On.RECORDED: (State.RELEASED, _release),
        On.ACKED: (State.DONE, _end),
        On.DROP: (State.DONE, _drop),
    },
    State.DONE: {
        # what was sent twice is acknowledged twice, and a session that was discarded may still get answers
        On.RECORDED: (State.DONE, ignore),
        On.ACKED: (State.DONE, ignore),
        On.DROP: (State.DONE, ignore),
    },
}


class Transfer(Machine, table=TRANSFER_TABLE):
    """One message between a client and a broker, one way. Its times are instants in ns, or ABSENT."""

    __slots__ = (
        "acked_at", "connection", "copies", "deliveries", "err", "leg", "message", "outbox", "qos", "queued_at",
        "received_at", "sends", "sent_at", "size_bytes",
    )  # fmt: skip

    def __init__(self, outbox: Any, message: "Message", *, qos: int, leg: int, size_bytes: int) -> None:
        self.state = State.WAITING
        self.outbox, self.message, self.qos, self.leg, self.size_bytes = outbox, message, qos, leg, size_bytes
        self.queued_at = self.sent_at = self.received_at = self.acked_at = ABSENT
        self.sends = self.copies = self.deliveries = 0
        """How often its PUBLISH was sent, how often it arrived, and how often it was handed on then."""
        self.connection = 0
        """The connection, by number, that carried it last."""
        self.err = ""


class Message:
    """What an application has published: who, when, and as which of its messages."""

    __slots__ = ("at", "device", "fleet", "number", "payload", "topic")

    def __init__(self, fleet: int, device: int, number: int, *, at: int, told: Any) -> None:
        self.fleet, self.device, self.number, self.at = fleet, device, number, at
        self.payload, self.topic = told.size, 0 if told.topic_alias else told.topic_size
