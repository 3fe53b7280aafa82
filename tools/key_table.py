"""Key tables: what may be written at each key of a scenario or a study, from the dataclasses. Nothing is checked."""

import dataclasses
import re
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from sim.engine.distributions import KINDS
from sim.scenario import json_schema
from sim.scenario.resolve import to_yaml
from sim.scenario.schema import descriptions
from sim.scenario.shape import Path, annotations_of, shape_of, unreserved
from sim.units import Quantity
from tools.markdown import code, table

_BRACKET = re.compile(r"\s*\(([^()]*(?:\(\))?[^()]*)\)")
_CITATION = re.compile(
    r"/\w+\.[ch]o?\b|\.go\b|/[a-z_]+\.c\b|\bRFC \d|^the article|recordings|measured|^[a-z]+(?:_[a-z0-9]+)+$|^[A-Z]\w+$"
)
_DEFAULT_TRANSPORT = re.compile(r"\s*(DefaultTransport): [^.]+\.$")
_BOUNDS = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}
_PLAIN = {bool: "true, false", int: "integer", float: "number", str: "text"}
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Key:
    """One row: where a key stands, what may be written there, and what its class says of it."""

    path: tuple[str, ...]
    written: str
    default: str
    told: str
    source: str


def keys_of(cls: type, at: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key below a dataclass; `*` stands for a name of the user's, `[]` for an item of a list."""
    described = json_schema(cls)
    for name, annotation in annotations_of(cls).items():
        key = unreserved(name)
        told = described["properties"][key]
        default = _NONE if key not in described.get("required", ()) else "required"
        if told.get("default") not in (None, "", {}, []):
            default = code(to_yaml(told["default"], inline=True))
        cited = _cited(descriptions(cls).get(name, ""), cls)
        own = Key((*at, key), _written(annotation), default, *cited)
        yield from _keys_at(annotation, own)


def key_table(keys: Sequence[Key], below: tuple[str, ...]) -> str:
    """The rows as Markdown; the path that all share is left out."""
    rows = [
        (code(".".join(key.path[len(below) :])), key.written, _short(key.default), key.told, key.source) for key in keys
    ]
    return table(("key", "unit or values", "default", "what it is", "source"), rows)


def distribution_table() -> str:
    """The kinds of distributions with their parameters."""
    rows = []
    for kind, cls in KINDS.items():
        fields = ", ".join(f"{name}: {_written(annotation)}" for name, annotation in annotations_of(cls).items())
        rows.append((code(kind), code(f"{{{fields}}}"), (cls.__doc__ or "").split("\n")[0]))
    return table(("kind", "parameters", "what it is"), rows)


def _keys_at(annotation: Any, own: Key) -> Iterator[Key]:
    """The key itself where something may be written for it as a whole, and what stands below it."""
    shape = shape_of(annotation)
    if shape.kinds is not None:
        yield own
        if shape.kinds.scalar is None:
            for kind, cls in shape.kinds.kinds.items():
                yield from keys_of(cls, (*own.path, kind))
        return
    inside = ("*", shape.names) if shape.names is not None else ("[]", shape.items[0] if shape.items else None)
    classes = shape_of(inside[1]).classes if inside[1] is not None else ()
    if classes or not shape.classes or type(None) in typing.get_args(annotation):
        yield own
    for cls in shape.classes:
        yield from keys_of(cls, own.path)
    for cls in classes:
        yield from keys_of(cls, (*own.path, inside[0]))


def _written(annotation: Any) -> str:
    """What may be written, in words."""
    shape, origin, args = shape_of(annotation), typing.get_origin(annotation), typing.get_args(annotation)
    if shape.kinds is not None:
        kinds = shape.kinds
        return "duration or distribution" if kinds.scalar else "one of " + ", ".join(kinds.kinds)
    if origin is Annotated:
        return _bounded(_written(args[0]), annotation.__metadata__)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_written(arg) for arg in args if arg is not type(None))
    if origin is Literal:
        return ", ".join(map(str, args))
    if shape.names is not None:
        return "mapping by name"
    if shape.items:
        return f"list of {_written(args[0])}" if Ellipsis in args else f"list of {len(args)}: {_written(args[0])}"
    if dataclasses.is_dataclass(annotation):
        return "mapping"
    return _PLAIN.get(annotation, "a value")


def _bounded(plain: str, marks: Sequence[Any]) -> str:
    for mark in marks:
        if isinstance(mark, Quantity):
            plain = mark.noun
    if plain == "duration":  # its bounds are nanoseconds; the text names those that matter
        return plain
    low = next((f"{mark.ge:,}" for mark in marks if isinstance(mark, Ge)), "")
    low = low or next(("1" for mark in marks if mark == Gt(0) and plain == "integer"), "")
    high = next((f"{mark.le:,}" for mark in marks if isinstance(mark, Le)), "")
    if low and high:
        return f"{plain}, {low} to {high}"
    limits = [f"{sign} {getattr(mark, kind.__name__.lower()):,}" for mark in marks for kind, sign in _BOUNDS.items()
              if isinstance(mark, kind)]  # fmt: skip
    return " ".join([plain, *limits])


def _cited(told: str, cls: type) -> tuple[str, str]:
    """The text without what it cites, and the citation: the key's own, or else its class's."""
    for found in _BRACKET.finditer(told):
        if _CITATION.search(found[1]):
            return told[: found.start()] + told[found.end() :], found[1]
    default = _DEFAULT_TRANSPORT.search(told)
    of_class = next((one for one in _BRACKET.findall(cls.__doc__ or "") if _CITATION.search(one)), _NONE)
    return (told[: default.start()], f"{of_class}, {default[1]}") if default else (told, of_class)


def _short(default: str) -> str:
    return default if len(default) <= 60 else "see below"


def path_of(text: str) -> tuple[str, ...]:
    """`clients.*.transport` as steps; a lone point is the root."""
    return () if text == "." else tuple(text.split("."))


def is_below(path: Path, prefix: Path) -> bool:
    """Whether a key lies below a place."""
    return len(path) > len(prefix) and path[: len(prefix)] == prefix
