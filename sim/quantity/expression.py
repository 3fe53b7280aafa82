"""Conditions such as ``rate * hold <= 400``, evaluated without ``eval``: names, numbers, comparisons, arithmetic."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.quantity.magnitude import magnitude
from sim.quantity.wording import plain_words
from sim.spelling import way_out

MAX_NODES = 200
"""A condition over a handful of axes needs a few dozen; the cap keeps hostile text from deep recursion."""

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
"""What conditions and formulas may do with two values, plain numbers or quantities with units."""
_COMPARISON: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_ALLOWED = (
    ast.Constant, ast.Name, ast.expr_context, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp,
    ast.Compare, ast.List, ast.Tuple, *ARITHMETIC, *_COMPARISON,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that has been read: it can be worked out for any number of points or trials."""

    text: str
    body: ast.expr
    names: Mapping[str, str]
    """The plain word in `body` to the name as written."""

    @property
    def compares(self) -> bool:
        """Whether anything is compared; a number alone would be true wherever it is not 0."""
        return any(isinstance(node, ast.Compare) for node in ast.walk(self.body))

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true for these values; a comparison with what is not a number (NaN) is false.

        Raises
        ------
        ValueError
            Where it names something unknown or compares what cannot be compared.
        """
        missing = [name for name in self.names.values() if name not in values]
        if missing:
            raise ValueError(f"{missing[0]} is not an axis; {way_out(missing[0], sorted(values))}")
        known = {plain: values[name] for plain, name in self.names.items()}
        try:
            return bool(_value(self.body, known))
        except (TypeError, ZeroDivisionError, OverflowError) as error:
            raise ValueError(f"{self.text!r} cannot be worked out: {error}") from None


def read_expression(text: str) -> Expression:
    """Read a condition such as ``lat_p99 >= 300ms or error_ratio > 0.1%``.

    Raises
    ------
    ValueError
        Where the text is no condition, or one of more parts than a few dozen.
    """
    try:
        words, names = plain_words(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a condition; write one such as rate <= 400") from None
    try:
        body = parse_expression(words, "a condition", "rate <= 400")
    except ValueError as error:
        raise ValueError(str(error).replace(repr(words), repr(text))) from None
    for node in ast.walk(body):
        if not isinstance(node, _ALLOWED):
            raise _refusal(text)
    return Expression(text, body, names)


def is_true(text: str, values: Mapping[str, Any]) -> bool:
    """Whether the condition holds for these values; quantities count in seconds, per second and bytes.

    Raises
    ------
    ValueError
        Where the text is no condition, names something unknown or compares what cannot be compared.
    """
    return read_expression(text).holds(values)


def names_in(text: str) -> list[str]:
    """The names that a condition mentions; none where it is no condition."""
    try:
        return list(read_expression(text).names.values())
    except ValueError:
        return []


def parse_expression(text: str, noun: str, example: str) -> ast.expr:
    """The tree of a text, which its evaluator still has to check part by part; ValueError where there is none."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is not {noun}; write one such as {example}") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ValueError(f"{noun} has at most {MAX_NODES} parts, and {text[:40]!r} ... has more; split it")
    return tree.body


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return _plain(value)
        case ast.Name(id=name) if name in values:
            return _plain(values[name])
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, values) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _value(part, values)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return -_number(_value(part, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return ARITHMETIC[type(op)](_number(_value(left, values)), _number(_value(right, values)))
        case ast.Compare():
            return _chain(node, values)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, values) for part in parts]
    raise _refusal(ast.unparse(node))


def _refusal(text: str) -> ValueError:
    return ValueError(f"{text} is not allowed; use names, numbers, + - * / // %, comparisons, and, or, not")


def _chain(node: ast.Compare, values: Mapping[str, Any]) -> bool:
    left = _value(node.left, values)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = _value(comparator, values)
        if not _COMPARISON[type(op)](left, right):
            return False
        left = right
    return True


def _plain(written: Any) -> Any:
    found = None if isinstance(written, bool) else magnitude(written)
    return found[0] if found else written


def _number(value: Any) -> float:
    # "a" * 10**9 would be an allocation, not arithmetic
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value} is not a number")
    return value
