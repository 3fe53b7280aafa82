"""Query: JSONPath by RFC 9535, with regular expressions that take linear time: RE2's, by way of CEL."""

from functools import cache
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment
from jsonpath_rfc9535.exceptions import JSONPathError
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from sim.lint.expression import CannotJudgeError, Expression
from sim.units import shown

MOST_CHARACTERS = 500
QueryError = JSONPathError
"""What a query that has been read raises while it looks."""


class _Matches(FilterFunction):
    """match() and search(); the library's own backtrack. A pattern that is none matches nothing (RFC 9535, 2.4.6)."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, is_whole: bool) -> None:
        self._is_whole = is_whole

    def __call__(self, string: object, pattern: object) -> bool:
        if not isinstance(string, str) or not isinstance(pattern, str):
            return False
        whole = f"^(?:{pattern})$" if self._is_whole else pattern
        try:
            return _matches().value({"value": {"text": string, "pattern": whole}}) is True
        except CannotJudgeError:
            return False


@cache
def _matches() -> Expression:
    return Expression("value.text.matches(value.pattern)")


@cache
def _environment() -> JSONPathEnvironment:
    environment = JSONPathEnvironment()
    environment.function_extensions["match"] = _Matches(is_whole=True)
    environment.function_extensions["search"] = _Matches(is_whole=False)
    return environment


def query(text: str) -> Any:
    """A query that has been read; ValueError says what is wrong with it."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"has {len(text):,} characters; {MOST_CHARACTERS:,} are read")
    try:
        return _environment().compile(text)
    except (JSONPathError, RecursionError, ValueError) as error:
        raise ValueError(f"{shown(text)} is no JSONPath (RFC 9535): {' '.join(str(error).split())[:80]}") from None
