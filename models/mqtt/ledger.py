"""Ledger: what is recorded of MQTT: a row for each transfer, levels of windows and queues, counts. No decisions."""

from collections import Counter
from typing import Any

from models.mqtt.transfer import State, Transfer
from sim.records.rows import ABSENT

IN_FLIGHT, QUEUED = "mqtt_in_flight", "mqtt_queued"
MQTT_LEVELS = (IN_FLIGHT, QUEUED)
"""PUBLISHes of QoS 1 and 2 without acknowledgement, and messages that wait for a place among these: of all ends."""
LOST, CUT_OFF = "lost", "lab-end"
"""The errors of a message of QoS 0 whose connection broke under it, and of one that the end of the run has met."""


class Ledger:
    """The records of all transfers of a world."""

    def __init__(self, trace: Any, engine: Any) -> None:
        self._trace, self.engine = trace, engine
        self._rows = trace.tables["messages"]
        self._open: dict[Transfer, None] = {}
        self.counts: Counter[str] = Counter()
        rise, fall = trace.levels.rise, trace.levels.fall
        self._codes = {name: (rise(name), fall(name)) for name in MQTT_LEVELS}

    def leg(self, name: str) -> int:
        """A way of messages (publish, deliver) as the records have it."""
        number: int = self._trace.vocabulary[name]
        return number

    def rises(self, level: str) -> None:
        """One more."""
        self._trace.levels.change(self.engine._now << 12 | self._codes[level][0])

    def falls(self, level: str) -> None:
        """One less."""
        self._trace.levels.change(self.engine._now << 12 | self._codes[level][1])

    def opened(self, transfer: Transfer) -> None:
        """It has come to its sender."""
        transfer.queued_at = self.engine._now
        self._open[transfer] = None

    def arrived(self, transfer: Transfer) -> None:
        """A copy of it is at the other end."""
        transfer.copies += 1
        if transfer.received_at == ABSENT:
            transfer.received_at = self.engine._now
        self.settle(transfer)

    def settle(self, transfer: Transfer) -> None:
        """Write it once nothing more can happen to it: its sender is done, and no copy is under way."""
        if transfer.state is State.DONE and transfer.copies == transfer.sends and transfer in self._open:
            del self._open[transfer]
            self._write(transfer)

    def cut_off(self) -> None:
        """The run ends: write what is still open."""
        for transfer in self._open:
            if not transfer.qos and transfer.state is State.DONE and transfer.received_at == ABSENT:
                is_over = transfer.connection != transfer.outbox.connection
                transfer.err = transfer.err or (LOST if is_over else CUT_OFF)
            elif transfer.state is not State.DONE:
                transfer.err = CUT_OFF
            self._write(transfer)
        self._open.clear()

    def count(self) -> dict[str, float]:
        """What was counted, by name."""
        return {f"mqtt.{name}": n for name, n in sorted(self.counts.items())}

    def _write(self, transfer: Transfer) -> None:
        message, words = transfer.message, self._trace.vocabulary
        self._rows.append(
            message.fleet, message.device, transfer.leg, transfer.qos, message.at, transfer.queued_at, transfer.sent_at,
            transfer.received_at, transfer.acked_at, transfer.sends, transfer.copies, transfer.deliveries,
            words[transfer.err] if transfer.err else 0,
        )  # fmt: skip
