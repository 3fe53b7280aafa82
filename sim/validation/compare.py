"""Compare: what was measured in a case with what was seen of its simulation, leaf by leaf."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TIME = "t_"
"""Begins the names of times, in ms."""
PORT_OF = re.compile(r"<(\w+)>")
"""Stands in a text for the port of a host; `<ephemeral>` for any."""
ANY_PORT = "ephemeral"

Path = tuple[str, ...]
Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity: what was measured, what was simulated, and whether that is the same."""

    quantity: str
    """The dotted path below `expect`."""
    measured: Any
    simulated: Any
    tolerance: float
    """Allowed difference of a time, ms; 0 elsewhere."""
    ok: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the cases of one format are compared.

    Attributes
    ----------
    named_by : of lists whose items have names: the list, and the item's field that is its name.
    ports : where the simulation says which number a name between < and > stands for.
    """

    named_by: Mapping[str, str]
    ports: str

    def __call__(self, expect: Seen, seen: Seen | None, time_ms: float) -> list[Difference]:
        """Compare every leaf of `expect`; a field that is absent there is not looked at. `seen` None: nothing was."""
        found = self._by_name(seen or {})
        ports = (seen or {}).get(self.ports, {})
        return [_difference(path, measured, found, (time_ms, ports)) for path, measured in self._leaves(expect)]

    def check(self, expect: Seen) -> None:
        """Refuse what could never be compared: a time that is none, an item without its name.

        Raises
        ------
        ValueError
            "the dotted path: what is wrong".
        """
        for key, name in self.named_by.items():
            items = expect.get(key, ())
            for i, item in enumerate(items if isinstance(items, list | tuple) else [None]):
                if not isinstance(item, Mapping) or name not in item:
                    raise ValueError(f"{key}.{i}: should be a mapping with the key {name}")
        for path, measured in self._leaves(expect):
            is_number = isinstance(measured, int | float) and not isinstance(measured, bool)
            if path[-1].startswith(TIME) and measured is not None and not is_number:
                raise ValueError(f"{'.'.join(path)}: {measured} is no time; write a number of ms, or null")

    def _by_name(self, tree: Seen) -> Seen:
        """Lists with names as mappings."""
        return {key: self._named(key, value) if key in self.named_by else value for key, value in tree.items()}

    def _named(self, key: str, items: Any) -> Any:
        name = self.named_by[key]
        return {str(item[name]): {each: item[each] for each in item if each != name} for item in items}

    def _leaves(self, expect: Seen) -> Iterator[tuple[Path, Any]]:
        for key, value in self._by_name(expect).items():
            yield from _walk((key,), value)


def _walk(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _walk((*path, str(key)), below)
    else:
        yield path, value


def _difference(path: Path, measured: Any, seen: Seen, terms: tuple[float, Mapping[str, int]]) -> Difference:
    time_ms, ports = terms
    value: Any = seen
    is_there = True
    for step in path:
        is_there = isinstance(value, Mapping) and step in value
        value = value[step] if is_there else None
    is_time = path[-1].startswith(TIME)
    tolerance = time_ms if is_time else 0
    same = is_there and (_is_near(measured, value, time_ms) if is_time else _is_same(measured, value, ports))
    return Difference(".".join(path), measured, _plain(value), tolerance, same)


def _is_near(measured: Any, value: Any, time_ms: float) -> bool:
    if measured is None or value is None:
        return measured is value
    return bool(abs(value - measured) <= time_ms + 1e-9)


def _is_same(measured: Any, value: Any, ports: Mapping[str, int]) -> bool:
    if isinstance(measured, str) and isinstance(value, str):
        return re.fullmatch(_pattern(measured, ports), value) is not None
    if isinstance(measured, list | tuple) and isinstance(value, str):  # any of several texts
        return any(_is_same(text, value, ports) for text in measured)
    if isinstance(measured, list | tuple) and isinstance(value, list | tuple):
        return len(measured) == len(value) and all(_is_same(*pair, ports) for pair in zip(measured, value, strict=True))
    return type(measured) is type(value) and bool(measured == value)


def _pattern(text: str, ports: Mapping[str, int]) -> str:
    parts = PORT_OF.split(text)
    for i in range(1, len(parts), 2):
        name = parts[i]
        parts[i] = r"\d+" if name == ANY_PORT else str(ports.get(name, re.escape(f"<{name}>")))
    parts[::2] = map(re.escape, parts[::2])
    return "".join(parts)


def _plain(value: Any) -> Any:
    """Whole milliseconds without a point, others to the microsecond."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 3)
    return value
