"""Received: which packets of a space have come, and when they are acknowledged. It sends nothing, and has no clock.

Source: RFC 9000, 13.2; quic-go internal/ackhandler/received_packet_tracker.go (every second packet, or after 25 ms).
"""

from models.quic.packet import Ack
from models.quic.rtt import MAX_ACK_DELAY
from sim.engine.timers import NEVER

MOST_RANGES = 32
"""quic-go internal/protocol/params.go, MaxNumAckRanges."""


class Received:
    """The packet numbers of one space, and what is owed to the peer."""

    __slots__ = ("_acks_at_once", "_largest_at", "_owed", "_ranges", "ack_at")

    def __init__(self, *, acks_at_once: bool) -> None:
        self._acks_at_once = acks_at_once
        """Initial and Handshake packets are not kept waiting."""
        self._ranges: list[list[int]] = []  # from the lowest up, both ends included
        self._largest_at = 0
        self._owed = 0
        self.ack_at = NEVER
        """When an acknowledgement has to be sent at the latest."""

    @property
    def largest(self) -> int:
        """The highest number that has come; -1 before the first."""
        return self._ranges[-1][1] if self._ranges else -1

    def take(self, number: int, now: int, *, is_eliciting: bool) -> bool:
        """A packet has come; whether it is new."""
        ranges, in_order = self._ranges, number == self.largest + 1
        if in_order and ranges:
            ranges[-1][1] = number
        elif not self._insert(number):
            return False
        if number == self.largest:
            self._largest_at = now
        if is_eliciting:
            self._owed += 1
            at_once = self._acks_at_once or self._owed >= 2 or not in_order
            self.ack_at = now if at_once else min(self.ack_at, now + MAX_ACK_DELAY)
        return True

    def _insert(self, number: int) -> bool:
        ranges = self._ranges
        if any(low <= number <= high for low, high in ranges):
            return False
        ranges.append([number, number])
        ranges.sort()
        merged = [ranges[0]]
        for low, high in ranges[1:]:
            if low == merged[-1][1] + 1:
                merged[-1][1] = high
            else:
                merged.append([low, high])
        self._ranges = merged[-MOST_RANGES:]
        return True

    def acknowledge(self, now: int) -> Ack | None:
        """What to say with the next packet, if anything is new; nothing is owed then."""
        if not self._owed:
            return None
        self._owed, self.ack_at = 0, NEVER
        return Ack(tuple((low, high) for low, high in reversed(self._ranges)), now - self._largest_at)
