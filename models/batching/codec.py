"""Codec: what compression makes of a chunk: its size, and the CPU time at both ends. Measured, not how it compresses.

Source: reference/protocols.md, 14.3: chunks of synthetic log documents, 489 B per action and document, NDJSON; the C
libraries called from Python on one core. Other data compress otherwise; the shape over the chunk's size is the point.
"""

from bisect import bisect_right
from collections.abc import Mapping
from math import log
from typing import Final, Literal, NamedTuple

from sim.units import MS

CodecName = Literal[
    "none", "gzip-1", "gzip-6", "gzip-9", "deflate-1", "zstd-1", "zstd-3", "zstd-9", "lz4", "snappy"
]  # fmt: skip
MEGABYTE: Final = 10**6
CHUNKS: Final = (489, 4 << 10, 16 << 10, 64 << 10, 1 << 20)
"""Bytes of the chunks that were measured: one document, 4 KiB, 16 KiB, 64 KiB, 1 MiB."""


class Cost(NamedTuple):
    """What a codec does with chunks of one size."""

    ratio: float
    """Bytes before over bytes after."""
    compress: float
    """CPU time, ms per megabyte of input."""
    decompress: float
    """The same, to have it back."""


MEASURED: Final[Mapping[str, tuple[Cost, ...]]] = {
    "gzip-1": (Cost(1.29, 38, 11), Cost(3.06, 11.2, 4.2), Cost(4.30, 6.5, 3.0), Cost(4.85, 5.8, 2.7),
               Cost(5.10, 5.9, 2.3)),
    "gzip-6": (Cost(1.30, 39, 11), Cost(3.27, 14.5, 4.0), Cost(4.91, 10.9, 2.7), Cost(5.89, 12.3, 2.4),
               Cost(6.38, 13.6, 2.2)),
    "gzip-9": (Cost(1.30, 39, 11), Cost(3.28, 14.9, 3.9), Cost(5.01, 14.0, 2.7), Cost(6.15, 27.7, 2.3),
               Cost(6.73, 34.5, 2.0)),
    "deflate-1": (Cost(1.35, 37, 10), Cost(3.10, 10.6, 3.9), Cost(4.32, 6.3, 2.8), Cost(4.85, 5.6, 2.5),
                  Cost(5.10, 5.7, 2.1)),
    "zstd-1": (Cost(1.28, 10, 3.7), Cost(3.20, 3.2, 1.3), Cost(4.90, 1.8, 0.7), Cost(5.99, 1.4, 0.6),
               Cost(6.50, 1.5, 0.5)),
    "zstd-3": (Cost(1.27, 12, 3.9), Cost(3.22, 3.8, 1.4), Cost(4.89, 2.4, 0.8), Cost(5.93, 1.9, 0.6),
               Cost(6.25, 2.2, 0.5)),
    "zstd-9": (Cost(1.28, 26, 4.2), Cost(3.33, 16.7, 1.1), Cost(5.24, 20.1, 0.7), Cost(6.45, 11.6, 0.5),
               Cost(7.21, 11.5, 0.4)),
    "lz4": (Cost(1.00, 1.3, 0.4), Cost(2.28, 1.2, 0.3), Cost(3.18, 1.1, 0.2), Cost(3.63, 1.0, 0.3),
            Cost(3.76, 1.2, 0.3)),
    "snappy": (Cost(1.02, 2.0, 1.2), Cost(2.15, 1.5, 0.6), Cost(3.02, 1.3, 0.5), Cost(3.51, 1.3, 0.5),
               Cost(3.51, 1.3, 0.6)),
}  # fmt: skip
"""By codec, one figure for each of `CHUNKS`."""


class Compressed(NamedTuple):
    """A chunk, compressed: its size, and the CPU time of making it and of having it back, in ns."""

    size_bytes: int
    compress: int
    decompress: int


def cost_of(codec: CodecName, size_bytes: int) -> Cost:
    """What a codec does with chunks of that size: between two measured ones along the logarithm of the size.

    Simplified: below one document and above 1 MiB it does what it does there.

    Examples
    --------
    >>> cost_of("lz4", 489), cost_of("zstd-1", 1 << 30).ratio
    (Cost(ratio=1.0, compress=1.3, decompress=0.4), 6.5)
    >>> round(cost_of("zstd-1", 8192).ratio, 2)  # half of the way from 4 to 16 KiB
    4.05
    """
    row = MEASURED[codec]
    if size_bytes <= CHUNKS[0]:
        return row[0]
    if size_bytes >= CHUNKS[-1]:
        return row[-1]
    i = bisect_right(CHUNKS, size_bytes) - 1
    share = log(size_bytes / CHUNKS[i]) / log(CHUNKS[i + 1] / CHUNKS[i])
    return Cost(*(low + share * (high - low) for low, high in zip(row[i], row[i + 1], strict=True)))


def compress(codec: CodecName, size_bytes: int) -> Compressed:
    """Compress a chunk of that size; `none` leaves it as it is and costs nothing.

    Examples
    --------
    >>> compress("zstd-1", 1_000_000)
    Compressed(size_bytes=154053, compress=1498289, decompress=501711)
    """
    if codec == "none":
        return Compressed(size_bytes, 0, 0)
    ratio, there, back = cost_of(codec, size_bytes)
    megabytes = size_bytes / MEGABYTE
    return Compressed(
        min(-int(-size_bytes // ratio), size_bytes), round(there * megabytes * MS), round(back * megabytes * MS)
    )


def pays(codec: CodecName, size_bytes: int, bits_per_s: int) -> bool:
    """Whether compressing a chunk of that size takes less time, at both ends together, than it saves on the wire.

    One after another: CPU time per megabyte < (1 - 1 / ratio) x 8 Mbit / bandwidth (14.3).
    """
    ratio, there, back = cost_of(codec, size_bytes)
    saved_ms = (1 - 1 / ratio) * 8 * MEGABYTE * 1000 / bits_per_s
    return there + back < saved_ms
