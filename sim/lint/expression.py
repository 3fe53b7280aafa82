"""Expression: CEL in rules, compiled once; Google's library, which checks syntax at once and has a budget of steps.

Names: `value` (what was matched), `doc` (the whole tree), `load` (what is known of the load), `world` (constants).
"""

import re
from functools import cache
from typing import Any

from cel_expr_python import cel

from sim.report.number import plain

MOST_CHARACTERS = 2_000
VARIABLES = ("value", "doc", "load", "world")
_FIRST = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_VALUE, _FIELD = re.compile(r"\bvalue\b"), re.compile(r"\bvalue\.([A-Za-z_]\w*)")
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class CannotJudgeError(Exception):
    """An expression has no answer here: a field is missing, a type does not fit, the budget is spent."""


@cache
def _environment() -> Any:
    return cel.NewEnv(variables=dict.fromkeys(VARIABLES, cel.Type.DYN))


class Expression:
    """One CEL expression; ValueError at its making says what is wrong with it."""

    __slots__ = ("_compiled", "_fields", "_names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # the library converts all that it is given: an entity takes five times as long as the fields that are asked for
        fields = _FIELD.findall(text)
        self._fields = tuple(dict.fromkeys(fields)) if len(fields) == len(_VALUE.findall(text)) else None
        self._names = tuple(name for name in VARIABLES if re.search(rf"\b{name}\b", text))
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"has {len(text):,} characters; {MOST_CHARACTERS:,} are read")
        try:
            self._compiled = _environment().compile(text)
        except RuntimeError as error:
            raise ValueError(_in_our_words(str(error))) from None

    def value(self, names: dict[str, Any]) -> Any:
        """What it comes to; CannotJudgeError says why it comes to nothing."""
        try:
            result = self._compiled.eval(data=self._asked(names))
            if result.type().name() == "*error*" or "ERROR" in str(result.type()):
                raise CannotJudgeError(str(result.value()).partition(": ")[2] or str(result.value()))
            return result.plain_value()
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            raise CannotJudgeError(" ".join(str(error).split())[:120]) from None

    def _asked(self, names: dict[str, Any]) -> dict[str, Any]:
        """Of what is known, what the expression names."""
        asked = {name: names[name] for name in self._names if name in names}
        value = asked.get("value")
        if self._fields is not None and isinstance(value, dict):
            asked["value"] = {field: value[field] for field in self._fields if field in value}
        return asked


class Template:
    """A message with expressions in it: "idle cap {{value.max_idle}}"."""

    __slots__ = ("_parts",)

    def __init__(self, text: str) -> None:
        self._parts: list[str | Expression] = [
            Expression(part) if i % 2 else part for i, part in enumerate(_HOLE.split(text))
        ]

    def filled(self, names: dict[str, Any]) -> str:
        """The message; a hole that cannot be filled shows its expression."""
        return "".join(part if isinstance(part, str) else _shown(part, names) for part in self._parts)


def _shown(part: Expression, names: dict[str, Any]) -> str:
    try:
        return spoken(part.value(names))
    except CannotJudgeError:
        return f"({part.text.strip()})"


def spoken(value: Any) -> str:
    """A value in a message."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return plain(value)
        case {"text": str(text)}:
            return text
        case list():
            return ", ".join(map(spoken, value))
    return str(value)[:200]


def _in_our_words(said: str) -> str:
    found = _FIRST.search(said)
    if found is None:
        return said.splitlines()[0][:160] if said else "is no CEL expression"
    what = found[3].removesuffix(" [INVALID_ARGUMENT]")
    undeclared = re.match(r"undeclared reference to '(\S*)'", what)
    if undeclared:
        what = f"unknown name {undeclared[1]}; known here: {', '.join(VARIABLES)}"
    elif what.startswith("Syntax error"):
        what = "is no CEL expression (" + what.partition(": ")[2][:80] + ")"
    return f"column {found[2]}: {what}"
