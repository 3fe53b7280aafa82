"""A text and the places in it: offsets to lines and columns and back. It knows no format."""

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way from the root of a tree to a value: keys and numbers."""
MOST_CHARACTERS = 5_000_000
"""A longer text is not read: generated configuration of that size is for the program that wrote it."""


class Spot(NamedTuple):
    """Where a value stands, as offsets of characters."""

    key: int
    """Where its key begins; of an item without a key, where the item does."""
    start: int
    end: int
    """Just behind it."""


class Text:
    """What was read from a file, by the name that its user gave."""

    def __init__(self, name: str, content: str) -> None:
        self.name, self.content = name, content

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.content.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1 on, the column in characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a line and a column; what lies outside is moved to the nearest end."""
        line = min(max(line, 1), len(self._starts))
        return min(self._starts[line - 1] + max(column, 1) - 1, len(self.content))

    def line(self, number: int) -> str:
        """A line by its number from 1 on, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.content)
        return self.content[start:end].rstrip("\r\n")

    @property
    def n_lines(self) -> int:
        """How many lines there are; a text without a line break has one."""
        return len(self._starts)
