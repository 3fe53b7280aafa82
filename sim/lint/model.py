"""Model: what a configuration says, in one vocabulary for all kinds, so that one rule does for Go, Traefik and Envoy.

Entities (`pools`, `routes`, `clusters`, ...) are lists of flat mappings. Every field of an entity is always there: what
was not written has the default of the software; null means that nobody can know it from the text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.lint.document import Document
from sim.lint.text import Path, Spot
from sim.lint.unit import UNITS


class Field(NamedTuple):
    """A field of an entity: where it is written below it, in which unit, and what it is when it is not written."""

    keys: Path
    unit: str = "count"
    default: Any = None
    """As it would be read; None where there is no telling."""


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entity stands in the tree, and where a fix would write its fields."""

    path: Path
    fields: Fields
    moved: Mapping[str, Path] = field(default_factory=dict)
    """Fields that stand elsewhere than below the entity."""

    def place(self, name: str) -> Path | None:
        """Where a field is or would be written; None where no key says it."""
        if name in self.moved:
            return self.moved[name]
        known = self.fields.get(name)
        return None if known is None else (*self.path, *known.keys)


@dataclass(slots=True)
class Model:
    """The entities of one document, and where each came from."""

    document: Document
    tree: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    origins: dict[tuple[str, int], Origin] = field(default_factory=dict)

    def add(self, entity: str, path: Path, fields: Fields, /, **derived: Any) -> dict[str, Any]:
        """Read an entity at a path of the document; `derived` are fields that no key says alone."""
        values: dict[str, Any] = {"name": str(path[-1]) if path else ""}
        written: dict[str, bool] = {}
        node = self.document.at(path)
        for name, known in fields.items():
            found, value = _below(node, known.keys)
            written[name] = found
            values[name] = _copied(UNITS[known.unit].read(value) if found else known.default)
        listed = self.tree.setdefault(entity, [])
        values |= derived
        values["written"] = written
        self.origins[entity, len(listed)] = Origin(path, fields)
        listed.append(values)
        return values

    def move(self, entity: str, name: str, path: Path) -> None:
        """Say that a field of the entity added last stands at another place."""
        key = (entity, len(self.tree[entity]) - 1)
        origin = self.origins[key]
        self.origins[key] = Origin(origin.path, origin.fields, {**origin.moved, name: path})

    def spot(self, path: Path) -> Spot:
        """Where what stands at a path of the model was written."""
        origin = self.origins.get((str(path[0]), int(path[1]))) if len(path) > 1 else None
        if origin is None:
            return self.document.spot(())
        place = origin.place(str(path[2])) if len(path) > 2 else None
        if place is not None and place in self.document.spots:
            return self.document.spots[place]
        return self.document.spot(origin.path)


def _below(node: Any, keys: Sequence[str | int]) -> tuple[bool, Any]:
    for key in keys:
        is_there = key in node if isinstance(node, dict) else isinstance(node, list) and _is_index(key, len(node))
        if is_there:
            node = node[key]
        else:
            return False, None
    return True, node


def _is_index(key: str | int, length: int) -> bool:
    return isinstance(key, int) and key < length


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
