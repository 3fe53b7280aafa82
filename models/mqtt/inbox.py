"""Inbox: what one end gets on a connection: what is handed on, and when it is acknowledged, in order.

Sources: MQTT 5.0, 4.3.2 (QoS 1: the receiver takes what comes), 4.3.3 (QoS 2: it knows an identifier until PUBREL),
4.6 [MQTT-4.6.0-2 and -3] (PUBACK and PUBREC in the order of the PUBLISHes).
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from models.mqtt.config import AckConfig
from models.mqtt.ledger import Ledger
from models.mqtt.packet import Ack, Kind
from models.mqtt.transfer import Transfer

Done = Callable[[], object]
Hand = Callable[[Transfer, Done], object]
"""Gives a message to who wants it, and a call for when it is taken care of."""


def _nothing() -> None:
    pass


class Receipt:
    """A PUBLISH that is to be acknowledged."""

    __slots__ = ("is_done", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer, self.is_done = transfer, False


class Acknowledging:
    """The acknowledgements of one connection: each by itself, or several in one write."""

    __slots__ = ("_config", "_due", "_ledger", "_waiting", "_write")

    def __init__(self, ledger: Ledger, config: AckConfig, write: Callable[[list[Ack]], object]) -> None:
        self._ledger, self._config, self._write = ledger, config, write
        self._waiting: list[Ack] = []
        self._due = 0

    def put(self, ack: Ack) -> None:
        """One is due; with a delay the first of them waits so long for others."""
        delay, most = self._config.delay, self._config.most
        self._waiting.append(ack)
        if not delay or (most is not None and len(self._waiting) >= most):
            self._go()
        elif len(self._waiting) == 1:
            self._ledger.engine.call_in(delay, self._expire, self._due)

    def _expire(self, number: int) -> None:
        if number == self._due:
            self._go()

    def _go(self) -> None:
        acks, self._waiting = self._waiting, []
        self._due += 1
        self._ledger.counts["acks"] += len(acks)
        self._ledger.counts["ack_writes"] += 1
        self._write(acks)


class Inbox:
    """What comes in on one connection."""

    __slots__ = ("_acks", "_hand", "_known", "_ledger", "_receipts")

    def __init__(self, ledger: Ledger, acks: Acknowledging, known: dict[Any, None], hand: Hand) -> None:
        self._ledger, self._acks, self._hand = ledger, acks, hand
        self._known = known
        """Messages of QoS 2 that were taken and not released: of the session, so it may know them from before."""
        self._receipts: deque[Receipt] = deque()

    def publish(self, transfer: Transfer) -> None:
        """A PUBLISH has been read."""
        self._ledger.arrived(transfer)
        if not transfer.qos:
            self._take(transfer, _nothing)
            return
        receipt = Receipt(transfer)
        self._receipts.append(receipt)
        done = partial(self._finish, receipt)
        if transfer.qos == 2 and transfer in self._known:
            done()
            return
        if transfer.qos == 2:
            self._known[transfer] = None
        self._take(transfer, done)

    def release(self, transfer: Transfer) -> None:
        """A PUBREL has been read: the identifier is free."""
        self._known.pop(transfer, None)
        self._acks.put(Ack(Kind.PUBCOMP, transfer))

    def _take(self, transfer: Transfer, done: Done) -> None:
        transfer.deliveries += 1
        if transfer.deliveries > 1:
            self._ledger.counts["duplicates"] += 1
        self._hand(transfer, done)

    def _finish(self, receipt: Receipt) -> None:
        """It is taken care of; it is acknowledged once all before it are."""
        receipt.is_done = True
        receipts = self._receipts
        while receipts and receipts[0].is_done:
            transfer = receipts.popleft().transfer
            self._acks.put(Ack(Kind.PUBREC if transfer.qos == 2 else Kind.PUBACK, transfer))
