"""Finding: what a rule has against a place in a text."""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b

from sim.lint.text import Text


class Severity(IntEnum):
    """How bad it is; the article's words are ERROR, WARN and INFO."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The word in outputs."""
        return self.name.lower()


SEVERITIES = {"ERROR": Severity.ERROR, "WARN": Severity.WARNING, "WARNING": Severity.WARNING, "INFO": Severity.INFO}


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters to put in the place of others; nothing else of the text moves."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding; `start` and `end` are offsets of characters in the text."""

    rule: str
    name: str
    severity: Severity
    message: str
    file: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    path: str = ""
    """The place as a path: $.routes[0].timeout."""
    excerpt: str = ""
    fix: tuple[Edit, ...] = ()
    document: int = 0
    """Which of the documents of its file it is in."""
    suppressed: str | None = field(default=None)
    """The reason of the comment or the baseline that suppresses it."""

    @property
    def fingerprint(self) -> str:
        """The same for the same finding when lines above it come or go: what baselines keep."""
        said = "\0".join((self.file, self.rule, self.path, " ".join(self.excerpt.split())))
        return blake2b(said.encode("utf-8", "replace"), digest_size=8).hexdigest()


def located(text: Text, start: int, end: int) -> dict[str, int | str]:
    """The fields of a finding that say where it is."""
    line, column = text.position(start)
    end_line, end_column = text.position(max(end, start))
    excerpt = text.line(line)
    if end_line > line:  # what stretches over lines is pointed at where it begins
        end_line, end_column = line, max(column + 1, len(excerpt) + 1)
    end_column = max(end_column, column + 1)
    return {
        "start": start, "end": end, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "excerpt": excerpt, "file": text.name,
    }  # fmt: skip
