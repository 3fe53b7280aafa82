"""Sysctl dumps and files: `name = value`, one a line. Read by hand, as sysctl.d(5) describes it."""

import re
from collections.abc import Iterator
from typing import Any

from sim.lint.document import Broken, Document
from sim.lint.text import Path, Spot, Text

_LINE = re.compile(r"[ \t]*(-?)([A-Za-z0-9_./*?-]+)[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?(?:\n|$)")
_LONGEST = 1_000
MAX_LINES = 20_000
"""A full dump has some two thousand."""


def is_sysctl(content: str) -> bool:
    """Whether a text looks like one: most of its first lines that say something are `a.b = value`."""
    lines = [line.strip() for line in content[:20_000].splitlines()]
    said = [line for line in lines if line and line[0] not in "#;"][:50]
    return bool(said) and sum(bool(re.match(r"-?[a-z0-9_]+[./][\w./*-]+\s*=", line)) for line in said) * 2 > len(said)


def read_sysctl(text: Text) -> Iterator[Document | Broken]:
    """One document: names to values, whole numbers as such, several of them as a list; the last of a name counts."""
    tree: dict[str, Any] = {}
    spots: dict[Path, Spot] = {(): Spot(0, 0, len(text.content))}
    if text.n_lines > MAX_LINES:
        yield Broken(0, f"has {text.n_lines:,} lines; {MAX_LINES:,} are read")
        return
    start = 0
    for line in text.content.splitlines(keepends=True):
        said = line.strip()
        if said and said[0] not in "#;":
            found = _LINE.match(line)
            if found is None:
                yield Broken(start, "is not `name = value`; a comment begins with #")
                return
            # a slash separates where the first separator is one (sysctl.d(5)); dots in interface names are then kept
            name = found[2].replace("/", ".") if "/" in found[2].split(".")[0] else found[2]
            tree[name] = _value(found[3])
            spots[name,] = Spot(start + found.start(2), start + found.start(3), start + found.end(3))
        start += len(line)
    yield Document(text, tree, spots, "sysctl", kind="sysctl")


def _value(written: str) -> Any:
    parts = written.split() if len(written) <= _LONGEST else []
    numbers = [int(part) for part in parts if re.fullmatch(r"-?\d{1,18}", part)]
    if not parts or len(numbers) < len(parts):
        return written
    return numbers[0] if len(numbers) == 1 else numbers
