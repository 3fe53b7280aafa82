"""Link: the path between a client and one backend. It knows delay, loss and outage, not connections."""

from collections.abc import Callable

from models.network.config import NetworkConfig
from models.network.nat import NatPorts
from models.network.transfer import (
    INITIAL_WINDOW_BYTES,
    TCP_INIT_CWND,
    first_loss,
    flight_rounds,
    loss_delay,
    place_in_flight,
    segments,
    transfer_time,
)
from models.network.wire import Wire
from sim.engine.distributions import Constant
from sim.engine.streams import Streams


class Link:
    """One path. All ends of its connections ask it when a message arrives; what is sent while it is down, they repeat.

    Simplified: the two directions of a message draw their delays from one stream; of a message that loses several
    segments the first one lost counts, and the window does not shrink.
    """

    __slots__ = (
        "_bandwidth", "_blocked_until", "_draw_handshake_loss", "_draw_loss", "_draw_rtt", "_has_one_delay", "_loss",
        "_luck", "_usual_loss", "_wires", "half_rtt", "icmp", "is_plain", "is_whole", "nat", "repeats", "rtt",
    )  # fmt: skip

    def __init__(self, config: NetworkConfig, streams: Streams, name: str) -> None:
        rtt = config.rtt
        self.rtt = round(rtt.mean_ns)
        self.half_rtt = self.rtt // 2
        self._draw_rtt: Callable[[], int] = streams.ints(f"{name}.rtt", rtt)
        self._usual_loss = self._loss = config.loss
        self._draw_loss: Callable[[], float] = float
        self._draw_handshake_loss: Callable[[], float] = float
        self._luck = streams, name
        if config.loss:
            self._draw_losses()
        self.icmp = ""
        """What a router says of the path while it is down; empty where packets just vanish."""
        self.repeats = 0
        """Segments that were sent again because one was lost (Tcp.RetransSegs)."""
        self.nat: NatPorts | None = None
        """What its connections take their public ports of, where there is a NAT: then a SYN may find none."""
        self._bandwidth = config.bandwidth
        self._wires: dict[object, Wire] = {}  # by who sends on it
        self._has_one_delay = isinstance(rtt, Constant) and config.bandwidth is None
        self.is_plain = self._has_one_delay and not config.loss
        self.is_whole = self.is_plain
        """Whether what is sent now arrives for certain, half a round trip later."""
        self._blocked_until = 0

    def translate(self, ports: NatPorts) -> None:
        """There is a NAT on the way."""
        self.nat, self.is_whole = ports, False

    def lose(self, share: float) -> None:
        """Lose so many of the segments from now on, beside what it loses in any case; 0 ends that."""
        self._loss = 1 - (1 - self._usual_loss) * (1 - share)
        if self._loss:
            self._draw_losses()
        self.is_plain = self._has_one_delay and not self._loss
        self.is_whole = self.is_plain and not self._blocked_until and self.nat is None

    def _draw_losses(self) -> None:
        streams, name = self._luck
        self._draw_loss = streams.uniforms(f"{name}.loss")
        self._draw_handshake_loss = streams.uniforms(f"{name}.handshake_loss")

    @property
    def blocked_until(self) -> int:
        """Packets vanish before this instant (a fault); 0 when the path is whole."""
        return self._blocked_until

    @blocked_until.setter
    def blocked_until(self, instant: int) -> None:
        self._blocked_until = instant
        self.is_whole = self.is_plain and not instant and self.nat is None

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
        return self._loss > 0 and self._draw_handshake_loss() < self._loss

    def _slow_arrival(self, now: int, size_bytes: int, window: int, sender: object) -> int:
        rtt = self.rtt if self.is_plain else self._draw_rtt()
        if self._bandwidth is None or not size_bytes:
            at = now + transfer_time(size_bytes, rtt, window=window)
        else:
            at = self._wire(sender, self._bandwidth).arrival(now, size_bytes, rtt, window=window)
        if self._loss:
            at += self._draw_loss_delay(size_bytes, rtt)
        return at

    def _wire(self, sender: object, bits_per_s: int) -> Wire:
        if sender not in self._wires:
            self._wires[sender] = Wire(bits_per_s)
        return self._wires[sender]

    def _draw_loss_delay(self, size_bytes: int, rtt: int) -> int:
        """One draw says which segment is lost first and how often; a segment without data counts as one."""
        n_segments = max(segments(size_bytes), 1)
        lost, losses = first_loss(self._draw_loss(), self._loss, n_segments)
        if not losses:
            return 0
        self.repeats += losses
        flight, followers = place_in_flight(lost, n_segments)
        return loss_delay(rtt, flight=flight, followers=followers, losses=losses)
