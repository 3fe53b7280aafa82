"""The files that a scenario names: found beside the file that names them, and told apart by what is in them.

What they hold is the models' business; here they are names and bytes.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path as FilePath
from typing import Any

from sim.scenario.shape import Path, Shape, shape_of
from sim.scenario.source import Source
from sim.units import InputError

HERE = FilePath()
"""The working folder: where the files of a command line lie."""
_CHUNK = 1 << 20


def beside(source: Source, cls: type, folder: FilePath, *, paths: Iterable[Path] = ((),)) -> Any:
    """The tree with the files that are named at or below `paths` joined to `folder`; their short forms spelled out.

    Raises
    ------
    InputError
        Where there is no such file: the place, and the name as the user gave it.
    """
    chosen = tuple(paths)

    def joined(written: str, at: Path) -> str:
        if not any(at[: len(path)] == path for path in chosen):
            return written
        if not (folder / written).exists():
            raise source.error(at, f"{written}: {_absent(written, folder)}")
        return str(folder / written)

    return _with_files(source.tree, cls, (), joined) if chosen else source.tree


def _absent(written: str, folder: FilePath) -> str:
    if FilePath(written).is_absolute() or folder == HERE:
        return "no such file; write its path as seen from here, or an absolute one"
    return f"no such file in {folder}; a path is relative to the file that names it"


def contents(tree: Any, cls: type) -> Any:
    """A resolved tree with the sha256 of each file's bytes in the place of its name.

    Raises
    ------
    InputError
        Where a file cannot be read.
    """
    return _with_files(tree, cls, (), lambda name, _: f"sha256:{_digest_of(name)}")


def _with_files(value: Any, annotation: Any, at: Path, replaced: Callable[[str, Path], str]) -> Any:
    """A copy with each file's name replaced; what does not fit its annotation is left to the loader's complaint."""
    if not _names_files(annotation):
        return value
    shape = shape_of(annotation)
    value = shape.kinds.spread(value) if shape.kinds else value
    if isinstance(value, str):
        if shape.is_file:
            return replaced(value, at)
        value = _spelled_out(value, shape)
    if isinstance(value, dict):
        return {key: _with_files(item, shape.below(key), (*at, key), replaced) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_files(item, shape.below(i), (*at, i), replaced) for i, item in enumerate(value)]
    return value


def _spelled_out(written: str, shape: Shape) -> Any:
    """What the class here makes of a text that stands for its mapping, such as a bare file name."""
    for cls in shape.classes:
        if hasattr(cls, "__fill__"):
            try:
                return cls.__fill__(written)
            except ValueError:
                return written
    return written


@functools.cache
def _names_files(annotation: Any) -> bool:
    """Whether a file may be named somewhere below: most of a scenario is passed over."""
    known, ahead = set(), [annotation]
    while ahead:
        shape = shape_of(here := ahead.pop())
        if shape.is_file:
            return True
        known.add(here)
        below = (*shape.keys.values(), *shape.items, *([] if shape.names is None else [shape.names]))
        ahead += [inner for inner in below if inner not in known]  # a class may stand inside itself
    return False


def _digest_of(name: str) -> str:
    try:
        found = FilePath(name).stat()
        return _digest(name, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None


@functools.lru_cache(maxsize=1024)
def _digest(name: str, _mtime_ns: int, _size: int) -> str:
    """Read once for all the trials of a study; a file that was written anew is read again."""
    digest = hashlib.sha256()
    with FilePath(name).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
