"""Match: a condition on how a try ended, compiled once. What it may say is CEL in the article's dialect.

The library is cel-expr-python, Google's CEL in C++: names and types are checked when an expression is compiled, regular
expressions are RE2's, which take linear time, and comprehensions have a budget.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from models.protection.rules.dialect import Translation, pieces_of, place_in, translate
from models.protection.rules.end import EXAMPLE, FIELDS
from models.protection.rules.status import Code
from sim.spelling import way_out
from sim.units import InputError, shown

MOST_CHARACTERS = 1000
"""A condition has a line; the cap keeps a hostile text from the parser."""
MOST_KNOWN = 1000
"""Answers that a condition remembers, by the fields that it names: ends are of few kinds, and CEL takes 20 us."""
SUCH_AS = "write a condition such as grpc-status == 8"

_NOUNS = {"int": "a whole number", "string": "text", "bool": "true or false", "double": "a fraction",
          "google.protobuf.Duration": "a duration", "duration": "a duration", "uint": "an unsigned number"}  # fmt: skip
_FIRST = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '(\S*)'")
_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '(.*)'")


class Match:
    """A condition that has been read."""

    __slots__ = ("_expression", "_fields", "_known", "text")

    def __init__(self, text: str) -> None:
        """Read it; ValueError says what is wrong, and at which column."""
        self.text = text
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"has {len(text)} characters; at most {MOST_CHARACTERS} are read, so split the rule")
        translation = translate(text)
        self._expression = _compiled(translation)
        named = set(pieces_of(text))
        self._fields = tuple(name for name in FIELDS if name in named)
        self._known: dict[tuple[Any, ...], bool] = {}
        for pattern in translation.patterns:
            tried = _environment().compile(f"''.matches({pattern.text})").eval(data=EXAMPLE)
            if not isinstance(tried.value(), bool):
                said = str(tried.value()).rpartition("regular expression: ")[2]
                raise ValueError(f"{place_in(text, pattern.at)}: {pattern.text} is no regular expression (RE2): {said}")

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is true of an end; where it cannot be worked out (a division by 0) it is not."""
        key = tuple([facts[name] for name in self._fields])
        known = self._known.get(key)
        if known is None:
            known = self._expression.eval(data=facts).value() is True
            if len(self._known) < MOST_KNOWN:
                self._known[key] = known
        return known


@cache
def match_of(text: str) -> Match:
    """Read a condition; the same text once."""
    return Match(text)


@cache
def _environment() -> Any:
    """The fields with their types; Any: an extension module without types that mypy would follow."""
    try:
        from cel_expr_python import cel
    except ImportError:
        raise InputError(
            "protocol_rules need a library for CEL; install it: pip install 'transport-sim[rules]'"
        ) from None
    return cel.NewEnv(variables={name: getattr(cel.Type, kind) for name, (kind, _) in FIELDS.items()})


def _compiled(translation: Translation) -> Any:
    try:
        expression = _environment().compile(translation.cel)
    except RuntimeError as error:
        raise ValueError(_in_our_words(str(error), translation)) from None
    kind = expression.return_type().name().lower()
    if kind != "bool":
        raise ValueError(f"{shown(translation.written)} is {_NOUNS.get(kind, kind)}, no condition; {SUCH_AS}")
    return expression


def _in_our_words(said: str, translation: Translation) -> str:
    """Say a complaint of the library again, at the column of what was written."""
    first = _FIRST.search(said)
    if first is None:
        return "is nested too deeply; split the rule" if "recursion" in said else f"{said.splitlines()[0]}; {SUCH_AS}"
    text = translation.written
    at = translation.place(int(first[1]), int(first[2]))
    what = first[3].removesuffix(" [INVALID_ARGUMENT]")
    return f"{place_in(text, at)}: {_complaint(what, text, at)}"


def _complaint(what: str, text: str, at: int) -> str:
    if undeclared := _UNDECLARED.match(what):
        return _unknown(undeclared[1], text, at)
    if overload := _OVERLOAD.match(what):
        operator = overload[1].strip("_@") or overload[1]
        kinds = [_NOUNS.get(one.strip(), one.strip()) for one in overload[2].strip("()").split(",")]
        named = ", a gRPC status without quotes" if any(name in text for name in Code.__members__) else ""
        return f"{operator} does not take {' and '.join(kinds)}; make both sides of a kind{named}"
    if "Syntax error" not in what:
        return f"{what}; {SUCH_AS}"
    if not text[at:].strip():
        return f"the condition ends too early; {SUCH_AS}"
    equals = re.match(r"=(?!=)", text[at:])
    return "= compares nothing; write ==" if equals else f"{shown(text[at:].strip())} does not belong here; {SUCH_AS}"


def _unknown(name: str, text: str, at: int) -> str:
    """A name that is none: of a field, or of a function where it is called."""
    is_called = bool(re.match(r"\s*\(", text[at + len(name) :])) or text[at : at + 1] == "("
    if is_called or "." in text[max(at - 1, 0) : at + 1]:
        functions = ("matches", "contains", "startsWith", "endsWith", "size", "duration", "int", "double", "string")
        return f"unknown function {name}; {way_out(name, functions)}"
    run = re.match(r"[\w-]+", text[at:])
    written = run[0] if run else name
    plain = written.replace("-", "_")
    near = way_out(plain, [*FIELDS, *Code.__members__])
    return f"unknown field {written}; {near if near.startswith('did') else way_out(plain, FIELDS)}"
