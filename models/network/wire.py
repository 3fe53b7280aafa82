"""Wire: one direction of a path of limited bandwidth: messages leave one after another. Not loss, not the way back."""

from typing import Final

from models.network.transfer import MSS_WITH_TIMESTAMPS, TCP_INIT_CWND
from sim.units import SECOND

BITS_PER_BYTE: Final = 8


def serialisation(size_bytes: int, bits_per_s: int) -> int:
    """How long that many bytes take to be sent, in ns, rounded up.

    Examples
    --------
    >>> serialisation(1_000_000, 10**9)  # 1 MB at 1 Gbit/s: 8 ms
    8000000
    """
    return -(-size_bytes * BITS_PER_BYTE * SECOND // bits_per_s)


def thin_transfer(size_bytes: int, rtt: int, bits_per_s: int, *, window: int = TCP_INIT_CWND) -> int:
    """From the write to the last byte at the receiver over a wire that is free, in ns.

    A flight is followed by the next one when it has been sent and its first acknowledgement is back, so each costs the
    longer of the two; without a limit this is `transfer_time`.

    Simplified: what headers of segments, acknowledgements and handshakes take of the bandwidth is left out; a window
    of slow start grows without end.

    Examples
    --------
    >>> thin_transfer(1000, 2_000_000, 8_000_000)  # 1 ms of sending, half a round trip
    2000000
    >>> thin_transfer(43_440, 20_000_000, 10**9)  # two flights: the second waits for a round trip
    30231680
    """
    flight, left, took = window * MSS_WITH_TIMESTAMPS, size_bytes, 0
    while left > flight:
        took += max(rtt, serialisation(flight, bits_per_s))
        left, flight = left - flight, 2 * flight
    return took + serialisation(left, bits_per_s) + rtt // 2


class Wire:
    """One direction: what is sent waits until the wire is free of what was sent before."""

    __slots__ = ("_bits_per_s", "_free_at")

    def __init__(self, bits_per_s: int) -> None:
        self._bits_per_s, self._free_at = bits_per_s, 0

    def arrival(self, now: int, size_bytes: int, rtt: int, *, window: int) -> int:
        """The instant at which the last byte of a message arrives that is written `now`; the wire is taken by it.

        Simplified: while a long message waits for acknowledgements others could use the wire; here each is sent as if
        its bytes went out in one piece, in the order of the writes.
        """
        starts_at = max(now, self._free_at)
        self._free_at = starts_at + serialisation(size_bytes, self._bits_per_s)
        return starts_at + thin_transfer(size_bytes, rtt, self._bits_per_s, window=window)
