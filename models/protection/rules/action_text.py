"""Action text: the article's way to write an action, ``throttle: bucket=1000, refill=50/s``, as a mapping."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le

from models.protection.rules.action import KINDS
from sim.spelling import way_out
from sim.units import SHORT_TEXT, Quantity, shown

_HEAD = re.compile(r"\s*(?P<kind>[\w-]+)\s*(?::\s*|$)")
_SETTING = re.compile(r"\s*(?P<name>[\w-]+)\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|[^,'\"]*?)\s*(?P<comma>,|$)")
_EXAMPLE = "throttle: bucket=1000, refill=50/s"


def read_action(text: str) -> dict[str, Any]:
    """The mapping that an action's text is short for, with the names of our fields (`for_`).

    Raises
    ------
    ValueError
        Where it is none: the column, what is wrong there, and the way out.

    Examples
    --------
    >>> read_action("throttle: bucket=1000, refill=50/s")
    {'throttle': {'bucket': 1000, 'refill': '50/s'}}
    """
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{shown(text)} is no action; write one such as {_EXAMPLE}")
    kind = head["kind"]
    if kind not in KINDS:
        raise ValueError(f"column {head.start('kind') + 1}: unknown action {kind}; {way_out(kind, KINDS)}")
    settings: dict[str, Any] = {}
    at = head.end()
    while at < len(text):
        setting = _SETTING.match(text, at)
        if setting is None:
            raise ValueError(f"column {at + 1}: {shown(text[at:].strip())} is no setting; write {_EXAMPLE}")
        name, place = setting["name"].replace("-", "_"), f"column {setting.start('name') + 1}: "
        field, value = _value(KINDS[kind], name, setting["value"], place)
        if field in settings:
            raise ValueError(f"{place}{name} is written twice; keep one")
        settings[field] = value
        at = setting.end()
        if setting["comma"] and not text[at:].strip():
            raise ValueError(f"column {at}: nothing follows the comma; remove it")
    return {kind: settings}


def _value(cls: type, name: str, written: str, place: str) -> tuple[str, Any]:
    known = {field.removesuffix("_"): field for field in _hints(cls)}
    if name not in known:
        raise ValueError(f"{place}unknown setting {name}; {way_out(name, known)}")
    try:
        return known[name], _checked(_hints(cls)[known[name]], written.strip("'\""))
    except ValueError as error:
        raise ValueError(f"{place}{name}: {error}") from None


def _checked(hint: Any, written: str) -> Any:
    """The value in JSON's types, if it is of its type and within its limits."""
    marks = getattr(hint, "__metadata__", ())
    quantity = next((mark for mark in marks if isinstance(mark, Quantity)), None)
    kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if quantity is not None:
        value: Any = quantity.parse(written) if written != "0" else 0
    elif get_origin(kind) is Literal:
        if written not in get_args(kind):
            raise ValueError(f"{shown(written)} should be {' or '.join(get_args(kind))}")
        return written
    elif kind is str:
        return written
    else:
        value = _number(kind, written)
    for mark in marks:
        _hold_to(mark, value, written)
    return written if quantity is not None and written != "0" else value


def _number(kind: type, written: str) -> Any:
    try:
        return kind(written)
    except ValueError:
        noun = "a whole number" if kind is int else "a number"
        raise ValueError(f"{shown(written)} should be {noun}") from None


def _hold_to(mark: Any, value: Any, written: str) -> None:
    match mark:
        case Ge(ge=limit) if not value >= limit:
            raise ValueError(f"{written} should be greater than or equal to {limit}")
        case Gt(gt=limit) if not value > limit:
            raise ValueError(f"{written} should be greater than {limit}")
        case Le(le=limit) if not value <= limit:
            raise ValueError(f"{written} should be less than or equal to {limit}")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


@dataclass(frozen=True, slots=True)
class AsText:
    """Marks an action that may also be written as a text, for editors; `read_action` has read it by then."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        made = handler(schema)
        return {"anyOf": [*made.get("anyOf", [made]), SHORT_TEXT]}
