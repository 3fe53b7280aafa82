"""A YAML text to a frozen dataclass, or one InputError that points at the place.

pydantic checks types, ranges and unknown keys; what it says is said again here, in the user's words.
"""

import dataclasses
import difflib
import functools
import json
import re
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim.scenario.files import HERE, beside
from sim.scenario.override import Overrides, override, way_out
from sim.scenario.shape import Path, Shape, shape_at, shape_of
from sim.scenario.source import Place, Source, place_of, read, take
from sim.units import TAG, InputError, shown

_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_NOUNS = {
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}


@functools.cache
def adapter_of(cls: type) -> TypeAdapter[Any]:
    """Build pydantic's validator of a dataclass, once: it takes a second for a large one."""
    return TypeAdapter(cls)


class Loader:
    """Reads texts of one kind.

    Parameters
    ----------
    cls
        The frozen dataclass at the root. Any dataclass in it may have a classmethod ``__fill__(tree) -> tree``,
        which gets its mapping before validation, to fill in what was omitted (a preset).
    """

    def __init__(self, cls: type) -> None:
        self.cls = cls

    def load(self, text: str, name: str, overrides: Overrides = (), *, folder: FilePath = HERE) -> Any:
        """Read a YAML text; `name` stands in errors for the file, and the files that it names lie in `folder`."""
        source = read(text, name, self.cls)
        source.tree = beside(source, self.cls, folder)
        return self._load(source, overrides, HERE)

    def locate(self, error: InputError, text: str, name: str, *, overrides: Overrides = ()) -> InputError:
        """The same error with the line and column of what it blames in the text, or with the override that set it."""
        if not error.at:
            return error
        source = read(text, name, self.cls)
        override(source, overrides, self.cls)
        return source.error(error.at, error.text)

    def load_tree(self, tree: Any, name: str, overrides: Overrides = (), *, folder: FilePath = HERE) -> Any:
        """Read a tree of plain values (JSON's types), such as `resolve` writes; `folder` has the overrides' files."""
        source = take(tree, self.cls, Place(name))
        source.tree = beside(source, self.cls, HERE)
        return self._load(source, overrides, folder)

    def load_node(self, node: Any, name: str) -> Any:
        """Read a mapping out of what `parse` made of the text of the file `name`, with its lines in errors."""
        source = take(node, self.cls, place_of(node, name), name=name)
        source.tree = beside(source, self.cls, FilePath(name).parent)
        return self._load(source, (), HERE)

    def _load(self, source: Source, overrides: Overrides, folder: FilePath) -> Any:
        changed = override(source, overrides, self.cls)
        source.tree = beside(source, self.cls, folder, paths=changed)
        filled = _filled(source.tree, self.cls, (), source)
        try:
            return adapter_of(self.cls).validate_json(json.dumps(filled), strict=True, extra="forbid")
        except ValidationError as error:
            raise self._in_our_words(error.errors(include_url=False), source) from None

    def _in_our_words(self, errors: list[Any], source: Source) -> InputError:
        paths = [self._path(error, source) for error in errors]
        outer = {path[:n] for path in paths for n in range(len(path))}

        def rank(number: int) -> tuple[bool, bool]:
            # a typo explains the missing key beside it; who wrote a mapping where a value may stand meant the mapping
            return errors[number]["type"] not in _UNKNOWN, paths[number] in outer

        error = errors[min(range(len(errors)), key=rank)]
        at = self._path(error, source)
        shape = shape_at(self.cls, at)
        text = str(error.get("ctx", {}).get("error", error["msg"]))
        match error["type"]:
            case "unexpected_keyword_argument" | "extra_forbidden":
                return source.error(at, way_out(str(at[-1]), shape_at(self.cls, at[:-1]).known()))
            case "missing" if at and isinstance(at[-1], int):
                return source.error(at[:-1], self._too_short(at, error["input"]))
            case "missing":
                return source.error(at, "is required")
            case "one_of":
                return source.error(at, _kinds(error["input"], text, shape))
            case "value_error":
                return _from_a_class(source, at, text, shape)
        return source.error(at, _about_a_value(error, text, shape))

    def _too_short(self, at: Path, written: Any) -> str:
        """Say how many items are missing; the default is the example, where the key has one."""
        wanted = len(shape_at(self.cls, at[:-1]).items)
        fields = (field for cls in shape_at(self.cls, at[:-2]).classes for field in dataclasses.fields(cls))
        default = next((field.default for field in fields if field.name == at[-2]), None)
        example = f", such as {json.dumps(default)}" if isinstance(default, tuple) else ""
        return f"{_cut(written)} has {len(written)} of {wanted} items; write {wanted}{example}"

    def _path(self, error: Any, source: Source) -> Path:
        """Turn pydantic's location into the path as far as the user has written it."""
        at: Path = ()
        for step in error["loc"]:
            if isinstance(step, str) and (step.startswith(TAG) or step in _names(shape_at(self.cls, at))):
                continue
            if (*at, step) not in source.places and error["type"] not in ("missing", *_UNKNOWN):
                break
            at += (step,)
        return at


def _names(shape: Shape) -> set[str]:
    """Where a key may hold a value or a mapping, pydantic names the mapping's class among its steps."""
    return {cls.__name__ for cls in shape.classes}


def _filled(value: Any, annotation: Any, at: Path, source: Source) -> Any:
    """`value` after the `__fill__` of each class on the way, the outer one first."""
    shape = shape_of(annotation)
    if shape.kinds:
        value = shape.kinds.spread(value)
    if isinstance(value, dict | str):
        for cls in shape.classes:
            value = _fill(cls, value, at, source)
    if isinstance(value, dict):
        return {key: _filled(item, shape.below(key), (*at, key), source) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, shape.below(i), (*at, i), source) for i, item in enumerate(value)]
    return value


def _fill(cls: Any, tree: Any, at: Path, source: Source) -> Any:
    """What `cls` makes of its mapping, or of the short form that is a text."""
    if not hasattr(cls, "__fill__"):
        return tree
    try:
        filled = cls.__fill__(dict(tree) if isinstance(tree, dict) else tree)
    except ValueError as error:
        raise _from_a_class(source, at, str(error), shape_of(cls)) from None
    return filled


def _from_a_class(source: Source, at: Path, text: str, shape: Shape) -> InputError:
    """Move a ValueError "field: what is wrong" of a class to the field."""
    head, colon, rest = text.partition(": ")
    fields = [shape.spell(step) if i == 0 else step for i, step in enumerate(head.split("."))]
    if colon and fields[0] in shape.keys:
        steps = tuple(int(step) if step.isdecimal() else step for step in fields)
        return source.error((*at, *steps), rest)
    return source.error(at, text)


def _kinds(written: Any, text: str, shape: Shape) -> str:
    kind = next(iter(written)) if isinstance(written, dict) and len(written) == 1 else written
    if not isinstance(kind, str):
        return text if isinstance(kind, dict) else f"{shown(kind)} {text}"
    near = difflib.get_close_matches(kind, shape.known(), 1)
    return f"unknown kind {shown(kind)}; did you mean {near[0]}?" if near else f"unknown kind {shown(kind)}; {text}"


def _about_a_value(error: Any, text: str, shape: Shape) -> str:
    """Repeat the value, and what it should be, limits in the field's unit."""
    written, wanted = (
        error["input"],
        re.sub(r"^(Input|Value|List|Tuple|Dictionary|String) | after validation", "", text),
    )
    if shape.quantity:
        for limit in (error.get("ctx", {}).get(key) for key in ("ge", "gt", "le", "lt")):
            wanted = wanted if limit is None else re.sub(r"\S+$", shape.quantity.format(limit), wanted)
        return f"{shown(written)} {wanted}"
    if noun := _NOUNS.get(error["type"]):
        known = f", known here: {', '.join(shape.known())}" if noun == "a mapping" and shape.keys else ""
        return f"{_cut(written)} should be {noun}{known}"
    if error["type"] in ("literal_error", "enum") and isinstance(written, str):
        near = difflib.get_close_matches(written, re.findall(r"'([^']*)'", text), 1)
        return f"{_cut(written)} {wanted}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{_cut(written)} {wanted}"


def _cut(written: Any) -> str:
    text = json.dumps(written, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
