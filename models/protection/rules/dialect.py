"""Dialect: the article's way to write a condition, as an expression of CEL. Not its meaning, which is CEL's.

``grpc-status == 8 && grpc-message ~ 'rate limit'`` becomes ``grpc_status == 8 && grpc_message.matches('rate limit')``.
Everything else is CEL as it is; what is translated keeps its place, so that errors point at what was written.
Source of the tokens: cel-spec doc/langdef.md.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from models.protection.rules.status import Code
from sim.units import parse_duration

ALIASES = {
    "grpc-status": "grpc_status",
    "grpc-message": "grpc_message",
    "http-status": "http_status",
    "error-class": "error_class",
    "status": "http_status",
}
"""Other spellings of fields: as in gRPC's trailers, and the short one."""

_UNIT = r"(?:h|ms|m|us|ns|s)"
_TOKEN = re.compile(
    rf"""
    (?P<text>[rR]'''.*?'''|[rR]\"\"\".*?\"\"\"|[rR]'[^'\n]*'|[rR]"[^"\n]*"
        |'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |(?P<comment>//[^\n]*)
    |(?P<length>\d+(?:\.\d+)?{_UNIT}(?:\d+(?:\.\d+)?{_UNIT})*(?!\w))
    |(?P<number>\d[\w.]*)
    |(?P<name>{"|".join(f"(?:{one}(?!-?[a-zA-Z_]))" for one in ALIASES if "-" in one)}|[a-zA-Z_]\w*)
    |(?P<tilde>!?~)
    |(?P<pair>&&|\|\||[=!<>]=)
    |(?P<space>\s+)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


_ENDS_A_VALUE = re.compile(r"[\w-]*\w|[\])}]|.*['\"]", re.DOTALL)
_ZERO = re.compile(r"0[xX]0+[uU]?|0+[uU]?")


class Piece(NamedTuple):
    """A part of the expression, and the offset of what it was written as."""

    text: str
    at: int
    is_same: bool


class Translation(NamedTuple):
    """An expression of CEL and the way back to the text that it came from."""

    cel: str
    written: str
    pieces: tuple[Piece, ...]
    patterns: tuple[Piece, ...]
    """The regular expressions, as literals."""

    def place(self, line: int, column: int) -> int:
        """The offset in the text of a line and a column, from 1, of the expression."""
        lines = self.cel.split("\n")
        offset = sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
        starts = [0]
        for piece in self.pieces:
            starts.append(starts[-1] + len(piece.text))
        if offset >= starts[-1]:
            return len(self.written.rstrip())
        i = bisect_right(starts, offset) - 1
        piece = self.pieces[i]
        return piece.at + (offset - starts[i] if piece.is_same else 0)


def place_in(text: str, offset: int) -> str:
    """Where an offset is, in words.

    Examples
    --------
    >>> place_in("a == 1", 5)
    'column 6'
    """
    before = text[:offset]
    column = offset - (before.rfind("\n") + 1) + 1
    return f"line {before.count(chr(10)) + 1}, column {column}" if "\n" in text.strip() else f"column {column}"


def translate(text: str) -> Translation:
    """Write a condition as CEL.

    Raises
    ------
    ValueError
        Where ~ has no text on its right or nothing on its left, !~ no field, or where something is divided by 0.

    Examples
    --------
    >>> translate("grpc-message !~ 'quota' && duration > 1.5s").cel
    "!grpc_message .matches('quota') && duration > duration('1500000000ns')"
    """
    pieces: list[Piece] = []
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup != "comment"]
    patterns = list(_look_over(text, [match for match in tokens if match.lastgroup != "space"]))
    rest = iter(enumerate(tokens))
    for i, token in rest:
        if token.lastgroup != "tilde":
            before = tokens[i - 1].group() if i else ""
            pieces.append(_piece(token, is_member=before == "."))
            continue
        if token.group() == "!~":
            _negate(text, token, pieces)
        pattern = _pattern(text, token, rest)
        pieces += [Piece(".matches(", token.start(), False), pattern, Piece(")", pattern.at + len(pattern.text), False)]
        patterns.append(pattern)
    return Translation("".join(piece.text for piece in pieces), text, tuple(pieces), tuple(patterns))


def _look_over(text: str, tokens: list[re.Match[str]]) -> Iterator[Piece]:
    """The regular expressions that stand in calls of matches; what can never be worked out is refused."""
    for i, token in enumerate(tokens):
        before, after = tokens[i - 1] if i else None, tokens[i + 1 : i + 3]
        word, place = token.group(), place_in(text, token.start())
        if word == "~" and (before is None or not _ENDS_A_VALUE.fullmatch(before.group())):
            raise ValueError(f"{place}: ~ needs a field on its left, such as grpc-message")
        if word in ("/", "%") and after and _ZERO.fullmatch(after[0].group()):
            raise ValueError(f"{place}: nothing is divided by 0; write another number")
        if word == "matches":
            is_call = before is not None and before.group() == "."
            yield from _pattern_of(tokens[i + 1 :], place=0 if is_call else 1)


def _pattern_of(tokens: list[re.Match[str]], place: int) -> Iterator[Piece]:
    """That among the arguments of a call, the first of the tokens being its bracket; none where it is no literal."""
    depth = commas = 0
    for i, token in enumerate(tokens[:-2]):
        word = token.group()
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        commas += word == "," and depth == 1
        if depth == 0:
            return
        if depth == 1 and word in ("(", ",") and commas == place:
            text, end = tokens[i + 1 : i + 3]
            if text.lastgroup == "text" and end.group() == ")":
                yield Piece(text.group(), text.start(), True)
            return


def pieces_of(text: str) -> list[str]:
    """The tokens of a condition as CEL has them, without spaces: conditions that differ in spelling alone are equal."""
    return [match.group() for match in _TOKEN.finditer(translate(text).cel) if match.lastgroup != "space"]


def _piece(token: re.Match[str], *, is_member: bool) -> Piece:
    written, at = token.group(), token.start()
    if token.lastgroup == "length":
        return Piece(f"duration('{parse_duration(written)}ns')", at, False)
    if token.lastgroup == "name" and not is_member:
        if written in ALIASES:
            return Piece(ALIASES[written], at, False)
        if written in Code.__members__:
            return Piece(str(Code[written].value), at, False)
    return Piece(written, at, True)


def _negate(text: str, token: re.Match[str], pieces: list[Piece]) -> None:
    i = len(pieces) - 1
    while i >= 0 and pieces[i].text.isspace():
        i -= 1
    if i < 0 or not re.fullmatch(r"[a-zA-Z_]\w*", pieces[i].text):
        raise ValueError(f"{place_in(text, token.start())}: !~ needs a field on its left, such as grpc-message")
    pieces.insert(i, Piece("!", token.start(), False))


def _pattern(text: str, token: re.Match[str], rest: Iterator[tuple[int, re.Match[str]]]) -> Piece:
    for _, following in rest:
        if following.lastgroup == "text":
            return Piece(following.group(), following.start(), True)
        if following.lastgroup != "space":
            break
    raise ValueError(f"{place_in(text, token.end())}: {token.group()} needs a text on its right, such as 'rate limit'")
