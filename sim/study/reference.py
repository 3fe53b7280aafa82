"""References: values of arms and axes that follow from others, such as ``${max_idle_conns_per_host * 4}``."""

import difflib
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from sim.quantity.formula import work_out

OPENING, CLOSING = "${", "}"


class UnknownName(ValueError):
    """A reference to what neither the axes nor the scenario have."""


def is_reference(value: Any) -> bool:
    """Whether the value, or one inside it, follows from others."""
    if isinstance(value, str):
        return OPENING in value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(is_reference(part) for part in inside)


class References:
    """The values of one arm at one point, references worked out one from another.

    Parameters
    ----------
    values : path in the scenario to value as written.
    axes : short name of an axis to its path.
    scenario : the scenario with every value in it that is no reference.
    """

    def __init__(self, values: Mapping[str, Any], axes: Mapping[str, str], scenario: Mapping[str, Any]) -> None:
        self._values, self._axes, self._scenario = values, axes, scenario
        self._known: dict[str, Any] = {}
        self._under_way: list[str] = []

    def value(self, path: str) -> Any:
        """The value of this path with no reference left in it.

        Raises
        ------
        ValueError
            One line: an unknown name, a circle, units that do not go together.
        """
        if path in self._under_way:
            circle = " -> ".join([*self._under_way[self._under_way.index(path) :], path])
            raise ValueError(f"the references go in a circle, {circle}; give one of them a value")
        if path not in self._known:
            self._under_way.append(path)
            self._known[path] = self._resolved(self._values[path])
            self._under_way.pop()
        return self._known[path]

    def values(self) -> dict[str, Any]:
        """Every path with its value."""
        return {path: self._placed(path) for path in self._values}

    def _placed(self, path: str) -> Any:
        self._under_way.clear()
        try:
            return self.value(path)
        except UnknownName as error:
            raise UnknownName(f"{path}: {error}") from None
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._resolved(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._resolved(part) for part in value]
        if not isinstance(value, str) or OPENING not in value:
            return value
        text = value.strip()
        inside = text.removeprefix(OPENING).removesuffix(CLOSING)
        if not (text.startswith(OPENING) and text.endswith(CLOSING)) or OPENING in inside:
            bare = text.replace(OPENING, "").replace(CLOSING, "")
            raise ValueError(f"{value} is half a reference; write all of it inside: ${{{bare}}}")
        return work_out(inside.strip(), self._look)

    def _look(self, name: str) -> Any:
        """What a name stands for: an axis, else a path as arms and axes write it, else a place in the scenario."""
        if name in self._axes:
            return self.value(self._axes[name])
        if name in self._values:
            return self.value(name)
        leaves = dict(_leaves(self._scenario))
        paths = list(dict.fromkeys([*self._values, *leaves]))
        fits = [path for path in paths if f".{path}".endswith(f".{name}")]
        if name in leaves or len(fits) == 1:
            path = name if name in leaves else fits[0]
            return self.value(path) if path in self._values else leaves[path]
        if fits:
            raise UnknownName(f"{name} may be {fits[0]} or {fits[1]}; write more of the path")
        raise UnknownName(f"nothing is called {name}; {_way_out(name, [*self._axes, *paths])}")


def among_axes(point: Mapping[str, Any], axes: Mapping[str, str]) -> dict[str, Any]:
    """The point with those references worked out that name axes alone; the others stay as written."""
    found = {}
    for path, value in point.items():
        try:
            found[path] = References(point, axes, {}).value(path) if is_reference(value) else value
        except UnknownName:
            found[path] = value
    return found


def _leaves(tree: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Every value of a tree with nothing below it, and every list, by its dotted path."""
    if above and not isinstance(tree, Mapping):
        yield ".".join(above), tree
    below = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list | tuple) else ()
    for step, part in below:
        yield from _leaves(part, *above, str(step))


def _way_out(name: str, known: list[str]) -> str:
    if near := difflib.get_close_matches(name, known, 1, 0.75):
        return f"did you mean {near[0]}?"
    # a short name is near to no path, but to the end of one
    steps = name.count(".") + 1
    ends = {".".join(path.split(".")[-steps:]): path for path in reversed(known)}
    if near := difflib.get_close_matches(name, ends, 1):
        return f"did you mean {near[0]}?"
    axes = list(itertools.takewhile(lambda path: "." not in path, known))
    return f"known here: {', '.join(axes[:12]) or 'no axis'}, and every path of the scenario"
