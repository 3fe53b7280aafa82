"""Conditions such as ``rate * hold <= 400``, evaluated without ``eval``: names, numbers, comparisons, arithmetic."""

import ast
import difflib
import operator
from collections.abc import Callable, Mapping
from typing import Any

from sim.study.magnitude import magnitude

MAX_NODES = 200
"""A condition over a handful of axes needs a few dozen; the cap keeps hostile text from deep recursion."""

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
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


def is_true(text: str, values: Mapping[str, Any]) -> bool:
    """Whether the condition holds for these values; quantities count in seconds, per second and bytes.

    Raises
    ------
    ValueError
        Where the text is no condition, names something unknown or compares what cannot be compared.
    """
    node = parse_expression(text, "a condition", "rate <= 400")
    try:
        return bool(_value(node, values))
    except (TypeError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"{text!r} cannot be worked out: {error}") from None


def names_in(text: str) -> list[str]:
    """The names that a condition mentions, in their order; none where it is no condition."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


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
        case ast.Name(id=name):
            near = difflib.get_close_matches(name, values, 1)
            way_out = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(values)) or 'none'}"
            raise ValueError(f"{name} is not an axis; {way_out}")
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, values) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _value(part, values)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return -_number(_value(part, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_number(_value(left, values)), _number(_value(right, values)))
        case ast.Compare():
            return _chain(node, values)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, values) for part in parts]
    raise ValueError(f"{ast.unparse(node)} is not allowed; use names, numbers, + - * / // %, comparisons, and, or, not")


def _chain(node: ast.Compare, values: Mapping[str, Any]) -> bool:
    left = _value(node.left, values)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = _value(comparator, values)
        if type(op) not in _COMPARISON:
            raise ValueError(f"{ast.unparse(node)} is not allowed; compare with < <= > >= == != in")
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
