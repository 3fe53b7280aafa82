"""ClientEnd: the client's end of a QUIC connection: its side of the handshake, 0-RTT, keep-alive, changes of address.

Not which requests it carries. Source: RFC 9000, 8 and 9; RFC 9001, 4; quic-go connection.go, http3/client.go.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from models.quic.config import Http3ClientConfig
from models.quic.end import HANDSHAKE_CHANNELS, QuicEnd
from models.quic.handshake import Challenge, ClientFinished, ClientHello, HandshakeDone, ServerFlight, ServerHello
from models.quic.life import On, Stage
from models.quic.packet import Datagram, Packet, Ping, Space
from models.quic.path import Path
from sim.engine.timers import NEVER, Timer

FIRST_ADDRESS = (0, 0)


class ClientEnd(QuicEnd):
    """`app` is also told `secured()` and `confirmed(done)`; `verify` does the client's work of a handshake."""

    is_client = True

    def __init__(self, listener: Any, link: Any, config: Http3ClientConfig, counts: Counter[str]) -> None:
        super().__init__(listener.engine, link, Path(FIRST_ADDRESS, is_validated=True), counts)
        self.listener, self.config = listener, config
        self.verify: Callable[[bool, Callable[[Any], object]], object] = _at_once
        """Called with whether the session goes on, and what to call when it is done."""
        self.hello = ClientHello(None, False, config.post_quantum)
        self.has_token = False
        self.is_cut_off = False
        """Its address is gone, and it does not move."""
        self._takes_early = False
        self._began_at = self.engine._now
        self._asks_at = Timer(self.engine, self._keep_alive)

    def start(self, hello: ClientHello, *, has_token: bool = False) -> None:
        """Send the ClientHello, and what is written from now on as 0-RTT data where it offers them."""
        self.hello, self.has_token = hello, has_token
        self.can_send[Space.APPLICATION] = hello.offers_early
        self.outflows[Space.INITIAL].write(HANDSHAKE_CHANNELS[Space.INITIAL], hello, hello.size)
        self.counts["quic.handshakes"] += 1
        self.flush()

    # the handshake

    def retried(self) -> None:
        """Retry: begin again with the token that came with it, 0-RTT data as well (RFC 9000, 8.1.2)."""
        if self.has_token or self.life.state is not Stage.HANDSHAKE:
            return
        self.has_token, self.heard_at = True, self.engine._now
        for packet in self.recovery.probe_all():
            self.outflows[packet.space].repeat(packet.frames)
        self.flush()

    def take_handshake(self, message: Any) -> None:
        """What the server says; behind its hello come its Handshake packets."""
        if type(message) is ServerHello:
            self.can_send[Space.HANDSHAKE] = self.can_read[Space.HANDSHAKE] = True
            self.read_again()
        elif type(message) is ServerFlight:
            self._takes_early = message.takes_early
            if message.is_resumed:
                self.counts["quic.resumed"] += 1
            self.verify(message.is_resumed, self._verified)

    def _verified(self, _: Any) -> None:
        self.life.feed(On.COMPLETED)

    def completed(self) -> None:
        """Both directions are open: Finished goes with the first packets."""
        early = self.recovery.reject_early() if self.hello.offers_early and not self._takes_early else []
        for packet in early:
            self.outflows[Space.APPLICATION].repeat(packet.frames)
        if self.hello.offers_early:
            self.counts["quic.early_taken" if self._takes_early else "quic.early_rejected"] += 1
            if self.journal is not None and not self._takes_early:
                self.journal.early_rejected()
        self.can_send[Space.APPLICATION] = self.can_read[Space.APPLICATION] = True
        finished = ClientFinished()
        self.outflows[Space.HANDSHAKE].write(HANDSHAKE_CHANNELS[Space.HANDSHAKE], finished, finished.size)
        self._silence.cancel()
        self._arm_keep_alive(self.engine._now)
        self.app.secured()
        self.read_again()
        self.flush()

    def is_early(self, space: Space) -> bool:
        """Until it knows whether the server takes them."""
        return space is Space.APPLICATION and self.life.state is Stage.HANDSHAKE

    def take_control(self, message: Any) -> None:
        """Tell the app that the server has seen all; answer challenges."""
        if type(message) is HandshakeDone:
            if self.life.state is Stage.COMPLETE:
                self.app.confirmed(message)
            self.life.feed(On.CONFIRMED)
        elif type(message) is Challenge:
            self.outflows[Space.APPLICATION].say(message._replace(is_answer=True))
        else:
            super().take_control(message)

    # the way

    def deliver(self, datagram: Datagram) -> None:
        """To whoever listens where it is routed to."""
        self.listener.arrive(self, datagram)

    def reached(self, datagram: Datagram) -> None:
        """A datagram of the server has come to the address that it was sent to."""
        if datagram.address == self.path.address and not self.is_cut_off:
            self.arrive(datagram)

    def transmitted(self, datagram: Datagram) -> None:
        """The first Handshake packet shows the server where it comes from: Initial keys go (RFC 9001, 4.9.1)."""
        if datagram.packets[-1].space is Space.HANDSHAKE or datagram.packets[0].space is Space.HANDSHAKE:
            self.drop_keys(Space.INITIAL)

    def pads(self, packets: tuple[Packet, ...]) -> bool:
        """Answers to challenges, too (RFC 9000, 8.2.2)."""
        return super().pads(packets) or any(_probes_path(packet) for packet in packets)

    def moved(self, *, host: bool) -> None:
        """The path is another from now on: of a new address the client knows, of a NAT's new port it does not."""
        address, port = self.path.address
        self.path = Path((address + host, port + (not host)), is_validated=True)
        if host and not self.config.migration:
            self.is_cut_off = True
        elif host and self.life.state is Stage.CONFIRMED:
            self.counts["quic.migrations"] += 1
            self.recovery.moved()
            self.outflows[Space.APPLICATION].put(Ping())
            self.send_one(is_probe=True)
            self.set_clocks()

    def _transmit(self, datagram: Datagram) -> None:
        if not self.is_cut_off:
            super()._transmit(datagram)
            return
        for packet in datagram.packets:
            self.note_sent(packet, self.engine._now)

    # clocks

    def silent_at(self) -> int:
        """The idle time-out, or that of the handshake (quic-go, idleTimeoutStartTime)."""
        heard_at = max(self.heard_at, self.asked_at)
        if self.life.state is Stage.HANDSHAKE:
            wait = self.config.handshake_idle_timeout
            return min(heard_at + wait, self._began_at + 2 * wait)
        idle = self.idle_timeout
        return heard_at + max(idle, 3 * self.recovery.longest_wait()) if idle else NEVER

    @property
    def idle_timeout(self) -> int:
        """The lower of what both announce; 0 means none."""
        own, theirs = self.config.max_idle_timeout, self.listener.config.max_idle_timeout
        return min(own, theirs) if own and theirs else own or theirs

    def _arm_keep_alive(self, now: int) -> None:
        """quic-go, nextKeepAliveTime."""
        period, idle = self.config.keep_alive_period, self.idle_timeout
        if period:
            wait = min(period, idle // 2) if idle else period
            self._asks_at.arm(max(self.heard_at + max(wait, 3 * self.recovery.longest_wait() // 2), now))

    def _keep_alive(self, _: Any) -> None:
        now = self.engine._now
        self._arm_keep_alive(now)
        if self._asks_at.deadline <= now:
            self.outflows[Space.APPLICATION].put(Ping())
            self._asks_at.arm(now + self.config.keep_alive_period)
            self.flush()

    def over(self) -> None:
        """No more clocks."""
        super().over()
        self._asks_at.cancel()


def _at_once(is_resumed: bool, then: Callable[[Any], object]) -> None:
    then(None)


def _probes_path(packet: Packet) -> bool:
    messages = (getattr(frame, "message", None) for frame in packet.frames)
    return any(type(message) is Challenge for message in messages)
