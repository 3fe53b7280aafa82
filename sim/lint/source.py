"""Source: which files a command line means, and their texts. Nothing is followed out of a folder."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.lint.text import MOST_CHARACTERS, Text
from sim.units import InputError

SUFFIXES = {".yaml", ".yml", ".json", ".go", ".conf"}
"""Of files that are looked at in folders; a file that is named is read whatever it is called."""
SKIPPED = {"vendor", "node_modules", "testdata", "__pycache__"}


def files_of(paths: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each file once, with whether it was named; `-` is standard input."""
    seen: set[str] = set()
    for path in paths:
        named = not Path(path).is_dir()
        for name in [path] if named else _below(path):
            if name not in seen:
                seen.add(name)
                yield name, named


def _below(folder: str) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in SKIPPED and not one.startswith("."))
        for name in sorted(names):
            if Path(name).suffix in SUFFIXES and not name.endswith("_test.go") and not name.startswith("."):
                yield str(Path(root) / name)


def read(name: str) -> Text:
    """The text of a file; InputError where there is none to be had.

    Line ends stay as they are, so that a fix changes nothing else.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(4 * MOST_CHARACTERS + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(4 * MOST_CHARACTERS + 1)
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None
    try:
        return Text("stdin" if name == "-" else name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
