"""Outbox: what one end has to send: its window, its queue, what is sent again. It outlives connections, as sessions do.

Sources: MQTT 5.0, 3.1.2.11.3 and 4.9 (Receive Maximum), 4.4 (only after a reconnect, with DUP), 4.6 (order); 3.1.1, 4.4
permits more. mosquitto.conf: max_inflight_messages, max_queued_messages, queue_qos0_messages.
"""

from collections import deque
from typing import Any, Literal, NamedTuple, Protocol

from models.mqtt.ledger import IN_FLIGHT, QUEUED, Ledger
from models.mqtt.packet import ACK_BYTES, Publish, Release
from models.mqtt.transfer import On, State, Transfer
from sim.records.rows import ABSENT

QUEUE_FULL = "queue full"
NO_CONNECTION = "no connection"
DISCARDED = "session discarded"
"""The errors of messages that found no room, of those of QoS 0 that found no connection, and of those that were in
flight when the session was found to be gone."""

Drops = Literal["newest", "oldest"]


class Carrier(Protocol):
    """A connection, to who sends on it."""

    def carry(self, packet: Any, size_bytes: int) -> None:
        """Write a packet."""


class Sending(NamedTuple):
    """How an end sends."""

    max_queued: int | None
    """Messages of QoS 1 and 2 that may wait for the window; None is without limit."""
    drops: Drops = "newest"
    """Which message goes where the queue is full."""
    resend_after: int = 0
    """How long (ns) an acknowledgement may take until PUBLISH goes again on a living connection; 0 is for ever."""


class Outbox:
    """The messages of one session in one direction."""

    __slots__ = ("_carrier", "_in_flight", "_ledger", "_queue", "_told", "connection", "window")

    def __init__(self, ledger: Ledger, told: Sending) -> None:
        self._ledger, self._told = ledger, told
        self._in_flight: dict[Transfer, None] = {}
        self._queue: deque[Transfer] = deque()
        self._carrier: Carrier | None = None
        self.window = 1
        """How many messages of QoS 1 and 2 may be without acknowledgement."""
        self.connection = 0
        """Number of the connection, or of the time without one."""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._carrier is not None

    @property
    def in_flight(self) -> int:
        """Messages without their acknowledgement."""
        return len(self._in_flight)

    @property
    def queued(self) -> int:
        """Messages that wait for a place in the window."""
        return len(self._queue)

    def put(self, transfer: Transfer) -> None:
        """A message comes: it is sent, waits or is dropped."""
        self._ledger.opened(transfer)
        if not transfer.qos:
            if self._carrier is None:
                transfer.feed(On.DROP, NO_CONNECTION)
            else:
                transfer.feed(On.SEND)
            return
        if not self._has_room:
            if self._told.drops == "newest" or not self._queue:
                transfer.feed(On.DROP, QUEUE_FULL)
                return
            self._ledger.falls(QUEUED)
            self._queue.popleft().feed(On.DROP, QUEUE_FULL)
        self._queue.append(transfer)
        self._ledger.rises(QUEUED)
        self._fill()

    @property
    def _has_room(self) -> bool:
        most = self._told.max_queued
        is_next = self._carrier is not None and len(self._in_flight) < self.window
        return most is None or len(self._queue) < most or is_next

    def open(self, carrier: Carrier, window: int) -> None:
        """A connection is there, whose other end permits that window: first what was in flight, in its order."""
        self._carrier, self.window = carrier, window
        self.connection += 1
        for transfer in list(self._in_flight):
            transfer.feed(On.SEND)
        self._fill()

    def shut(self) -> None:
        """The connection is over."""
        self._carrier = None
        self.connection += 1

    def discard(self) -> None:
        """The session is gone: nobody awaits an answer any more."""
        for transfer in list(self._in_flight):
            transfer.feed(On.DROP, DISCARDED)

    def discard_all(self) -> None:
        """The same, with what waits."""
        self.discard()
        while self._queue:
            self._ledger.falls(QUEUED)
            self._queue.popleft().feed(On.DROP, DISCARDED)

    # what the transfers do

    def transmit(self, transfer: Transfer) -> None:
        """Write its PUBLISH."""
        carrier, ledger, now = self._carrier, self._ledger, self._ledger.engine._now
        assert carrier is not None, "who sends has a connection"
        if transfer.sends:
            ledger.counts["resends"] += 1
        else:
            transfer.sent_at = now
        transfer.sends += 1
        transfer.connection = self.connection
        carrier.carry(Publish(transfer), transfer.size_bytes)
        if not transfer.qos:
            transfer.feed(On.ACKED)
        elif self._told.resend_after:
            ledger.engine.call_in(self._told.resend_after, self._expire, (transfer, transfer.sends))

    def release(self, transfer: Transfer) -> None:
        """Write its PUBREL."""
        if self._carrier is not None:
            self._carrier.carry(Release(transfer), ACK_BYTES)

    def ended(self, transfer: Transfer) -> None:
        """It is acknowledged; the next one has a place."""
        if transfer.qos:
            transfer.acked_at = self._ledger.engine._now
            self._leave(transfer)
        self._ledger.settle(transfer)
        self._fill()

    def dropped(self, transfer: Transfer) -> None:
        """It is given up."""
        self._ledger.counts[f"dropped:{transfer.err}"] += 1
        self._leave(transfer)
        self._ledger.settle(transfer)

    def _leave(self, transfer: Transfer) -> None:
        if self._in_flight.pop(transfer, ABSENT) is None:
            self._ledger.falls(IN_FLIGHT)

    def _fill(self) -> None:
        while self._carrier is not None and self._queue and len(self._in_flight) < self.window:
            transfer = self._queue.popleft()
            self._ledger.falls(QUEUED)
            self._in_flight[transfer] = None
            self._ledger.rises(IN_FLIGHT)
            transfer.feed(On.SEND)

    def _expire(self, due: tuple[Transfer, int]) -> None:
        """An acknowledgement has not come in time."""
        transfer, sends = due
        is_here = self._carrier is not None and transfer.connection == self.connection
        if is_here and transfer.sends == sends and transfer.state is State.SENT:
            transfer.feed(On.SEND)
