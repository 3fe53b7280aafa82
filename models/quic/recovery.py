"""Recovery: what of a connection's packets is under way, when it counts as lost, when the peer is probed.

It sends nothing and has no clock: who owns it says what time it is. Source: RFC 9002, 6 and appendix A; quic-go
internal/ackhandler/sent_packet_handler.go.
"""

from models.quic.packet import Ack, Packet, Space
from models.quic.rtt import MAX_ACK_DELAY, RttEstimate
from models.quic.window import Window
from sim.engine.timers import NEVER
from sim.units import SECOND

PACKET_THRESHOLD = 3
"""kPacketThreshold: so many later packets that arrived make one lost."""
LONGEST_PROBE_TIMEOUT = 60 * SECOND
"""quic-go, maxPTODuration."""


class Recovery:
    """The sender's side of one connection, all packet-number spaces."""

    __slots__ = (
        "_largest", "_last_at", "_loss_at", "_numbers", "_sent", "awaits_validation", "is_confirmed", "n_probes",
        "rtt", "under_way", "window",
    )  # fmt: skip

    def __init__(self, *, is_client: bool) -> None:
        self.rtt, self.window = RttEstimate(), Window()
        self._sent: tuple[dict[int, Packet], ...] = ({}, {}, {})
        self._numbers = [0, 0, 0]
        self._largest = [-1, -1, -1]
        self._last_at = [0, 0, 0]
        self._loss_at = [NEVER, NEVER, NEVER]
        self.n_probes = 0
        """Probe time-outs in succession: each doubles the next."""
        self.under_way = 0
        """Bytes in flight."""
        self.is_confirmed = False
        self.awaits_validation = is_client
        """Whether the server may be unable to send: then the client probes with nothing under way (6.2.2.1)."""

    def next_number(self, space: Space) -> int:
        """The number of the next packet of a space."""
        number = self._numbers[space]
        self._numbers[space] = number + 1
        return number

    def largest_acked(self, space: Space) -> int:
        """The highest number of a space that has arrived; -1 where none has."""
        return self._largest[space]

    def sent(self, packet: Packet, now: int) -> None:
        """A packet has left."""
        packet.sent_at = now
        if packet.is_eliciting:
            self._sent[packet.space][packet.number] = packet
            self._last_at[packet.space] = now
            self.under_way += packet.size

    def acked(self, space: Space, ack: Ack, now: int) -> list[Packet]:
        """The peer has these; what is lost with that."""
        sent = self._sent[space]
        arrived = [packet for number, packet in sent.items() if _covers(ack, number)]
        if not arrived:
            return []
        newest = arrived[-1]
        if newest.number == ack.largest:
            self.rtt.sample(now - newest.sent_at, ack.delay if space is Space.APPLICATION else 0)
        self._largest[space] = max(self._largest[space], ack.largest)
        was_used = 2 * self.under_way >= self.window.size  # quic-go, isCwndLimited
        for packet in arrived:
            del sent[packet.number]
            self.under_way -= packet.size
            if was_used:
                self.window.acked(packet.sent_at, packet.size, now)
        if not self.awaits_validation or space is not Space.INITIAL:
            self.n_probes = 0
        if space is Space.HANDSHAKE:
            self.awaits_validation = False
        return self._find_lost(space, now)

    def _find_lost(self, space: Space, now: int) -> list[Packet]:
        """Too many later ones, or one much later, have arrived (6.1)."""
        sent, largest, delay = self._sent[space], self._largest[space], self.rtt.loss_delay()
        self._loss_at[space] = NEVER
        lost = []
        for packet in sent.values():
            if packet.number > largest:
                break
            if packet.number <= largest - PACKET_THRESHOLD or packet.sent_at + delay <= now:
                lost.append(packet)
            else:
                self._loss_at[space] = min(self._loss_at[space], packet.sent_at + delay)
        for packet in lost:
            self._take_off(packet)
            self.window.lost(packet.sent_at, now)
        return lost

    def _take_off(self, packet: Packet) -> None:
        del self._sent[packet.space][packet.number]
        self.under_way -= packet.size

    # the timer

    def deadline(self, now: int) -> int:
        """When a packet counts as lost, or else the peer is probed; NEVER if nothing is awaited."""
        loss_at = min(self._loss_at)
        return loss_at if loss_at != NEVER else self._probe_at(now)[0]

    def expired(self, now: int) -> tuple[list[Packet], Space | None]:
        """The deadline has come: what is lost, or else the space in which the peer is probed."""
        loss_at = min(self._loss_at)
        if loss_at != NEVER:
            return self._find_lost(Space(self._loss_at.index(loss_at)), now), None
        space = self._probe_at(now)[1]
        if space is not None:
            self.n_probes += 1
        return [], space

    def _probe_at(self, now: int) -> tuple[int, Space | None]:
        """GetPtoTimeAndSpace: the earliest of the spaces; APPLICATION only when the handshake is confirmed."""
        wait = min(self.rtt.probe_timeout() << min(self.n_probes, 20), LONGEST_PROBE_TIMEOUT)
        due: list[tuple[int, Space]] = [
            (self._last_at[space] + wait, space) for space in (Space.INITIAL, Space.HANDSHAKE) if self._sent[space]
        ]
        if self.is_confirmed and self._sent[Space.APPLICATION]:
            longer = self.rtt.probe_timeout(MAX_ACK_DELAY) if self.rtt.smoothed else self.rtt.probe_timeout()
            wait = min(longer << min(self.n_probes, 20), LONGEST_PROBE_TIMEOUT)
            due.append((self._last_at[Space.APPLICATION] + wait, Space.APPLICATION))
        if not due and self.awaits_validation:
            is_begun = self._numbers[Space.HANDSHAKE] > 0
            last_at = max(self._last_at[Space.INITIAL], self._last_at[Space.HANDSHAKE])
            return max(last_at + wait, now), Space.HANDSHAKE if is_begun else Space.INITIAL
        return min(due, default=(NEVER, None))

    def probe(self, space: Space) -> Packet | None:
        """The packet that waited longest for its acknowledgement, to be sent again as a probe; it is taken off."""
        packet = next(iter(self._sent[space].values()), None)
        if packet is not None:
            self._take_off(packet)
        return packet

    def probe_all(self) -> list[Packet]:
        """Before the handshake is confirmed a probe repeats all that is under way (6.2.4)."""
        packets = [packet for sent in self._sent for packet in sent.values()]
        for packet in packets:
            self._take_off(packet)
        return packets

    # changes

    def discard(self, space: Space) -> None:
        """The keys of a space are gone: nothing of it is under way any more (6.4)."""
        for packet in self._sent[space].values():
            self.under_way -= packet.size
        self._sent[space].clear()
        self._loss_at[space] = NEVER
        self.n_probes = 0

    def reject_early(self) -> list[Packet]:
        """0-RTT was rejected: what went so is taken off and has to be sent again (RFC 9001, 4.6.2)."""
        early = [packet for packet in self._sent[Space.APPLICATION].values() if packet.is_early]
        for packet in early:
            self._take_off(packet)
        return early

    def moved(self) -> None:
        """The path is another: window and round-trip time are those of a new connection (RFC 9000, 9.4)."""
        self.rtt, self.window, self.n_probes = RttEstimate(), Window(), 0

    def longest_wait(self) -> int:
        """PTO as the idle time-out and probes of a path count it."""
        return self.rtt.probe_timeout(MAX_ACK_DELAY)


def _covers(ack: Ack, number: int) -> bool:
    return any(low <= number <= high for low, high in ack.ranges)
