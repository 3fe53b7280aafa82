"""Number tables: the constants of a room that say what they are, with the values that the runs use."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.engine.distributions import Percentiles
from sim.units import format_duration
from tools.markdown import code, table
from tools.source_tables import ROOT, files_of

_TIMES = {"HOUR", "MINUTE", "SECOND", "MS", "US", "NS"}
_COMMENT = re.compile(r"#\s*(.+)$")


def number_table(folder: str) -> str:
    """Every public constant of a room that is a number, or numbers by name, and has a string below it or a comment."""
    rows = [row for path in files_of(folder) for row in _numbers(path)]
    return table(("constant", "value", "what it is, and where from", "file"), rows)


def _numbers(path: Path) -> Iterator[tuple[str, str, str, str]]:
    text, place = path.read_text("utf-8"), str(path.relative_to(ROOT))
    module, body = import_module(place.removesuffix(".py").replace("/", ".")), ast.parse(text).body
    for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        name, told = _constant(statement), _told(statement, after, text)
        shown = _shown(getattr(module, name), is_time=_names(statement) & _TIMES != set()) if name else ""
        if shown and told:
            yield code(name), shown, told, code(place)


def _constant(statement: ast.stmt) -> str:
    """The name of what is assigned, where it is a public constant's."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name if name.isupper() and not name.startswith("_") else ""
    return ""


def _told(statement: ast.stmt, after: ast.stmt, text: str) -> str:
    match after:
        case ast.Expr(value=ast.Constant(value=str(below))):
            return below
    comment = _COMMENT.search(text.splitlines()[(statement.end_lineno or 1) - 1])
    return comment[1] if comment else ""


def _shown(value: Any, *, is_time: bool) -> str:
    if isinstance(value, Mapping):
        each = [(_named(name), _shown(one, is_time=is_time)) for name, one in value.items()]
        return ", ".join(f"{name}: {shown}" for name, shown in each) if all(shown for _, shown in each) else ""
    if isinstance(value, Percentiles):
        low, mean, high = (format_duration(round(one)) for one in (value.values[0], value.mean_ns, value.values[-1]))
        return f"{low} to {high}, {mean} in the mean"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return format_duration(int(value)) if is_time else f"{value:,}"


def _names(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _named(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
