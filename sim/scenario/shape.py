"""What may be written at a place: the keys, names, items and kinds that a type annotation allows.

It knows spellings (Go's, dotted sysctls, Python's reserved words); values are checked in load.py.
"""

import dataclasses
import functools
import keyword
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from sim.units import FileMark, OneOf, Quantity

Path = tuple[str | int, ...]
"""The way from the root to a value: field names, the user's names and list indices."""

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SYSCTL = re.compile(r"(?:net|fs)\.(?:[a-z0-9]+\.)*([a-z0-9_]+)")
"""A dotted name as sysctl(8) prints it; the last part is the key."""


@dataclass(slots=True)
class Shape:
    """What an annotation allows: a union merges what its members allow."""

    keys: dict[str, Any] = field(default_factory=dict)
    """Field name to annotation; of a OneOf, kind to class."""
    names: Any = None
    """The annotation below names that the user invents; None where there are none."""
    items: tuple[Any, ...] = ()
    """The annotations of a list's items, of which the last repeats."""
    classes: tuple[type, ...] = ()
    """The dataclasses that a mapping here may become."""
    kinds: OneOf | None = None
    quantity: Quantity | None = None
    is_file: bool = False
    """Whether a text here names a file."""

    def below(self, step: str | int) -> Any:
        """The annotation one step further down; `object` where nothing is known."""
        if isinstance(step, int):
            return self.items[min(step, len(self.items) - 1)] if self.items else object
        return self.keys.get(step, object if self.names is None else self.names)

    def spell(self, written: str) -> str:
        """Find the field that a written key means; a name that means none comes back as it is."""
        sysctl = _SYSCTL.fullmatch(written)
        for guess in (written, f"{written}_", snake(written), sysctl[1] if sysctl else written):
            if guess in self.keys and (guess != f"{written}_" or keyword.iskeyword(written)):
                return guess
        return written

    def known(self) -> list[str]:
        """List the keys as a user writes them."""
        return [unreserved(key) for key in self.keys]


@functools.cache
def shape_of(annotation: Any) -> Shape:
    """Describe what may be written where this annotation stands."""
    shape = Shape()
    _collect(annotation, shape)
    return shape


def shape_at(annotation: Any, path: Path) -> Shape:
    """Describe what may be written at a path below an annotation."""
    for step in path:
        annotation = shape_of(annotation).below(step)
    return shape_of(annotation)


def _collect(annotation: Any, shape: Shape) -> None:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        _collect_marked(annotation, shape)
    elif origin in (typing.Union, types.UnionType):
        for member in args:
            _collect(member, shape)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        shape.names = args[1]
    elif isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        shape.items = tuple(arg for arg in args if arg is not Ellipsis)
    elif isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        shape.classes += (annotation,)
        shape.keys |= annotations_of(annotation)


def _collect_marked(annotation: Any, shape: Shape) -> None:
    for mark in annotation.__metadata__:
        if isinstance(mark, OneOf):
            shape.kinds = mark
            shape.keys |= mark.kinds
            return
        if isinstance(mark, Quantity):
            shape.quantity = mark
        shape.is_file |= isinstance(mark, FileMark)
    _collect(annotation.__origin__, shape)


@functools.cache
def annotations_of(cls: type) -> dict[str, Any]:
    """Map the fields of a dataclass that a user may write to their annotations, markers included."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def snake(written: str) -> str:
    """Turn Go's spelling into ours.

    Examples
    --------
    >>> snake("TLSHandshakeTimeout")
    'tls_handshake_timeout'
    """
    return _WORD_STARTS.sub("_", written).lower()


def unreserved(key: str) -> str:
    """Write the field `for_` as the key `for`."""
    return key[:-1] if key.endswith("_") and keyword.iskeyword(key[:-1]) else key


def unreserve(tree: Any, annotation: Any) -> Any:
    """Write the fields that Python reserves (`for_`) as their keys (`for`), at every depth; names are left alone."""
    shape = shape_of(annotation)
    if isinstance(tree, dict):
        return {
            unreserved(key) if key in shape.keys else key: unreserve(item, shape.below(key))
            for key, item in tree.items()
        }
    if isinstance(tree, list):
        return [unreserve(item, shape.below(i)) for i, item in enumerate(tree)]
    return tree


def dotted(path: Path) -> str:
    """Write a path as users do, each step cut where it is long."""
    return ".".join(unreserved(str(step))[:60] for step in path)
