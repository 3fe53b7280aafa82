"""Window: how many bytes a QUIC connection may have under way: slow start and CUBIC. It sends nothing.

Source: RFC 9438; quic-go internal/ackhandler and congestion (32 packets at first, beta 0.7, no persistent congestion).
Simplified: no pacing and no HyStart: a window's packets leave at once, which no path of this model minds.
"""

from sim.units import SECOND

DATAGRAM_BYTES = 1280
"""What quic-go sends before it has probed for more, which the model leaves out."""
INITIAL_PACKETS, LEAST_PACKETS = 32, 2
"""quic-go internal/protocol/params.go."""
BETA = 0.7
RENO_SHARE = 3 * (1 - BETA) / (1 + BETA)
"""Packets per window and round trip with which a cut to `BETA` takes as much as Reno's to a half."""
CUBIC = 0.4
"""C of RFC 9438, in segments per cubic second."""


class Window:
    """Congestion window of one path, bytes."""

    __slots__ = ("_as_reno", "_cubic_at", "_most", "_recovers_from", "_threshold", "size")

    def __init__(self) -> None:
        self.size = INITIAL_PACKETS * DATAGRAM_BYTES
        self._threshold = 1 << 62
        self._most = 0.0  # packets, when the last loss came
        self._cubic_at = -1  # instant of that
        self._recovers_from = -1
        self._as_reno = 0.0
        """What Reno would have by now, bytes: the least that CUBIC takes (RFC 9438, 4.3)."""

    @property
    def is_in_slow_start(self) -> bool:
        """Whether each acknowledged byte lets one more go."""
        return self.size < self._threshold

    def acked(self, sent_at: int, size: int, now: int) -> None:
        """`size` bytes that were sent at `sent_at` have arrived, while the window was used."""
        if sent_at <= self._recovers_from:
            return
        if self.is_in_slow_start:
            self.size += size
            return
        if self._cubic_at < 0:
            self._cubic_at = now
        since = (now - self._cubic_at) / SECOND
        back_after = (self._most * (1 - BETA) / CUBIC) ** (1 / 3)  # K: when it is as wide as it was
        aim = (CUBIC * (since - back_after) ** 3 + self._most) * DATAGRAM_BYTES
        self._as_reno += RENO_SHARE * size * DATAGRAM_BYTES / self.size
        if aim > self.size:
            self.size += int((aim - self.size) * size / self.size)
        self.size = max(self.size, int(self._as_reno))

    def lost(self, sent_at: int, now: int) -> None:
        """A packet of `sent_at` is lost; one cut for all that was sent before it was noticed (RFC 9002, 7.3.2)."""
        if sent_at <= self._recovers_from:
            return
        self._recovers_from = self._cubic_at = now
        self._most = self.size / DATAGRAM_BYTES
        self.size = max(int(self.size * BETA), LEAST_PACKETS * DATAGRAM_BYTES)
        self._threshold = self._as_reno = self.size
