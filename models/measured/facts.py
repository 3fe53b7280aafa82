"""Facts: a part of a file of measurements, asked key by key; what is missing or wrong is named with its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

LAST_PORT = 65_535


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

    def choice(self, key: str, known: Iterable[str]) -> str:
        """One of some words."""
        found, words = str(self.value(key)), list(known)
        if found not in words:
            raise WrongFact(f"{self.place}.{key}: {found[:40]} should be one of {', '.join(words)}")
        return found

    def number(self, key: str) -> float:
        """A number."""
        return _number(self.value(key), f"{self.place}.{key}")

    def number_or_none(self, key: str) -> float | None:
        """A number, or null where there was nothing to measure."""
        return None if self.value(key) is None else self.number(key)

    def whole(self, key: str, least: int | None = None) -> int:
        """A whole number, which may have a least value."""
        found = self.value(key)
        if not isinstance(found, int) or isinstance(found, bool):
            raise WrongFact(f"{self.place}.{key}: {str(found)[:40]} should be a whole number")
        if least is not None and found < least:
            raise WrongFact(f"{self.place}.{key}: {found} should be at least {least}")
        return found

    def whole_keys(self) -> list[int]:
        """Its keys, each a whole number."""
        return [_whole_key(name, f"{self.place}.{name}") for name in self]

    def items(self, key: str) -> list[Any]:
        """A list of anything."""
        found = self.value(key)
        if not isinstance(found, list):
            raise WrongFact(f"{self.place}.{key}: {str(found)[:40]} should be a list")
        return found

    def values(self, key: str, width: int | None = None) -> list[Any]:
        """A list of anything but nothing, or of `width` values."""
        found = self.items(key)
        if not found or (width is not None and len(found) != width):
            raise WrongFact(f"{self.place}.{key}: should have {width or 'at least one'}, not {len(found)}")
        return found

    def wholes(self, key: str, width: int) -> list[int]:
        """So many whole numbers, each at least 1."""
        part = self._by_index(key)
        return [part.whole(str(i), 1) for i, _ in enumerate(self.values(key, width))]

    def numbers(self, key: str) -> list[float]:
        """A list of numbers, at least one."""
        found = self.numbers_if_any(key)
        if not found:
            raise WrongFact(f"{self.place}.{key}: should have at least one number")
        return found

    def numbers_if_any(self, key: str) -> list[float]:
        """A list of numbers, or of nothing where nothing came."""
        return [_number(each, f"{self.place}.{key}.{i}") for i, each in enumerate(self.items(key))]

    def rows(self, key: str, width: int | None = None) -> list[list[float]]:
        """A list of lists of numbers, at least one; each of `width` numbers, where one is given."""
        part = self._by_index(key)
        return [part.numbers(str(i)) for i, _ in enumerate(self.values(key)) if part.values(str(i), width)]

    def tuples(self, key: str, width: int) -> list[list[Any]]:
        """A list of lists of so many values, or of nothing."""
        part = self._by_index(key)
        return [part.values(i, width) for i in part]

    def end(self, key: str) -> tuple[str | int, float]:
        """How something ended and when: ["ETIMEDOUT", 6.5]."""
        name, at = self.values(key, 2)
        if not isinstance(name, str | int):
            raise WrongFact(f"{self.place}.{key}.0: {str(name)[:40]} should be an errno")
        return name, _number(at, f"{self.place}.{key}.1")

    def part(self, key: str) -> "Facts":
        """A mapping below it."""
        return Facts(self.value(key), f"{self.place}.{key}")

    def parts(self, key: str) -> "list[Facts]":
        """A list of mappings below it, at least one."""
        return [Facts(each, f"{self.place}.{key}.{i}") for i, each in enumerate(self.values(key))]

    def counts(self, key: str) -> dict[str, int]:
        """A mapping of whole numbers, such as counters."""
        part = self.part(key)
        return {name: part.whole(name) for name in part}

    def histogram(self, key: str) -> dict[int | None, int]:
        """How often each value came, something at least once; None where there was no value."""
        place = f"{self.place}.{key}"
        found = self.counts(key)
        if not any(found.values()):
            raise WrongFact(f"{place}: should count at least one value")
        return {None if name == "None" else _whole_key(name, f"{place}.{name}"): n for name, n in found.items()}

    def port_range(self, key: str) -> tuple[int, int]:
        """ip_local_port_range as sysctl has it: "40000 40099"."""
        found = str(self.value(key))
        ends = [int(end) for end in found.split() if end.isdecimal()]
        if len(ends) != 2 or not 1 <= ends[0] <= ends[1] <= LAST_PORT:
            raise WrongFact(f"{self.place}.{key}: {found[:40]} should be two ports, as 40000 40099")
        return ends[0], ends[1]

    def _by_index(self, key: str) -> "Facts":
        return Facts({str(i): each for i, each in enumerate(self.items(key))}, f"{self.place}.{key}")


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


def _whole_key(name: str, place: str) -> int:
    try:
        return int(name)
    except ValueError:
        raise WrongFact(f"{place}: the key should be a whole number") from None
