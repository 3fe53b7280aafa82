"""Rows: one table of a run, packed row by row into bytes and viewed as columns. Not a file, not a frame with units.

A row costs one `struct` call and no object (docs/adr/0003): the request that it describes may go at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from struct import Struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ABSENT: Final = -1
"""The instant, duration or number that never came to be; null in a frame."""

CHUNK_ROWS = 1 << 15


class Kind(Enum):
    """What the numbers of a column mean, and so how a frame shows them."""

    INSTANT = "instant"  # ns since the start -> float64 s
    DURATION = "duration"  # ns -> float64 s
    COUNT = "count"  # the number itself
    FLAG = "flag"  # 0 or 1 -> bool
    LABEL = "label"  # index into the vocabulary -> text
    NUMBER = "number"  # a real number


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, its `struct` code (q i h B, d for a real number) and what its numbers mean."""

    name: str
    code: str
    kind: Kind

    @property
    def dtype(self) -> str:
        """The column's type in numpy's words."""
        return f"<{_NUMPY[self.code]}"


Sink = Callable[[NDArray[Any]], object]
"""Takes a full chunk, a structured array of shape (n_rows,)."""


class Rows:
    """A table that only grows. What is pending leaves through `sink` at a `flush`, so that a long run stays small."""

    __slots__ = ("_chunk_rows", "_dtype", "_flushed", "_sink", "fields", "name", "pack", "packed")

    def __init__(self, name: str, fields: tuple[Field, ...], sink: Sink, chunk_rows: int = CHUNK_ROWS) -> None:
        row = Struct("<" + "".join(field.code for field in fields))
        self.name, self.fields = name, fields
        self.pack = row.pack
        """Makes the bytes of a row from its values, for `packed`."""
        self._sink = sink
        self._dtype = np.dtype([(field.name, field.dtype) for field in fields])
        self._chunk_rows = chunk_rows
        self.packed: list[bytes] = []
        """The rows that are pending. What writes many appends to it, so that no call of ours stands between."""
        self._flushed = 0

    @property
    def n_rows(self) -> int:
        """Rows written so far."""
        return self._flushed + len(self.packed)

    def append(self, *values: float) -> None:
        """Write one row; `values` in the order of `fields`."""
        self.packed.append(self.pack(*values))

    @property
    def is_full(self) -> bool:
        """Whether a chunk should be handed over now; asked between events, never needed for correctness."""
        return len(self.packed) >= self._chunk_rows

    def flush(self) -> None:
        """Hand over what is pending."""
        if self.packed:
            full = np.frombuffer(b"".join(self.packed), self._dtype)
            self.packed.clear()  # the list itself stays, since those who append hold it
            self._flushed += len(full)
            self._sink(full)


_NUMPY = {"q": "i8", "i": "i4", "h": "i2", "B": "u1", "d": "f8"}
