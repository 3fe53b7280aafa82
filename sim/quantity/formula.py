"""Formulas such as ``ceil(rate * hold) + 2`` over named values, units kept. Conditions stand in `expression`."""

import ast
import math
from collections.abc import Callable
from typing import Any

from sim.quantity.expression import ARITHMETIC, parse_expression
from sim.quantity.quantity import Quantity, format_quantity, parse_quantity

Lookup = Callable[[str], Any]
"""From a name, dotted or not, to the value as written; raises ValueError where there is none."""

_OF_ONE: dict[str, Callable[[Quantity], Quantity]] = {"round": round, "ceil": math.ceil, "floor": math.floor}
_OF_SOME: dict[str, Callable[..., Quantity]] = {"min": min, "max": max}


def work_out(text: str, lookup: Lookup) -> Any:
    """The formula's value as a scenario would have it; a name alone gives what stands there, whatever it is.

    Raises
    ------
    ValueError
        Where the text is no formula, names something unknown, or mixes units that do not go together.
    """
    node = parse_expression(text, "a formula", "rate * 2")
    name = _name(node)
    if name is not None:
        return lookup(name)
    try:
        return format_quantity(_value(node, lookup))
    except (TypeError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"{text} cannot be worked out: {error}") from None


def _value(node: ast.expr, lookup: Lookup) -> Quantity:
    if (name := _name(node)) is not None:
        return _quantity(name, lookup(name))
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return parse_quantity(value)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return -_value(part, lookup)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            worked_out: Quantity = ARITHMETIC[type(op)](_value(left, lookup), _value(right, lookup))
            return worked_out
        case ast.Call(func=ast.Name(id=called), args=[part], keywords=[]) if called in _OF_ONE:
            return _OF_ONE[called](_value(part, lookup))
        case ast.Call(func=ast.Name(id=called), args=[_, _, *_] as parts, keywords=[]) if called in _OF_SOME:
            return _OF_SOME[called](_value(part, lookup) for part in parts)
    allowed = "names, numbers, quantities in quotes, + - * / // %, min, max, round, ceil, floor"
    raise ValueError(f"{ast.unparse(node)} is not allowed; use {allowed}")


def _quantity(name: str, value: Any) -> Quantity:
    try:
        return parse_quantity(value)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


def _name(node: ast.expr) -> str | None:
    """The dotted path that a name, an attribute or an index spells: a.b, a['b-c'], a[0].b; None for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=above, attr=step):
            return None if (path := _name(above)) is None else f"{path}.{step}"
        case ast.Subscript(value=above, slice=ast.Constant(value=int() | str() as step)):
            return None if (path := _name(above)) is None else f"{path}.{step}"
    return None
