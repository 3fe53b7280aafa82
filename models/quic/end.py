"""QuicEnd: one end of a QUIC connection: its packets in and out, and their clocks. Not the handshake, not addresses.

To who uses it, it is what an `Endpoint` of TCP is: `send`, `close`, `app`; what is sent on one stream is in order, and
waits for nothing that is lost on another. Source: RFC 9000, 9001, 9002; quic-go connection.go.
"""

from collections import Counter
from typing import Any

from models.backend.frame import Frame
from models.quic.channel import Inflow, Outflow
from models.quic.journal import Journal
from models.quic.life import Life, On, Stage
from models.quic.packet import ACK_BYTES, HEADER_BYTES, Chunk, Control, Datagram, Packet, Ping, Space
from models.quic.path import SMALLEST_DATAGRAM, Path
from models.quic.received import Received
from models.quic.recovery import Recovery
from models.quic.window import DATAGRAM_BYTES
from sim.engine.environment import Engine
from sim.engine.timers import NEVER, Timer

SPACES = tuple(Space)
HANDSHAKE_CHANNELS = (-1, -2, -3)
"""The channels of the handshake's bytes, by space; streams are numbered from 0."""
LEAST_ROOM = 40
"""A packet is not begun for less."""
MOST_FOR_AN_ACK = max(HEADER_BYTES) + ACK_BYTES + LEAST_ROOM
"""With so much room an acknowledgement can go, whatever its space."""
N_PROBES = 2
"""Packets per probe time-out (RFC 9002, 6.2.4)."""


class Closing:
    """CONNECTION_CLOSE."""

    __slots__ = ()


class QuicEnd:
    """What both ends have in common. A subclass knows how its handshake goes, and where its datagrams go."""

    is_client = False

    def __init__(self, engine: Engine, link: Any, path: Path, counts: Counter[str]) -> None:
        self.engine, self.link, self.path, self.counts = engine, link, path, counts
        self.side = self
        self.app: Any = None
        self.life = Life(self)
        self.recovery = Recovery(is_client=self.is_client)
        self.journal: Journal | None = None
        """Who is told of its packets."""
        self.inflow = Inflow()
        self.outflows = tuple(Outflow() for _ in SPACES)
        self.received_in = tuple(Received(acks_at_once=space is not Space.APPLICATION) for space in SPACES)
        self.can_send = [True, False, False]
        self.can_read = [True, False, False]
        self._unreadable: list[Packet] = []
        """What has come before its keys."""
        self._is_reading = False
        self._clear_at = 0
        self.heard_at = self.asked_at = engine._now
        """When something was last received; when the first packet since then left that asks for an answer."""
        self._has_asked = False
        self._timer = Timer(engine, self._expired)
        self._silence = Timer(engine, self._silent)

    # what a protocol asks

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self.life.state is Stage.CLOSED

    def send(self, message: Any, size_bytes: int, delay: int = 0) -> int:
        """Send `message` after `delay` of CPU time, on its stream if it is a frame of one; about when it arrives."""
        if delay:
            self.engine.call_in(delay, self._send, (message, size_bytes))
        else:
            self._send((message, size_bytes))
        return self.engine._now + delay + int(self.link.half_rtt)

    def _send(self, what: tuple[Any, int]) -> None:
        message, size_bytes = what
        if self.is_closed:
            return
        if type(message) is Frame:
            self.outflows[Space.APPLICATION].write(message.stream_id, message, size_bytes)
        else:
            self.outflows[Space.APPLICATION].say(message)
        self.flush()

    def forget(self, stream_id: int) -> None:
        """A stream is over on both sides."""
        self.inflow.forget(stream_id)
        self.outflows[Space.APPLICATION].forget(stream_id)

    def close(self) -> None:
        """CONNECTION_CLOSE, once."""
        self.life.feed(On.CLOSE)

    def vanish(self) -> None:
        """The program is gone, and says nothing."""
        self.life.feed(On.VANISH)

    def say_close(self) -> None:
        """It is not repeated: a peer that misses it finds out by itself."""
        space = max((space for space in SPACES if self.can_send[space]), default=Space.INITIAL)
        packet = Packet(space, self.recovery.next_number(space), [Control(Closing())], None)
        self._transmit(Datagram((packet,), packet.size, self.path.address))

    def over(self) -> None:
        """Nothing more will happen here."""
        self._timer.cancel()
        self._silence.cancel()
        self._unreadable.clear()

    def completed(self) -> None:
        """The handshake is complete as far as this end knows."""
        raise NotImplementedError

    def confirmed(self) -> None:
        """The peer has completed it, too: probes of streams begin, the keys of the handshake go."""
        self.recovery.is_confirmed, self.recovery.awaits_validation = True, False
        self.drop_keys(Space.HANDSHAKE)

    def drop_keys(self, space: Space) -> None:
        """Nothing is sent or read in this space any more."""
        if self.can_send[space] or self.can_read[space]:
            self.can_send[space] = self.can_read[space] = False
            self.recovery.discard(space)
            self.received_in[space].ack_at = NEVER

    # in

    def arrive(self, datagram: Datagram) -> None:
        """A datagram is here."""
        if self.is_closed:
            return
        self._is_reading = True
        for packet in datagram.packets:
            self._read(packet)
        self._is_reading = False
        self.flush()

    def may_read(self, packet: Packet) -> bool:
        """Whether its keys are there."""
        return self.can_read[packet.space]

    def _read(self, packet: Packet) -> None:
        if self.is_closed:
            return
        if not self.may_read(packet):
            self._unreadable.append(packet)
            return
        space, now = packet.space, self.engine._now
        if not self.received_in[space].take(packet.number, now, is_eliciting=packet.is_eliciting):
            return
        self.heard_at, self._has_asked = now, False
        if self.journal is not None:
            self.journal.received(packet)
        if packet.ack is not None:
            self._repeat(self.recovery.acked(space, packet.ack, now))
        for frame in packet.frames:
            if type(frame) is Chunk:
                for message in self.inflow.take(frame):
                    self._take(frame.channel, message)
            elif type(frame) is Control:
                self.take_control(frame.message)

    def read_again(self) -> None:
        """There are more keys: what came too early may be read now; what never will be is dropped."""
        waiting, self._unreadable = self._unreadable, []
        for packet in waiting:
            self._read(packet)

    def _take(self, channel: int, message: Any) -> None:
        if self.is_closed:
            return
        if channel < 0:
            self.take_handshake(message)
        else:
            self.app.received(message)

    def take_handshake(self, message: Any) -> None:
        """A message of the handshake."""
        raise NotImplementedError

    def take_control(self, message: Any) -> None:
        """A frame without an order: QUIC's own, or the protocol's."""
        if self.is_closed:
            return
        if type(message) is Closing:
            self.life.feed(On.PEER_CLOSED)
        else:
            self.app.received(message)

    # out

    def flush(self) -> None:
        """Send what waits and may go, and acknowledge what is due."""
        if self._is_reading or self.is_closed:
            return
        while self.send_one(is_probe=False):
            pass
        self.set_clocks()

    def send_one(self, *, is_probe: bool) -> bool:
        """One datagram, if there is anything for it; a probe goes whatever the window says."""
        now, room, packets = self.engine._now, min(DATAGRAM_BYTES, self.path.budget), []
        is_free = is_probe or self.recovery.under_way < self.recovery.window.size
        for space in SPACES:
            if self.can_send[space] and room - HEADER_BYTES[space] - ACK_BYTES >= LEAST_ROOM:
                packet = self._packet(space, room, now, is_free=is_free)
                if packet is not None:
                    packets.append(packet)
                    room -= packet.size
        if not packets:
            return False
        self._transmit(self._padded(tuple(packets)))
        return True

    def _packet(self, space: Space, room: int, now: int, *, is_free: bool) -> Packet | None:
        outflow, received = self.outflows[space], self.received_in[space]
        has_data = is_free and bool(outflow)
        if not has_data and received.ack_at > now:
            return None
        ack = received.acknowledge(now)
        taken = HEADER_BYTES[space] + (ACK_BYTES if ack is not None else 0)
        frames = outflow.take(room - taken) if has_data else []
        if not frames and ack is None:
            return None
        return Packet(space, self.recovery.next_number(space), frames, ack, is_early=self.is_early(space))

    def is_early(self, space: Space) -> bool:
        """Whether a packet of this space goes as 0-RTT data."""
        return False

    def _padded(self, packets: tuple[Packet, ...]) -> Datagram:
        """Datagrams that open a connection or probe a path are as large as any path must carry (RFC 9000, 14.1)."""
        size = sum(packet.size for packet in packets)
        if self.pads(packets):
            size = max(size, min(SMALLEST_DATAGRAM, self.path.budget))
        return Datagram(packets, size, self.path.address)

    def pads(self, packets: tuple[Packet, ...]) -> bool:
        """Whether such a datagram is padded."""
        return any(packet.space is Space.INITIAL and (self.is_client or packet.is_eliciting) for packet in packets)

    def _transmit(self, datagram: Datagram) -> None:
        now, link = self.engine._now, self.link
        for packet in datagram.packets:
            self.note_sent(packet, now)
            if packet.is_eliciting and not self._has_asked:
                self.asked_at, self._has_asked = now, True
        self.path.sent += datagram.size
        self.counts["quic.datagrams"] += 1
        if link.loses_datagram(now):
            self.counts["quic.datagrams_lost"] += 1
        else:
            self._clear_at = max(now + link.control_delay(), self._clear_at)  # a path does not reorder
            self.engine.call_at(self._clear_at, self.deliver, datagram)
        self.transmitted(datagram)

    def note_sent(self, packet: Packet, now: int) -> None:
        """A packet has left, whatever becomes of it."""
        self.recovery.sent(packet, now)
        if self.journal is not None:
            self.journal.sent(packet)

    def transmitted(self, datagram: Datagram) -> None:
        """A datagram has left."""

    def deliver(self, datagram: Datagram) -> None:
        """It has reached the other side, wherever that is."""
        raise NotImplementedError

    def _repeat(self, packets: list[Packet]) -> None:
        for packet in packets:
            self.outflows[packet.space].repeat(packet.frames)
            self.counts["quic.packets_lost"] += 1
            if self.journal is not None:
                self.journal.lost(packet)

    # clocks

    def set_clocks(self) -> None:
        """Wake up for the next loss, probe or acknowledgement."""
        if self.is_closed:
            return
        now = self.engine._now
        due = self.recovery.deadline(now)
        if self.path.budget >= MOST_FOR_AN_ACK:  # else the next datagram of the client lets it go
            due = min(due, *(received.ack_at for received in self.received_in))
        if due == NEVER:
            self._timer.cancel()
        elif due != self._timer.deadline:
            self._timer.arm(max(due, now))
        if self._silence.deadline == NEVER and (silent_at := self.silent_at()) != NEVER:
            self._silence.arm(max(silent_at, now))

    def _expired(self, _: Any) -> None:
        now = self.engine._now
        if self.recovery.deadline(now) <= now:
            lost, space = self.recovery.expired(now)
            self._repeat(lost)
            if space is not None:
                self._probe(space)
        self.flush()

    def _probe(self, space: Space) -> None:
        self.counts["quic.probes"] += 1
        if not self.recovery.is_confirmed:
            for packet in self.recovery.probe_all():
                self.outflows[packet.space].repeat(packet.frames)
            if not self.outflows[space]:
                self.outflows[space].put(Ping())
            while self.send_one(is_probe=True):
                pass
            return
        for _ in range(N_PROBES):
            oldest = self.recovery.probe(space)
            if oldest is None:
                return
            self.outflows[space].repeat(oldest.frames)
            if not self.outflows[space]:
                self.outflows[space].put(Ping())
            self.send_one(is_probe=True)

    def silent_at(self) -> int:
        """When it is given up if nothing is received; NEVER if it is not."""
        raise NotImplementedError

    def _silent(self, _: Any) -> None:
        now, due = self.engine._now, self.silent_at()
        if due <= now:
            self.life.feed(On.SILENT)
        elif due != NEVER:
            self._silence.arm(due)
