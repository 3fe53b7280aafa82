"""Link: the path between a client and one backend. It knows delay, loss and outage, not connections."""

from collections.abc import Callable
from copy import copy
from typing import Any, NamedTuple

from models.network.config import NetworkConfig
from models.network.loss import BurstLoss, Gilbert, usual_loss
from models.network.nat import NatPorts
from models.network.repair import PUNCTUAL, WHOLE, Fate, Timeouts, loss_delay, place_in_flight
from models.network.transfer import (
    INITIAL_WINDOW_BYTES,
    MOST_LOSSES,
    TCP_INIT_CWND,
    first_loss,
    flight_rounds,
    segments,
    transfer_time,
)
from models.network.wire import Wire
from sim.engine.distributions import Constant
from sim.engine.streams import Streams
from sim.engine.timers import NEVER


class Passage(NamedTuple):
    """How a message goes."""

    arrives_at: int
    """The instant (ns) at which its last byte would arrive if nothing were lost."""
    rtt: int
    """The round-trip time that it meets, ns."""
    fate: Fate
    """What is lost of it."""
    timeouts: Timeouts
    """When the timers of who sends it expire."""


class Link:
    """One path. All ends of its connections ask it when a message arrives; what is sent while it is down, they repeat.

    Simplified: the two directions of a message draw their delays from one stream; of a message that loses several
    segments the first one lost counts, and it shrinks the window for that message alone.
    """

    __slots__ = (
        "_bandwidth", "_blocked_until", "_chain", "_draw_datagram_loss", "_draw_handshake_loss", "_draw_loss",
        "_draw_rtt", "_extra", "_has_one_delay", "_loss", "_luck", "_usual_loss", "_wires", "beyond", "box", "half_rtt",
        "icmp", "is_plain", "is_whole", "nat", "repeats", "rtt", "timeouts", "udp_blocked_until", "whole",
    )  # fmt: skip

    def __init__(  # parameters: what it is like, its luck, and when its senders' timers expire
        self, config: NetworkConfig, streams: Streams, name: str, *, timeouts: Timeouts = PUNCTUAL
    ) -> None:
        rtt = config.rtt
        self.rtt = round(rtt.mean_ns)
        self.half_rtt = self.rtt // 2
        self._draw_rtt: Callable[[], int] = streams.ints(f"{name}.rtt", rtt)
        self._usual_loss = self._loss = usual_loss(config.loss)
        self._extra = 0.0
        self._draw_loss: Callable[[], float] = float
        self._draw_handshake_loss: Callable[[], float] = float
        self._draw_datagram_loss: Callable[[], float] = float
        self._luck = streams, name
        self._chain: Gilbert | None = None
        if isinstance(config.loss, BurstLoss):
            self._chain = Gilbert(config.loss.gilbert, streams.uniforms(f"{name}.bursts"))
        if config.loss:
            self._draw_losses()
        self.icmp = ""
        """What a router says of the path while it is down; empty where packets just vanish."""
        self.timeouts = timeouts
        """Of who sends on it; both ends keep to the client's, as all kernels of one HZ share a wheel."""
        self.repeats = 0
        """Segments that were sent again because one was lost (Tcp.RetransSegs)."""
        self.nat: NatPorts | None = None
        """What its connections take their public ports of, where there is a NAT: then a SYN may find none."""
        self.box: Any = None
        """What forgets its connections while nothing is sent on them (models/kernel/middlebox.py)."""
        self.beyond: Any = None
        """What answers for the peer of connections that were forgotten; None where nobody does."""
        self.whole = self
        """The path of all connections, where this is one that was cut for a single one."""
        self._bandwidth = config.bandwidth
        self._wires: dict[object, Wire] = {}  # by who sends on it
        self._has_one_delay = isinstance(rtt, Constant) and config.bandwidth is None
        self.is_plain = self._has_one_delay and not config.loss
        self.is_whole = self.is_plain
        """Whether what is sent now arrives for certain, half a round trip later."""
        self._blocked_until = 0
        self.udp_blocked_until = 0
        """Datagrams vanish before this instant while TCP goes on: a firewall (a fault); 0 where there is none."""

    def translate(self, ports: NatPorts) -> None:
        """There is a NAT on the way."""
        self.nat, self.is_whole = ports, False

    def watch(self, box: Any) -> None:
        """There is a middlebox on the way."""
        self.box, self.is_whole = box, False

    def forgotten(self, beyond: Any) -> "Link":
        """The same path for connections that the middlebox has forgotten: nothing passes, and `beyond` answers."""
        link = copy(self)
        link.blocked_until, link.beyond = NEVER, beyond
        return link

    def cut(self, until: int) -> "Link":
        """The same path for one connection alone, down until then."""
        link = copy(self)
        link.whole, link.blocked_until = self, max(until, self._blocked_until)
        return link

    def lose(self, share: float) -> None:
        """Lose so many of the segments from now on, beside what it loses in any case; 0 ends that."""
        self._extra = share
        self._loss = 1 - (1 - self._usual_loss) * (1 - share)
        if self._loss:
            self._draw_losses()
        self.is_plain = self._has_one_delay and not self._loss
        self.is_whole = self._is_certain()

    def _is_certain(self) -> bool:
        return self.is_plain and not self._blocked_until and self.nat is None and self.box is None

    def _draw_losses(self) -> None:
        streams, name = self._luck
        self._draw_loss = streams.uniforms(f"{name}.loss")
        self._draw_handshake_loss = streams.uniforms(f"{name}.handshake_loss")
        self._draw_datagram_loss = streams.uniforms(f"{name}.datagram_loss")

    def severed(self, until: int) -> "Link":
        """The same path for connections whose address on it is gone: what they send vanishes until then."""
        path = copy(self)
        path.blocked_until = until
        return path

    @property
    def blocked_until(self) -> int:
        """Packets vanish before this instant (a fault); 0 when the path is whole."""
        return self._blocked_until

    @blocked_until.setter
    def blocked_until(self, instant: int) -> None:
        self._blocked_until = instant
        self.is_whole = self._is_certain()

    def rounds(self, size_bytes: int) -> int:
        """Flights in which a fresh connection sends `size_bytes`."""
        return flight_rounds(size_bytes)

    def arrival(self, now: int, size_bytes: int, window: int = TCP_INIT_CWND, *, sender: object = None) -> int:
        """The instant at which the last byte of a message of `size_bytes` arrives that is sent `now`.

        Where the bandwidth is limited, `sender` tells its two directions apart.
        """
        if size_bytes > INITIAL_WINDOW_BYTES or not self.is_plain:
            return self._slow_arrival(now, size_bytes, window, sender)
        return now + self.half_rtt

    def control_delay(self) -> int:
        """One way for a segment without data, on the undisturbed path."""
        return self.half_rtt if self.is_plain else self._draw_rtt() // 2

    def draw_is_lost(self) -> bool:
        """Whether a segment of a handshake gets lost."""
        if self._chain is not None:
            return self._chain.loses() or (self._extra > 0 and self._draw_handshake_loss() < self._extra)
        return self._loss > 0 and self._draw_handshake_loss() < self._loss

    def loses_datagram(self, now: int) -> bool:
        """Whether a datagram that is sent `now` gets lost: by chance, or because the path, or UDP on it, is down."""
        if now < self._blocked_until or now < self.udp_blocked_until:
            return True
        if self._chain is not None:
            return self._chain.loses() or (self._extra > 0 and self._draw_datagram_loss() < self._extra)
        return self._loss > 0 and self._draw_datagram_loss() < self._loss

    @property
    def is_lossy(self) -> bool:
        """Whether a segment may be lost by chance."""
        return self._loss > 0

    def passage(self, now: int, size_bytes: int, window: int, *, sender: object) -> Passage:
        """How a message goes that is sent `now` on a connection whose messages wait for one another."""
        rtt = self.rtt if self._has_one_delay else self._draw_rtt()
        arrives_at = self._sent(now, size_bytes, rtt, window=window, sender=sender)
        return Passage(arrives_at, rtt, self._draw_fate(size_bytes), self.timeouts)

    def _slow_arrival(self, now: int, size_bytes: int, window: int, sender: object) -> int:
        rtt = self.rtt if self.is_plain else self._draw_rtt()
        at = self._sent(now, size_bytes, rtt, window=window, sender=sender)
        if self._loss:
            at += loss_delay(now, rtt, self._draw_fate(size_bytes), timeouts=self.timeouts)
        return at

    def _sent(self, now: int, size_bytes: int, rtt: int, *, window: int, sender: object) -> int:
        """When the last byte would arrive, if nothing is lost."""
        if self._bandwidth is None or not size_bytes:
            return now + transfer_time(size_bytes, rtt, window=window)
        if sender not in self._wires:
            self._wires[sender] = Wire(self._bandwidth)
        return self._wires[sender].arrival(now, size_bytes, rtt, window=window)

    def _draw_fate(self, size_bytes: int) -> Fate:
        """One draw says which segment is lost first and how often; a segment without data counts as one."""
        n_segments = max(segments(size_bytes), 1)
        if self._chain is not None:
            return self._burst_fate(n_segments)
        lost, losses = first_loss(self._draw_loss(), self._loss, n_segments)
        if not losses:
            return WHOLE
        self.repeats += losses
        return place_in_flight(lost, n_segments, losses)

    def _burst_fate(self, n_segments: int) -> Fate:
        """The same where losses come in bursts: each segment asks the path, and then each repetition of the first."""
        fates = [self._loses_segment() for _ in range(n_segments)]
        if True not in fates:
            return WHOLE
        lost, losses = fates.index(True), 1
        while losses < MOST_LOSSES and self._loses_segment():
            losses += 1
        self.repeats += sum(fates) + losses - 1
        fate = place_in_flight(lost, n_segments, losses)
        behind = fate.followers
        return fate._replace(followers=behind - sum(fates[lost + 1 : lost + 1 + behind]))

    def _loses_segment(self) -> bool:
        assert self._chain is not None, "who calls has looked"
        return self._chain.loses() or (self._extra > 0 and self._draw_loss() < self._extra)
