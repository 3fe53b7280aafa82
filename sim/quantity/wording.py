"""The words of a condition: quantities such as 300ms become numbers, names with dots or colons become plain ones."""

import re
from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from sim.quantity.magnitude import magnitude

_STRING = r"'[^']*'|\"[^\"]*\""
_NAME = r"[^\W\d]\w*(?:[.:]\w+)*|`[^`]+`"
_DIGITS = r"\d+(?:\.\d+)?"
_DURATION = rf"(?:{_DIGITS}(?:h|ms|m|us|\u00b5s|\u03bcs|ns|s))+(?!\w)|{_DIGITS} (?:ms|us|ns|s)(?!\w)"
_SIZE = rf"{_DIGITS} ?(?:[KMGT]iB|[kMGT]?B)(?!\w)"
_RATE = rf"{_DIGITS}/[smh](?![\w.])"
# 10 % 3 is a remainder: a percentage is followed by nothing that could be divided by
_PERCENT = rf"{_DIGITS} ?%(?!\s*(?!(?:and|or|not|in)\b)[\w(.`'\"])"
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<string>{_STRING})|(?P<quantity>{_RATE}|{_PERCENT}|{_DURATION}|{_SIZE})|(?P<number>{_NUMBER})|(?P<name>{_NAME})"
)


def plain_words(text: str) -> tuple[str, dict[str, str]]:
    """The condition in words that Python's grammar reads, and what each of its names stands for.

    Examples
    --------
    >>> plain_words("p99.9 >= 300ms")
    ('name_0 >= 0.3', {'name_0': 'p99.9'})
    """
    names: dict[str, str] = {}

    def spell(found: re.Match[str]) -> str:
        return _SPELL[found.lastgroup or "string"](found[0], names)

    return _TOKEN.sub(spell, text), {plain: written for written, plain in names.items()}


def _quantity(written: str, _: dict[str, str]) -> str:
    found: Any = magnitude(written.replace(" ", ""))
    return repr(found[0])


def _name(written: str, names: dict[str, str]) -> str:
    return written if iskeyword(written) else names.setdefault(written.strip("`"), f"name_{len(names)}")


def _as_it_is(written: str, _: dict[str, str]) -> str:
    return written


_SPELL: dict[str, Callable[[str, dict[str, str]], str]] = {
    "quantity": _quantity, "name": _name, "number": _as_it_is, "string": _as_it_is
}  # fmt: skip
