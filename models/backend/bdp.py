"""Bdp: gRPC's estimate of the bandwidth-delay product, by which a receiver lets its windows grow. Not the windows.

A PING goes out with the first DATA that comes while none is out, and what arrives until its answer is the sample.
Source: grpc-go internal/transport/bdp_estimator.go, add, calculate.
"""

from typing import Final

LIMIT_BYTES: Final = 16 << 20
"""bdpLimit: windows grow no further."""
ALPHA: Final = 0.9
"""Weight of a new round trip against the mean of those before, from the tenth on."""
BETA: Final = 0.66
"""A sample of at least this share of the estimate says that the window was full."""
GAMMA: Final = 2
"""The estimate becomes so many times the sample."""
N_BOOTSTRAP: Final = 10
"""Round trips whose plain mean is taken."""


class Bdp:
    """The estimate of one direction. It is told of arrivals in their order, when they are certain."""

    __slots__ = ("_answered_at", "_fastest", "_mean_rtt", "_n", "_rtt", "_sample", "limit")

    def __init__(self, limit: int, rtt: int) -> None:
        self.limit = limit
        """Bytes of the window, as the estimate has it."""
        self._rtt = rtt
        self._mean_rtt = self._fastest = 0.0
        self._n = self._sample = 0
        self._answered_at = -1

    def arrives(self, at: int, n_bytes: int) -> int:
        """DATA arrives at an instant; when the window grew before that, 0 if it did not.

        The answer to the PING comes before data of the same instant: its sender writes it first (controlBuffer).
        """
        grew_at = 0
        if self._answered_at >= 0 and at >= self._answered_at:
            answered_at = self._answered_at
            grew_at = answered_at if self._calculate() else 0
        if self._answered_at < 0:
            if self.limit < LIMIT_BYTES:
                self._answered_at, self._sample = at + self._rtt, n_bytes
                self._n += 1
        else:
            self._sample += n_bytes
        return grew_at

    def _calculate(self) -> bool:
        weight = 1 / self._n if self._n < N_BOOTSTRAP else ALPHA
        self._mean_rtt += (self._rtt - self._mean_rtt) * weight
        self._answered_at = -1
        bandwidth = self._sample / (1.5 * self._mean_rtt) if self._mean_rtt else 0.0
        self._fastest = max(self._fastest, bandwidth)
        if self._sample < BETA * self.limit or bandwidth < self._fastest:
            return False
        before, self.limit = self.limit, min(GAMMA * self._sample, LIMIT_BYTES)
        return self.limit > before
