"""A dataclass to a closed JSON Schema (draft 2020-12): descriptions, defaults with their units, our spellings.

It describes; load.py checks.
"""

import ast
import dataclasses
import functools
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from sim.scenario.shape import annotations_of, shape_of, unreserve, unreserved
from sim.units import SHORT_FORM, SHORT_TEXT, reads_a_text

DRAFT = "https://json-schema.org/draft/2020-12/schema"


@functools.cache
def json_schema(cls: type) -> dict[str, Any]:
    """Describe the texts that load as `cls`; one object for all callers, not to be changed."""
    schema: dict[str, Any] = TypeAdapter(cls).json_schema(schema_generator=_Closed)
    return {"$schema": DRAFT} | schema


class _Closed(GenerateJsonSchema):
    """Unknown keys are errors; a default is written as the user would write it."""

    def dataclass_schema(self, schema: Any) -> Any:
        made = super().dataclass_schema(schema)
        cls, told = schema["cls"], descriptions(schema["cls"])
        defaults = _defaults(cls)
        fields = made.get("properties", {})
        for name, inner in fields.items():
            if inner.get("$ref") and any(reads_a_text(one) for one in shape_of(annotations_of(cls)[name]).classes):
                inner["anyOf"] = [{"$ref": inner.pop("$ref")}, SHORT_TEXT]
            inner.pop("title", None)
            if name in told:
                inner["description"] = told[name]
            if name in defaults:
                inner["default"] = defaults[name]
        made["properties"] = {unreserved(name): inner for name, inner in fields.items()}
        if "required" in made:
            made["required"] = [unreserved(name) for name in made["required"]]
        return made | {"additionalProperties": False}

    def typed_dict_schema(self, schema: Any) -> Any:
        made = super().typed_dict_schema(schema)
        for inner in made.get("properties", {}).values():
            inner.pop("title", None)
        return made | {"additionalProperties": False}

    def default_schema(self, schema: Any) -> Any:
        return self.generate_inner(schema["schema"])


def _defaults(cls: Any) -> dict[str, Any]:
    """The defaults of a dataclass in the form of a text; fields without one are left out."""
    written = {}
    for field in dataclasses.fields(cls):
        if field.default is not dataclasses.MISSING:
            default = field.default
        elif field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        else:
            continue
        if field.init:
            annotation = annotations_of(cls)[field.name]
            written[field.name] = unreserve(TypeAdapter(annotation).dump_python(default, mode="json"), annotation)
    return written


@functools.cache
def descriptions(cls: type) -> dict[str, str]:
    """Map each field of a dataclass to the string below it in the source, in one line."""
    told: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        for before, after in _pairs(owner):
            match before, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    told[name] = " ".join(text.split())
    return told


def _pairs(cls: type) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    if not dataclasses.is_dataclass(cls):
        return
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):  # no source at hand: a class made at run time
        return
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            yield from zip(statement.body, statement.body[1:], strict=False)


def walk_keys(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the path of every key that takes a value: "clients.*.timeout", "timeline.[].pause.for".

    `*` stands for a name of the user's, `[]` for an item of a list. A key that may be written as a value or as a
    mapping (a kind's short form) is walked as a mapping.
    """
    yield from dict.fromkeys(_leaves(schema, schema, (), ()))


def _leaves(schema: dict[str, Any], here: Any, at: tuple[str, ...], seen: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(here, dict) or here.get("$comment") == SHORT_FORM:
        return
    if "$ref" in here:
        name = here["$ref"].rsplit("/", 1)[1]
        if name not in seen:  # a class inside itself is walked once
            yield from _leaves(schema, schema["$defs"][name], at, (*seen, name))
        return
    arms = [arm for way in ("anyOf", "oneOf") for arm in here.get(way, ())]
    below = [path for arm in arms for path in _leaves(schema, arm, at, seen)]
    for key, inner in here.get("properties", {}).items():
        below += _leaves(schema, inner, (*at, key), seen)
    for step, inner in (("*", here.get("additionalProperties")), ("[]", here.get("items"))):
        if isinstance(inner, dict):
            below += _leaves(schema, inner, (*at, step), seen)
    deeper = [path for path in below if path != ".".join(at)]
    yield from deeper or [".".join(at)]
