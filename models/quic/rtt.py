"""RttEstimate: the round-trip time of one QUIC path and what follows from it. It sends nothing, and has no clock.

Source: RFC 9002, 5 and 6.2.1; quic-go internal/utils/rtt_stats.go for what holds before the first sample.
"""

from sim.units import MS

INITIAL_RTT = 100 * MS
"""Before the first sample (quic-go and aioquic; RFC 9002 says 333 ms). The first probe time-out is twice this."""
GRANULARITY = 1 * MS
"""kGranularity."""
MAX_ACK_DELAY = 25 * MS
"""How long the peer may wait with an acknowledgement (RFC 9000, 18.2)."""


class RttEstimate:
    """Smoothed round-trip time and its variation, ns; 0 before the first sample."""

    __slots__ = ("initial", "latest", "least", "smoothed", "variation")

    def __init__(self, initial: int = INITIAL_RTT) -> None:
        self.initial = initial
        self.latest = self.least = self.smoothed = self.variation = 0

    def sample(self, latest: int, ack_delay: int = 0) -> None:
        """The peer acknowledged after `latest` ns, of which it says to have waited `ack_delay` (RFC 9002, 5.3)."""
        self.latest = latest
        if not self.smoothed:
            self.least = self.smoothed = max(latest, 1)
            self.variation = latest // 2
            return
        self.least = min(self.least, latest)
        ack_delay = min(ack_delay, MAX_ACK_DELAY)
        adjusted = latest - ack_delay if latest - ack_delay >= self.least else latest
        self.variation = (3 * self.variation + abs(self.smoothed - adjusted)) // 4
        self.smoothed = max((7 * self.smoothed + adjusted) // 8, 1)

    def probe_timeout(self, max_ack_delay: int = 0) -> int:
        """PTO without its backoff, ns: `max_ack_delay` counts once the handshake is confirmed.

        Examples
        --------
        A first sample of 20 ms: 20 + 4 x 10 + 25 ms.

        >>> rtt = RttEstimate()
        >>> rtt.probe_timeout() // MS
        200
        >>> rtt.sample(20 * MS)
        >>> rtt.probe_timeout(MAX_ACK_DELAY) // MS
        85
        """
        if not self.smoothed:
            return 2 * self.initial
        return self.smoothed + max(4 * self.variation, GRANULARITY) + max_ack_delay

    def loss_delay(self) -> int:
        """The time threshold: what was sent so long before something that is acknowledged is lost (RFC 9002, 6.1.2)."""
        return max(9 * max(self.smoothed, self.latest) // 8, GRANULARITY)
