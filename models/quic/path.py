"""Path: what a server may send to an address that it does not know yet, and how it comes to know it.

It sends nothing, and has no clock. Source: RFC 9000, 8 and 9; quic-go path_manager.go.
"""

from sim.units import SECOND

AMPLIFICATION = 3
"""Bytes that may go to an unvalidated address for each that came from it."""
PROBE_LOST_AFTER = 1 * SECOND
"""A PATH_CHALLENGE that is not answered counts as lost (quic-go, sent_packet_handler)."""
FORGOTTEN_AFTER = 5 * SECOND
"""A path that does not become valid is given up after so long without a packet (quic-go, path_manager)."""
SMALLEST_DATAGRAM = 1200
"""Datagrams that open a connection, or probe a path, are padded to this (RFC 9000, 14.1 and 8.2.1)."""

Address = tuple[int, int]
"""Numbers of the client's host address and of its port."""


class Path:
    """One address of the peer."""

    __slots__ = ("address", "challenged_at", "is_validated", "received", "sent")

    def __init__(self, address: Address, *, is_validated: bool) -> None:
        self.address, self.is_validated = address, is_validated
        self.received = self.sent = 0
        self.challenged_at = -1
        """When a challenge was sent that may still be answered; -1 where none was."""

    @property
    def budget(self) -> int:
        """Bytes that may be sent now; as good as without limit once it is validated."""
        return 1 << 40 if self.is_validated else AMPLIFICATION * self.received - self.sent

    def needs_challenge(self, now: int) -> bool:
        """Whether one has to go out: none has, or the last one is lost."""
        return not self.is_validated and (self.challenged_at < 0 or now - self.challenged_at >= PROBE_LOST_AFTER)
