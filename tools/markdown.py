"""Markdown: tables and fences, with what would break a cell escaped. Nothing of the project's own."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A pipe table; no rows give a line that says so."""
    lines = [_line(row) for row in rows]
    if not lines:
        return "(none)"
    return "\n".join([_line(head), "|" + "---|" * len(head), *lines])


def code(text: object) -> str:
    """Inline code; empty stays empty."""
    return f"`{text}`" if str(text) else ""


def fence(language: str, text: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in cells) + " |"
