"""Packing: what becomes of so many items in one request: bytes, packets, CPU time at both ends. Not when they go."""

from typing import NamedTuple

from models.batching.codec import CodecName, compress
from models.batching.config import BatchConfig
from models.network.transfer import segments


class Packed(NamedTuple):
    """A request of some items; CPU times in ns."""

    bytes_before: int
    """Of the items, as they are."""
    bytes_after: int
    """Of the body that is sent."""
    request_bytes: int
    """The body and its headers."""
    packets_before: int
    """Segments that would carry each item in a request of its own, uncompressed."""
    packets_after: int
    """Segments that carry the request."""
    compress: int
    decompress: int
    work: int
    """What a server works for its items, decompression included."""


class Packing:
    """How the items of one workload are packed; equal numbers of items are packed alike.

    Simplified: all items have one size, so what compression makes of them depends on their number alone.
    """

    __slots__ = ("_packed", "codec", "header_bytes", "item_size", "item_time")

    def __init__(self, config: BatchConfig, header_bytes: int) -> None:
        self.item_size, self.item_time = config.item_size, config.item_time
        self.codec: CodecName = config.codec
        self.header_bytes = header_bytes
        self._packed: dict[int, Packed] = {}

    def pack(self, n: int) -> Packed:
        """Put `n` items into one request.

        Examples
        --------
        >>> packed = Packing(BatchConfig(max_items=100, codec="lz4", item_time=1000), header_bytes=200).pack(100)
        >>> packed.bytes_before, packed.bytes_after, packed.packets_before, packed.packets_after, packed.work
        (48900, 13834, 100, 10, 113637)
        """
        if n not in self._packed:
            self._packed[n] = self._pack(n)
        return self._packed[n]

    def _pack(self, n: int) -> Packed:
        before = n * self.item_size
        body = compress(self.codec, before)
        return Packed(
            before,
            body.size_bytes,
            body.size_bytes + self.header_bytes,
            n * segments(self.item_size + self.header_bytes),
            segments(body.size_bytes + self.header_bytes),
            body.compress,
            body.decompress,
            n * self.item_time + body.decompress,
        )
