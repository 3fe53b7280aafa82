"""Protocol buffers on the wire: as much as a profile needs. Not the messages (`pprof`).

Source: protobuf.dev, Encoding.
"""

from collections.abc import Iterable

VARINT, LENGTH = 0, 2
"""Wire types."""


def varint(value: int) -> bytes:
    r"""Seven bits a byte, the least first.

    Examples
    --------
    >>> varint(1), varint(300)
    (b'\x01', b'\xac\x02')
    """
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """A field with a whole number; 0 is left out, as its default."""
    return varint(field << 3 | VARINT) + varint(value) if value else b""


def block(field: int, content: bytes | str) -> bytes:
    """A field with a message or a text."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | LENGTH) + varint(len(raw)) + raw


def packed(field: int, values: Iterable[int]) -> bytes:
    """A field with many whole numbers."""
    return block(field, b"".join(varint(value) for value in values))
