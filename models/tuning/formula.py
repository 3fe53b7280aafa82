"""Formula: from features to settings: the article's mapping, as printed, and rules of ours where it prints none.

Not when they are applied (Controller), not how (Knobs).
"""

from math import ceil
from typing import Final

from models.tuning.features import Features
from sim.units import MS, SECOND

KIB: Final = 1024
LEAST_BUFFER_KIB, MOST_BUFFER_KIB, RESERVE = 64, 1024, 1.8
LEAST_STREAMS, MOST_STREAMS = 4, 256
LEAST_IDLE: Final = 2
"""Go's default: no rule keeps fewer idle connections per host."""
LEAST_IDLE_TIMEOUT, MOST_IDLE_TIMEOUT = 5 * SECOND, 90 * SECOND
"""Bounds of IdleConnTimeout; the upper one is DefaultTransport's."""


def write_buffer_size(qps: float, packet_size: float) -> int:
    """The article's write_buffer_size in bytes: clamp(64 KB, qps x size / 1024 x 1.8, 1024 KB).

    `packet_size` is in bytes, and what it makes of a rate times a size, bytes per second, is taken for a size in KB.
    From 583 kB/s on the upper bound is all that is left of it.

    Examples
    --------
    >>> [write_buffer_size(*one) // 1024 for one in ((200, 1.2 * 1024), (2000, 8 * 1024), (10, 1024))]
    [432, 1024, 64]
    """
    return max(LEAST_BUFFER_KIB, min(MOST_BUFFER_KIB, int(qps * packet_size / KIB * RESERVE))) * KIB


def max_concurrent_streams(burst_entropy: float) -> int:
    """The article's max_concurrent_streams: clamp(4, 2^(4 + 2 x burst entropy), 256).

    With an entropy from 0 to 1 that is 16 to 64: neither bound ever binds.

    Examples
    --------
    >>> [max_concurrent_streams(entropy) for entropy in (0, 0.5, 1)]
    [16, 32, 64]
    """
    return max(LEAST_STREAMS, min(MOST_STREAMS, int(2 ** (4 + burst_entropy * 2))))


def idle_cap(features: Features, headroom: float) -> int:
    """MaxIdleConnsPerHost, a rule of this model: as many as are in use at a time, with some room."""
    return max(LEAST_IDLE, ceil(headroom * features.concurrency))


def conns_cap(features: Features, headroom: float) -> int:
    """MaxConnsPerHost, a rule of this model: twice the idle ones, so that a burst need not wait for the next look."""
    return 2 * idle_cap(features, headroom)


def idle_timeout(features: Features) -> int:
    """IdleConnTimeout in ns, a rule of this model: twice the longest lull, so that the next burst finds its pool."""
    return max(LEAST_IDLE_TIMEOUT, min(MOST_IDLE_TIMEOUT, 2 * features.lull // MS * MS))
