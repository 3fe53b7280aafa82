"""Facts: a part of a file of measurements, asked key by key; what is missing or wrong is named with its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


class WrongFact(ValueError):
    """The file lacks a key or has something else there; the text begins with the place."""


class Facts:
    """A mapping of the file, and where it stands in it: `tw-life.result`."""

    __slots__ = ("_tree", "place")

    def __init__(self, tree: Any, place: str) -> None:
        if not isinstance(tree, Mapping):
            raise WrongFact(f"{place}: {str(tree)[:40]} should be a mapping")
        self._tree, self.place = tree, place

    def __contains__(self, key: str) -> bool:
        return key in self._tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def value(self, key: str) -> Any:
        """Whatever stands there."""
        if key not in self._tree:
            raise WrongFact(f"{self.place}.{key}: is missing")
        return self._tree[key]

    def number(self, key: str) -> float:
        """A number."""
        return _number(self.value(key), f"{self.place}.{key}")

    def whole(self, key: str) -> int:
        """A whole number."""
        found = self.value(key)
        if not isinstance(found, int) or isinstance(found, bool):
            raise WrongFact(f"{self.place}.{key}: {str(found)[:40]} should be a whole number")
        return found

    def items(self, key: str) -> list[Any]:
        """A list of anything."""
        found = self.value(key)
        if not isinstance(found, list):
            raise WrongFact(f"{self.place}.{key}: {str(found)[:40]} should be a list")
        return found

    def numbers(self, key: str) -> list[float]:
        """A list of numbers, at least one."""
        found = [_number(each, f"{self.place}.{key}.{i}") for i, each in enumerate(self.items(key))]
        if not found:
            raise WrongFact(f"{self.place}.{key}: should have at least one number")
        return found

    def rows(self, key: str) -> list[list[float]]:
        """A list of lists of numbers."""
        part = Facts({str(i): row for i, row in enumerate(self.items(key))}, f"{self.place}.{key}")
        return [part.numbers(i) for i in part]

    def part(self, key: str) -> "Facts":
        """A mapping below it."""
        return Facts(self.value(key), f"{self.place}.{key}")

    def parts(self, key: str) -> "list[Facts]":
        """A list of mappings below it."""
        return [Facts(each, f"{self.place}.{key}.{i}") for i, each in enumerate(self.items(key))]

    def counts(self, key: str) -> dict[str, int]:
        """A mapping of whole numbers, such as a histogram."""
        part = self.part(key)
        return {name: part.whole(name) for name in part}


Group = tuple[str, Sequence[Facts]]
"""Repetitions of one set-up, and what it is called."""


def repeated(rows: Iterable[Facts], keys: Sequence[str]) -> list[Group]:
    """Rows that agree in `keys` as one group, called by those of them in which the groups differ."""
    groups: dict[str, list[Facts]] = {}
    for row in rows:
        groups.setdefault(" ".join(f"{key}={row.value(key)}" for key in keys), []).append(row)
    return list(groups.items())


def _number(found: Any, place: str) -> float:
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise WrongFact(f"{place}: {str(found)[:40]} should be a number")
    return found
