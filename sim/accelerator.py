"""Accelerator: the hot modules as machine code, offered in place of their sources. Not how they are compiled.

`make accelerator` compiles some modules of `sim` and `models` from their own sources (tools/build_accelerator.py,
docs/adr/0017) into a folder beside a note of the sources that it saw. What it offers does the same as these in every
bit, so nothing else has to know; where the sources have changed since, or the interpreter is another, they are taken.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACES: Final = (ROOT / "build" / "accelerator", Path(__file__).resolve().parent / "_compiled")
"""Of a checkout, and of an installed wheel that was built with it."""
NOTE: Final = "accelerator.json"
SHARED: Final = "transport_sim_accelerator__mypyc"
"""The one library in which all of it is; the modules are stubs that enter it."""
PURE: Final = "SIM_PURE"
"""The environment variable that switches it off: 1 takes the sources."""
SEEN: Final = ("models", "sim/engine", "sim/records", "sim/units.py", "sim/spelling.py")
"""What compiled modules may know: all that the import contracts let models see. Its constants are compiled in."""

_why_not = "it was not asked for"


class _Finder:
    """Finds the compiled modules; it stands before the finder of sources, which finds all others."""

    def __init__(self, folder: Path, modules: Sequence[str]) -> None:
        self._folder = folder
        self._modules = frozenset(modules)

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The compiled module of this name, or None."""
        if name not in self._modules:
            return None
        file = self._folder / (name.replace(".", "/") + EXTENSION_SUFFIXES[0])
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, str(file)))


def offer() -> None:
    """Offer the compiled modules from now on, if they are there and of these sources; called once, by `sim` itself."""
    global _why_not
    folder, _why_not = _usable()
    if folder is not None:
        sys.meta_path.insert(0, _Finder(folder, [*_note(folder)["modules"], SHARED]))


def is_built() -> bool:
    """Whether a process without `SIM_PURE` would take the compiled modules."""
    folder = _built()
    return folder is not None and not _unfit(folder)


def is_on() -> bool:
    """Whether this process runs the compiled modules."""
    return not _why_not


def state() -> str:
    """One phrase for people: on, or off and why."""
    return "on" if is_on() else f"off, {_why_not}"


def digest() -> str:
    """Of all sources that compiled modules may know, in this checkout or package."""
    seen = blake2b(digest_size=16)
    for file in _sources():
        seen.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
        seen.update(file.read_bytes())
    return seen.hexdigest()


def write_note(folder: Path, modules: Sequence[str], sources: str) -> None:
    """Say in `folder` what lies there, and the `digest` of the sources that it was made of."""
    note = {"modules": [*modules], "sources": sources, "suffix": EXTENSION_SUFFIXES[0]}
    (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def _usable() -> tuple[Path | None, str]:
    if os.environ.get(PURE, "0") not in ("", "0"):
        return None, f"{PURE} is set"
    folder = _built()
    if folder is None:
        return None, "not built: make accelerator"
    why_not = _unfit(folder)
    return None if why_not else folder, why_not


def _built() -> Path | None:
    return next((place for place in PLACES if (place / NOTE).is_file()), None)


def _unfit(folder: Path) -> str:
    note = _note(folder)
    if note.get("suffix") != EXTENSION_SUFFIXES[0]:
        return "built for another Python: make accelerator"
    return "" if note.get("sources") == digest() else "built from other sources: make accelerator"


def _note(folder: Path) -> dict[str, Any]:
    try:
        note = json.loads((folder / NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _sources() -> Iterator[Path]:
    for seen in SEEN:
        place = ROOT / seen
        yield from sorted(place.rglob("*.py")) if place.is_dir() else (place,)
