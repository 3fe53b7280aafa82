"""`--set path=value`: changes to a plain tree before it is validated, with the same errors as a file's.

A path follows the schema: missing mappings on the way are made, another kind replaces the one that was written.
"""

import copy
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim.scenario.shape import Path, Shape, dotted, shape_of
from sim.scenario.source import Place, Source, complaint, parse, take
from sim.units import InputError, shown

Overrides = Mapping[str, Any] | Iterable[str]
"""Path to plain value, or the command line's texts `path=value`."""


class Override(NamedTuple):
    """One change: the steps of its path as written, the value as a plain tree or ruamel's nodes."""

    steps: tuple[str, ...]
    value: Any
    label: str


def parse_override(text: str) -> Override:
    """Split `path=value`; the value is a YAML scalar or flow collection.

    Examples
    --------
    >>> parse_override("timeline[0].at=5s").steps
    ('timeline', '0', 'at')
    """
    label = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"{label}: has no value; write --set path=value")
    return Override(_steps(path, label), parse(value, label), label)


def apply_overrides(tree: Any, overrides: Overrides, cls: type) -> Any:
    """Set the overrides, in order, on a copy of the plain tree of a scenario of class `cls`.

    Raises
    ------
    InputError
        A path leads nowhere, or a value is not YAML.
    """
    source = take(tree, cls, Place("the scenario"))
    override(source, overrides, cls)
    return source.tree


def override(source: Source, overrides: Overrides, cls: type) -> list[Path]:
    """Set the overrides, in order, in `source`: its tree and the places of its values; return where they were set."""
    return [_set(source, change, cls) for change in _changes(overrides)]


def _set(source: Source, change: Override, cls: type) -> Path:
    setting = _Setting(source, change)
    source.tree = setting.put(source.tree, cls, at=(), steps=change.steps)
    return setting.set_at


def _changes(overrides: Overrides) -> list[Override]:
    if not isinstance(overrides, Mapping):
        return [parse_override(text) for text in overrides]
    labels = {path: f"--set {path}={shown(value)}" for path, value in overrides.items()}
    return [
        Override(_steps(path, labels[path]), copy.deepcopy(value), labels[path]) for path, value in overrides.items()
    ]


def _steps(path: str, label: str) -> tuple[str, ...]:
    steps = tuple(re.sub(r"\[(\d+)\]", r".\1", path.strip()).split("."))
    if not all(steps):
        raise InputError(f"{label}: {shown(path)} is not a path; write one such as a.b.c")
    return steps


class _Setting:
    """One override on its way down the tree."""

    def __init__(self, source: Source, change: Override) -> None:
        self.source = source
        self.change = change
        self.set_at: Path = ()
        """Where the way ended, in the spelling of the schema."""

    def put(self, node: Any, annotation: Any, *, at: Path, steps: tuple[str, ...]) -> Any:
        """Return `node` with the change made below it."""
        if not steps:
            return self._value(annotation, at)
        shape = shape_of(annotation)
        if shape.kinds:
            node = shape.kinds.spread(node)
        if isinstance(node, list) or (shape.items and not shape.keys and shape.names is None):
            return self._put_item(node or [], shape, at, steps)
        if not shape.keys and shape.names is None:
            raise self._error(f"{dotted(at)} is a value and has no {'.'.join(steps)} below it")
        node = dict(node) if isinstance(node, dict) else {}
        key, rest = self._key(node, shape, at, steps)
        below = self.put(node.get(key), shape.below(key), at=(*at, key), steps=rest)
        if shape.kinds and key not in node:  # another kind takes the place of the one that was written
            return {key: below}
        return node | {key: below}

    def _put_item(self, items: Any, shape: Shape, at: Path, steps: tuple[str, ...]) -> Any:
        index = int(steps[0]) if re.fullmatch(r"[0-9]{1,6}", steps[0]) else -1
        if not isinstance(items, list) or not 0 <= index <= len(items):
            size = len(items) if isinstance(items, list) else 0
            raise self._error(f"{shown(steps[0])} is not an index; {dotted(at)} has {size} items, the first is 0")
        below = self.put(
            items[index] if index < len(items) else None, shape.below(index), at=(*at, index), steps=steps[1:]
        )
        return [*items[:index], below, *items[index + 1 :]]

    def _key(self, node: dict[str, Any], shape: Shape, at: Path, steps: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        for end in range(len(steps), 0, -1):  # the user's names may contain dots themselves, the longest first
            name = ".".join(steps[:end])
            if shape.names is not None and name in node:
                return name, steps[end:]
        for end in range(1, len(steps) + 1):  # sysctls, too
            key = shape.spell(".".join(steps[:end]))
            if key in shape.keys:
                return key, steps[end:]
        if shape.names is not None and (len(steps) == 1 or not node):
            return steps[0], steps[1:]
        raise self._error(f"{dotted((*at, steps[0]))}: {way_out(steps[0], [*shape.known(), *node])}")

    def _value(self, annotation: Any, at: Path) -> Any:
        self.set_at = at
        places = self.source.places
        for old in [old for old in places if old[: len(at)] == at]:
            del places[old]
        taken = take(self.change.value, annotation, Place(self.change.label, at), at=at)
        places |= taken.places
        for end in range(1, len(at)):  # mappings that were made on the way
            places.setdefault(at[:end], Place(self.change.label, at))
        return taken.tree

    def _error(self, message: str) -> InputError:
        return complaint(Place(self.change.label, ()), (), message)


def way_out(unknown: str, known: list[str]) -> str:
    """Say that a key is unknown, and the known one that it resembles, or all of them."""
    known = list(dict.fromkeys(known))
    near = difflib.get_close_matches(unknown, known, 1)
    if near:
        return f"unknown key; did you mean {near[0]}?"
    return f"unknown key; known here: {', '.join(known)}" if known else "unknown key; no key is known here"
