"""ServerEnd: the server's end of a QUIC connection: its side of the handshake, and the client's addresses.

What it sends to an address that it does not know is limited. Source: RFC 9000, 8 and 9; RFC 9001, 4 and 5.7.
"""

from collections import Counter
from typing import Any

from models.quic.end import HANDSHAKE_CHANNELS, QuicEnd
from models.quic.handshake import Challenge, ClientFinished, ClientHello, HandshakeDone, ServerHello, server_flight
from models.quic.life import On, Stage
from models.quic.packet import Datagram, Packet, Space
from models.quic.path import Path
from models.tls.cost import RESUMED_SERVER_CPU, SERVER_CPU
from sim.engine.timers import NEVER

HANDSHAKE_IDLE = 5_000_000_000
"""quic-go, HandshakeIdleTimeout of a server, ns."""


class ServerEnd(QuicEnd):
    """A program that is stopped reads, answers and acknowledges nothing: QUIC has no kernel that does it for it."""

    def __init__(self, listener: Any, client: Any, datagram: Datagram, counts: Counter[str]) -> None:
        path = Path(datagram.address, is_validated=client.has_token)
        super().__init__(listener.engine, client.link, path, counts)
        self.listener, self.client, self.server = listener, client, listener.server
        self.journal = None if client.journal is None else client.journal.peer(self.recovery)
        self._takes_early = False
        self._has_answered = False

    # the handshake

    def take_handshake(self, message: Any) -> None:
        """A hello is answered when the work for it is done; Finished ends it."""
        if type(message) is ClientHello:
            resumed = message.ticket is not None and message.ticket == self.server.ticket_key
            cost = RESUMED_SERVER_CPU if resumed else SERVER_CPU[self.server.config.tls.key]
            self.engine.call_at(self.server.take_tls_cpu(cost), self._answer, message)
        elif type(message) is ClientFinished:
            self.life.feed(On.COMPLETED)

    def _answer(self, hello: ClientHello) -> None:
        if self.server.is_paused:
            self.server.later(self._answer, hello)
            return
        config = self.listener.config
        resumed = hello.ticket is not None and hello.ticket == self.server.ticket_key
        self._takes_early = hello.offers_early and resumed and config.early_data != "reject"
        first = ServerHello(hello.is_post_quantum)
        certificate = (config.certificate_bytes, self.server.config.tls.key)
        rest = server_flight(hello, is_resumed=resumed, takes_early=self._takes_early, certificate=certificate)
        self.outflows[Space.INITIAL].write(HANDSHAKE_CHANNELS[Space.INITIAL], first, first.size)
        self.outflows[Space.HANDSHAKE].write(HANDSHAKE_CHANNELS[Space.HANDSHAKE], rest, rest.size)
        self.can_send = [True, True, True]
        self.can_read[Space.HANDSHAKE] = self._has_answered = True
        self.read_again()
        self.flush()

    def may_read(self, packet: Packet) -> bool:
        """0-RTT data that were accepted; other streams when the client has finished."""
        if packet.space is Space.APPLICATION and packet.is_early:
            return self._takes_early
        return self.can_read[packet.space]

    def completed(self) -> None:
        """The client has finished: at a server that confirms the handshake, too (RFC 9001, 4.1.2)."""
        self.can_read[Space.APPLICATION] = True
        self.life.feed(On.CONFIRMED)
        self.outflows[Space.APPLICATION].say(HandshakeDone(self.server.ticket_key))
        self.read_again()
        self._silence.cancel()

    def read_again(self) -> None:
        """0-RTT data that were not accepted are not kept."""
        if self._has_answered and not self._takes_early:
            early = [packet for packet in self._unreadable if packet.is_early]
            self._unreadable = [packet for packet in self._unreadable if not packet.is_early]
            if self.journal is not None:
                for packet in early:
                    self.journal.dropped(packet)
        super().read_again()

    # the way

    def arrive(self, datagram: Datagram) -> None:
        """A datagram is here, perhaps from another address than the last."""
        if self.server.is_paused:
            self.server.later(self.arrive, datagram)
            return
        if self.is_closed:
            return
        if datagram.address != self.path.address:
            self._follow(datagram)
        if datagram.address == self.path.address:
            self.path.received += datagram.size
        if any(packet.space is Space.HANDSHAKE for packet in datagram.packets):
            self.path.is_validated = True
            self.drop_keys(Space.INITIAL)
        super().arrive(datagram)

    def _follow(self, datagram: Datagram) -> None:
        """The newest packet says where the client is (RFC 9000, 9.3); of another host nothing is known of the path."""
        last = datagram.packets[-1]
        newest = last.space is Space.APPLICATION and last.number > self.received_in[Space.APPLICATION].largest
        if self.life.state is not Stage.CONFIRMED or not newest:
            return
        if datagram.address[0] != self.path.address[0]:
            self.recovery.moved()
        self.path = Path(datagram.address, is_validated=False)
        self.counts["quic.paths"] += 1

    def take_control(self, message: Any) -> None:
        """An answered challenge makes the path valid."""
        if type(message) is Challenge:
            if message.address == self.path.address:
                self.path.is_validated = True
        else:
            super().take_control(message)

    def flush(self) -> None:
        """Nothing goes before the hello is answered; a new path is challenged first."""
        if not self._has_answered or self.is_closed:
            return
        now = self.engine._now
        if self.life.state is Stage.CONFIRMED and self.path.needs_challenge(now):
            self.path.challenged_at = now
            self.outflows[Space.APPLICATION].say(Challenge(self.path.address))
        super().flush()

    def deliver(self, datagram: Datagram) -> None:
        """To the client, wherever it is by now."""
        self.client.reached(datagram)

    # clocks

    def _expired(self, _: Any) -> None:
        if self.server.is_paused:
            self.server.later(self._expired, None)
        else:
            super()._expired(None)

    def silent_at(self) -> int:
        """The idle time-out; the client's keep-alive is what puts it off."""
        heard_at = max(self.heard_at, self.asked_at)
        if self.life.state is Stage.HANDSHAKE:
            return heard_at + HANDSHAKE_IDLE
        idle = self.client.idle_timeout
        return heard_at + max(idle, 3 * self.recovery.longest_wait()) if idle else NEVER

    def over(self) -> None:
        """The listener knows it no more."""
        super().over()
        self.listener.forget(self.client)
