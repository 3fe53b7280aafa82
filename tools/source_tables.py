"""Source tables: what a room's files say of themselves: their first lines, their constants, their simplifications."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.markdown import code, table

ROOT = Path(__file__).resolve().parents[1]
_SIMPLIFIED = re.compile(r"Simplified:\s*(.+?\.)(?=\s|\"\"\"|$)", re.DOTALL)
_VECTOR = re.compile(r"\bV[0-9]+\.[0-9]+\b")
_COMMENT = re.compile(r"^\s*#\s?", re.MULTILINE)
_LAST_OF_COMMENT = re.compile(r"^(\s*#.*[^.\n]|.*#.*Simplified:.*[^.\n])\n(?!\s*#)", re.MULTILINE)
"""A comment need not end with a point; its last line ends the sentence."""


def file_table(folder: str) -> str:
    """The files of a room, each by the first sentence of its docstring."""
    told = [(path, ast.get_docstring(_tree(path)) or "") for path in files_of(folder)]
    rows = [(f"`{path.relative_to(ROOT)}`", " ".join(text.split("\n\n")[0].split())) for path, text in told if text]
    return table(("file", "what it is, and what it is not"), rows)


def simplification_list(folder: str) -> str:
    """Every sentence of a room that begins with `Simplified:`, as the sources mark a deviation from their source."""
    found = [(path, sentence) for path in files_of(folder) for sentence in _simplified(path)]
    return "\n".join(f"- {sentence} (`{path.relative_to(ROOT)}`)" for path, sentence in found) or "(none is marked)"


def constant_table(module: str) -> str:
    """The texts of a module, with what the string below says of them."""
    rows = []
    pending: list[tuple[str, str]] = []
    for statement in _tree(ROOT / (module.replace(".", "/") + ".py")).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                pending.append((name, text))
            case ast.Expr(value=ast.Constant(value=str(told))):
                rows += [(code(text), told) for _, text in pending]
                pending = []
    return table(("text", "where it comes from"), rows + [(code(text), "") for _, text in pending])


def test_table(folder: str) -> str:
    """The test files of a room: what each is about, how many tests it has, and which recorded vectors they name."""
    rows = []
    for path in files_of(folder):
        tree, vectors = _tree(path), set(_VECTOR.findall(path.read_text(encoding="utf-8")))
        told = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
        tests = sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body)
        if tests:
            named = ", ".join(sorted(vectors, key=lambda one: [int(part) for part in one[1:].split(".")]))
            rows.append((f"`{path.relative_to(ROOT)}`", told, tests, named or "–"))
    return table(("file", "what it holds against what", "tests", "vectors named"), rows)


def _simplified(path: Path) -> Iterator[str]:
    text = _LAST_OF_COMMENT.sub(r"\1.\n", path.read_text(encoding="utf-8"))
    for found in _SIMPLIFIED.finditer(_COMMENT.sub("", text)):
        sentence = " ".join(found[1].replace("``", "`").split())
        yield sentence[:1].upper() + sentence[1:]


def files_of(folder: str) -> list[Path]:
    """The files of a room; `models/*` are those between the rooms."""
    beside = folder.removesuffix("/*")
    found = (ROOT / beside).glob("*.py") if beside != folder else (ROOT / folder).rglob("*.py")
    return sorted(path for path in found if path.name != "__init__.py")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))
